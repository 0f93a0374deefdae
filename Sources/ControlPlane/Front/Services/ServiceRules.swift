import AWSWire
import Domain
import ECSShapes
import Identifiers

/// Rules that creating and updating a service share.
enum ServiceRules {
    /// More tasks than a cell holds.
    static let maximumDesiredCount = 100_000

    static func desiredCount(_ count: Int?) throws(APIFault) -> Int {
        guard let count else { throw .invalidParameter("The desired count must be specified.") }
        guard (0...maximumDesiredCount).contains(count) else {
            throw .invalidParameter("desiredCount must be between 0 and \(maximumDesiredCount), got \(count).")
        }
        return count
    }

    static func gracePeriod(_ seconds: Int?) throws(APIFault) -> Int? {
        if let seconds, seconds < 0 {
            throw .invalidParameter("healthCheckGracePeriodSeconds must be 0 or more, got \(seconds).")
        }
        return seconds
    }

    static func clientToken(_ token: String?) throws(APIFault) -> String? {
        if let token, token.utf8.count > 36 || !token.utf8.allSatisfy({ (33...126).contains($0) }) {
            throw .invalidParameter("clientToken can have up to 36 ASCII characters in the range 33-126.")
        }
        return token
    }

    /// Refuses members that ask for what task sets decide.
    /// - Parameter members: names, and whether the request has them.
    static func refuseOfTaskSets(_ members: [(name: String, isUsed: Bool)]) throws(APIFault) {
        guard let used = members.first(where: \.isUsed) else { return }
        throw .invalidParameter(
            "\(used.name) cannot be specified for a service with the EXTERNAL deployment controller. "
                + "Create a task set with it instead.")
    }

    /// Refuses members that make no sense with one task on every host.
    static func refuseOfDaemons(_ members: [(name: String, isUsed: Bool)]) throws(APIFault) {
        guard let used = members.first(where: \.isUsed) else { return }
        throw .invalidParameter("\(used.name) cannot be used with the DAEMON scheduling strategy.")
    }

    /// The event that tells which settings of the request have no effect here.
    static func report(
        _ inert: [InertSetting], of service: ServiceID, ids: any IDSource, now: Timestamp
    ) -> [ServiceEvent] {
        let reported = inert.filter { $0.verdict == .reported }
        guard !reported.isEmpty else { return [] }
        let list = reported.map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
        return [
            ServiceEvent(
                id: ids.uuid(), at: now,
                message: "(service \(service.name)) has settings that have no effect here: \(list).")
        ]
    }
}
