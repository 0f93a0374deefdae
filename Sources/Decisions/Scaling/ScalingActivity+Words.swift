public import Domain
public import Identifiers

/// Activities in AWS's words.
///
/// - Source: Application Auto Scaling User Guide, "Scaling activities"
extension ScalingActivityRecord {
    /// A change of the desired count that was just made.
    public init(setting desired: Int, because cause: String, _ id: ScalingActivityID) {
        self.init(
            id: id, description: "Setting desired count to \(desired).", cause: cause, status: .inProgress)
        self.desired = desired
        statusMessage = "Successfully set desired count to \(desired). Waiting for change to be fulfilled by ecs."
    }

    /// A policy that was set off and did nothing.
    public init(notScaled: ScalingDecision.NotScaled, _ id: ScalingActivityID) {
        self.init(
            id: id, description: "Attempting to scale due to alarm triggered",
            cause: notScaled.cause, status: .failed)
        self.notScaled = [notScaled.reason]
    }

    /// A scheduled action that set the bounds, or could not.
    public init(of action: ScheduledActionRecord, _ bounds: ScalingBounds, isValid: Bool, _ id: ScalingActivityID) {
        let parts = [
            action.minimum.map { _ in "min capacity to \(bounds.minimum)" },
            action.maximum.map { _ in "max capacity to \(bounds.maximum)" },
        ].compactMap(\.self).joined(separator: " and ")
        self.init(
            id: id, description: "Setting \(parts)", cause: "scheduled action name \(action.id.name) was triggered",
            status: isValid ? .successful : .failed)
        statusMessage =
            isValid
            ? "Successfully set \(parts)"
            : "Failed to set \(parts). Reason: minimum capacity \(bounds.minimum) is above maximum capacity "
                + "\(bounds.maximum)."
        endedAt = id.startedAt
    }

    /// Why bounds alone changed the count.
    public static func cause(bounds: ScalingBounds, desired: Int) -> String {
        desired == bounds.minimum
            ? "minimum capacity was set to \(bounds.minimum)" : "maximum capacity was set to \(bounds.maximum)"
    }

    public var isOpen: Bool { status == .pending || status == .inProgress }

    /// How long a service may take to reach its count before the activity is given up. AWS names no time.
    public static let patience = Duration.seconds(3_600)

    /// How an open activity stands when the service wants and runs so many; nil when nothing changed.
    ///
    /// - Parameter isThere: false for a service that is gone or going.
    public func following(desired now: Int, running: Int, isThere: Bool, at time: Timestamp) -> ScalingActivityRecord? {
        guard isOpen, let desired else { return nil }
        var activity = self
        let set = "Successfully set desired count to \(desired)."
        if now != desired { return overridden(by: now, at: time) }
        if running == desired {
            activity.status = .successful
            activity.statusMessage = "\(set) Change successfully fulfilled by ecs."
        } else if !isThere || id.startedAt.adding(Self.patience) <= time {
            activity.status = .unfulfilled
            activity.statusMessage = "\(set) Change was not fulfilled by ecs."
        } else {
            return nil
        }
        activity.endedAt = time
        return activity
    }
}

extension ScalingActivityRecord {
    /// An open activity whose count is another one now; nil for one that is over.
    public func overridden(by count: Int, at time: Timestamp) -> ScalingActivityRecord? {
        guard isOpen, let desired else { return nil }
        var activity = self
        activity.status = .overridden
        activity.statusMessage =
            "Successfully set desired count to \(desired). Found it was later changed to \(count)."
        activity.endedAt = time
        return activity
    }
}

/// The least and the most tasks that a service scales to.
public struct ScalingBounds: Hashable, Sendable {
    public var minimum: Int
    public var maximum: Int

    public init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// With what a scheduled action says.
    public func applying(_ action: ScheduledActionRecord) -> ScalingBounds {
        ScalingBounds(minimum: action.minimum ?? minimum, maximum: action.maximum ?? maximum)
    }

    public var isValid: Bool { minimum <= maximum }

    /// `count` within them; the minimum counts where they contradict each other.
    public func clamped(_ count: Int) -> Int { max(minimum, min(count, maximum)) }
}
