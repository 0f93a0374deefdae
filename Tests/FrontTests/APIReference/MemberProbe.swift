import APIModel
import Foundation
import JSONBytes
import Testing

@testable import Front

/// What the running handlers do with one member of a request.
enum MemberVerdict: Equatable {
    /// With it the answer or the state is another one.
    case real
    /// Taken, and the caller is told that nothing comes of it.
    case reported(String)
    /// Answered by `UnsupportedFeatureException`, with this sentence.
    case refused(String)
    /// No difference was seen.
    case unseen
}

/// Finds out what an operation does with each member, by asking it: the request of its golden script is sent without and
/// with the member, each time to a world of its own that the script made.
struct OperationProbe {
    let operation: ServiceModel.Operation
    private let samples = MemberSamples()

    struct Outcome: Equatable {
        var status: Int
        var answer: JSONValue
        var changes: [String]
        /// What `berth status` tells about settings without effect.
        var told: String

        var code: String? { answer["__type"]?.string }
        var message: String { answer["message"]?.string ?? "" }

        /// Whether callers are told of the setting: in an event of a service, or by `berth status`.
        func tells(_ name: String) -> Bool { told.contains(name) || changes.contains { $0.contains(name) } }
    }

    /// nil when the operation is not built.
    func verdicts() async throws -> [(member: String, verdict: MemberVerdict)]? {
        let script = GoldenScript(try String(contentsOf: GoldenScript.file(operation.name), encoding: .utf8))
        let base: Outcome
        do {
            base = try await outcome(script) { $0 }
        } catch let failure as GoldenRunner.Failure where failure.isOfWhatIsNotBuilt {
            return nil
        }
        if base.message.hasSuffix("is not built yet.") { return nil }
        var verdicts: [(String, MemberVerdict)] = []
        for member in ServiceModel.ecs.members(of: operation) {
            verdicts.append((member.path, try await verdict(of: member, script, base)))
        }
        return verdicts
    }

    private func verdict(
        of member: ServiceModel.Member, _ script: GoldenScript, _ base: Outcome
    ) async throws -> MemberVerdict {
        let inert = InertMembers.setting(operation.name, member.path)
        var verdict = MemberVerdict.unseen
        var isTaken = false
        for value in samples.values(of: member) {
            let outcome = try await outcome(script) {
                samples.setting(member, to: value, in: $0, of: operation.request)
            }
            if outcome.code == "UnsupportedFeatureException", Self.names(outcome.message, member.path) {
                return .refused(outcome.message.replacing(/\[\d+\]/, with: "[]"))
            }
            if let inert, !inert.isRefused, outcome != base, outcome.tells(inert.name) {
                return .reported(inert.reason)
            }
            if outcome != base, !Self.isOfModel(outcome) { verdict = .real }
            if outcome.status == 200, !(inert?.harmless.contains(value) ?? true) { isTaken = true }
        }
        // AWS's own rules come before Berth's: what no sample gets past is refused all the same.
        if let inert, inert.isRefused, !isTaken { return .refused("\(inert.path) is not supported: \(inert.reason).") }
        let isListed = MembersWithoutDifference.reasons["\(operation.name).\(member.path)"] != nil
        return verdict == .unseen && !isListed && samples.hasOneValue(member) ? .real : verdict
    }

    /// Whether the sentence is about the member or what it is part of.
    private static func names(_ message: String, _ path: String) -> Bool {
        let word = message.prefix { $0 != " " }.replacing(/\[\d+\]/, with: "[]")
        let plain = path.replacing("[]", with: "")
        // What stands beside a switch that cannot be turned on means nothing without it.
        let named = word.replacing("[]", with: "").replacing(/\.enabled?$/, with: "")
        return plain == named || plain.hasPrefix(named + ".") || plain.hasSuffix("." + named)
            || plain.contains("." + named + ".")
    }

    /// Whether the model's rules, which come before the handler, are what answered.
    private static func isOfModel(_ outcome: Outcome) -> Bool {
        outcome.message.hasSuffix(" cannot be empty.") || outcome.message.contains(" for parameter '")
            || outcome.message.hasPrefix("Parameter '")
    }

    /// Runs the script up to its first call of the operation, and sends that as `change` made it.
    private func outcome(_ script: GoldenScript, _ change: (JSONValue) -> JSONValue) async throws -> Outcome {
        let runner = try await GoldenRunner()
        for block in script.blocks {
            guard let call = try runner.call(of: block, operation.name) else {
                _ = try await runner.outcome(of: block)
                continue
            }
            return try await runner.outcome(sending: change(call.request), by: call)
        }
        throw GoldenRunner.Failure(description: "\(operation.name).txt does not call it")
    }
}
