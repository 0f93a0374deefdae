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
    let model: ServiceModel
    let operation: ServiceModel.Operation
    private let samples: MemberSamples

    init(_ model: ServiceModel, _ operation: ServiceModel.Operation) {
        self.model = model
        self.operation = operation
        samples = MemberSamples(model: model)
    }

    struct Outcome: Equatable {
        var status: Int
        var answer: JSONValue
        var changes: [String]
        /// What `berth status` tells about settings without effect.
        var told: String

        var code: String? { answer["__type"]?.string }
        var message: String { answer["message"]?.string ?? "" }

        /// Whether EventBridge or CloudWatch, which have no fault of their own for it, say that what the member asks for is
        /// not built.
        func refusesOfEvents(_ path: String) -> Bool {
            guard code == "ValidationException" || code == "ValidationError" else { return false }
            let word = path.split(separator: ".").last?.replacing("[]", with: "").lowercased() ?? path
            return ["not built.", "not built yet.", "there is no such service here."].contains(where: message.hasSuffix)
                || message.contains(" is not supported: ") && message.lowercased().contains(word)
        }

        /// Whether callers are told of the setting: in an event of a service, or by `berth status`.
        func tells(_ name: String) -> Bool { told.contains(name) || changes.contains { $0.contains(name) } }
    }

    /// One of the script's calls of the operation, and what comes of it as it stands.
    private struct Base {
        var script: GoldenScript
        var call: Int
        var outcome: Outcome
    }

    /// nil when the operation is not built.
    func verdicts() async throws -> [(member: String, verdict: MemberVerdict)]? {
        guard try await isBuilt() else { return nil }
        let script = GoldenScript(try String(contentsOf: GoldenScript.file(operation.name), encoding: .utf8))
        var bases: [Base] = []
        for call in 0..<script.calls(of: operation.name) {
            let outcome: Outcome
            do {
                outcome = try await self.outcome(script, call) { $0 }
            } catch let failure as GoldenRunner.Failure where failure.isOfWhatIsNotBuilt {
                return nil
            }
            if outcome.message.hasSuffix("is not built yet.") { return nil }
            if call == 0 || outcome.status == 200 { bases.append(Base(script: script, call: call, outcome: outcome)) }
        }
        var verdicts: [(String, MemberVerdict)] = []
        for member in model.members(of: operation) {
            verdicts.append((member.path, try await verdict(of: member, bases)))
            for (key, setting) in InertMembers.keys(of: member.path, operation.name) {
                verdicts.append(("\(member.path).\(key)", try await verdict(of: member, key, setting, bases)))
            }
        }
        return verdicts
    }

    /// Operations that are not built need no script.
    private func isBuilt() async throws -> Bool {
        if GoldenScript.names.contains(operation.name) { return true }
        let reply = try await FrontHarness().call(operation.name)
        return reply.message?.hasSuffix("is not built yet.") != true
    }

    /// The first word that settles it, else whether any of the calls came out differently.
    private func verdict(of member: ServiceModel.Member, _ bases: [Base]) async throws -> MemberVerdict {
        let inert = InertMembers.setting(operation.name, member.path)
        if let inert, InertMembers.seenElsewhere.contains("\(operation.name).\(member.path)") {
            return .reported(inert.reason)
        }
        var verdict = MemberVerdict.unseen
        // What EventBridge refuses of one kind of target may be a slip with another.
        let mayBeRefused = inert != nil || operation.name.hasPrefix("AWSEvents.")
        for base in bases where verdict == .unseen || mayBeRefused {
            switch try await self.verdict(of: member, inert, base) {
            case .unseen: continue
            case .real: verdict = .real
            case let settled: return settled
            }
        }
        let isListed = MembersWithoutDifference.reasons["\(operation.name).\(member.path)"] != nil
        return verdict == .unseen && !isListed && samples.hasOneValue(member) ? .real : verdict
    }

    /// Elastic Load Balancing and Certificate Manager refuse values, with sentences about them: what is refused whatever its
    /// value is refused.
    private var refusesValues: Bool {
        [FrontHarness.balancing, "CertificateManager."].contains { operation.name.hasPrefix($0) }
    }

    /// What comes of a key of a map, of which the closed list says that nothing acts on it.
    private func verdict(
        of member: ServiceModel.Member, _ key: String, _ setting: InertMembers.Setting, _ bases: [Base]
    ) async throws -> MemberVerdict {
        for base in bases {
            for value: JSONValue in ["true", "blocking", "1m"] {
                let outcome = try await outcome(base.script, base.call) {
                    samples.setting(member, to: value, key: key, in: $0, of: operation.request)
                }
                if outcome.status == 200, outcome.tells(setting.name) { return .reported(setting.reason) }
            }
        }
        return .unseen
    }

    private func verdict(
        of member: ServiceModel.Member, _ inert: InertMembers.Setting?, _ base: Base
    ) async throws -> MemberVerdict {
        var verdict = MemberVerdict.unseen
        var refusal: String?
        var isTaken = false
        for value in samples.values(of: member) {
            if refusesValues, verdict == .real { break }
            let outcome = try await outcome(base.script, base.call) {
                samples.setting(member, to: value, in: $0, of: operation.request)
            }
            if outcome.refusesOfEvents(member.path) { return .refused(outcome.message) }
            if outcome.code == "UnsupportedFeatureException", Self.names(outcome.message, member.path) {
                return .refused(outcome.message.replacing(/\[\d+\]/, with: "[]"))
            }
            if outcome.code == "UnsupportedFeatureException", refusesValues {
                refusal = refusal ?? outcome.message
                continue
            }
            // What is told without the member too is what its default asks for.
            if let inert, !inert.isRefused, outcome.status == 200, outcome.tells(inert.name) {
                return .reported(inert.reason)
            }
            if outcome != base.outcome, !Self.isOfModel(outcome) { verdict = .real }
            if outcome.status == 200, !(inert?.harmless.contains(value) ?? true) { isTaken = true }
        }
        if let refusal, verdict == .unseen { return .refused(refusal) }
        // AWS's own rules come before Berth's: what no sample gets past is refused all the same.
        if let inert, inert.isRefused, !isTaken { return .refused("\(inert.path) is not supported: \(inert.reason).") }
        return verdict
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

    /// Runs the script up to that call of the operation, and sends it as `change` made it.
    private func outcome(
        _ script: GoldenScript, _ number: Int, _ change: (JSONValue) -> JSONValue
    ) async throws -> Outcome {
        let runner = try await GoldenRunner()
        var earlier = 0
        for block in script.blocks {
            guard let call = try runner.call(of: block, operation.name), earlier == number else {
                if try runner.call(of: block, operation.name) != nil { earlier += 1 }
                _ = try await runner.outcome(of: block)
                continue
            }
            return try await runner.outcome(sending: change(call.request), by: call)
        }
        throw GoldenRunner.Failure(description: "\(operation.name).txt does not call it \(number + 1) times")
    }
}
