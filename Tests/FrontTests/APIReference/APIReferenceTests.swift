import APIModel
import Foundation
import Testing

@testable import Front

/// Every member of every request is real, reported or refused, and `docs/api.md` says which.
///
/// `scripts/api-reference` writes the page anew.
@Suite("The page of truth", .timeLimit(.minutes(10)))
struct APIReferenceTests {
    @Test("says of every member what the handlers do with it")
    func page() async throws {
        let operations = try await Self.probed()
        for (name, verdicts) in operations {
            for (member, verdict) in verdicts ?? [] {
                let path = "\(name).\(member)"
                let isKnown = MembersWithoutDifference.reasons[path] != nil
                #expect(
                    (verdict == .unseen) == isKnown, "\(path) was taken, and \(isKnown ? "" : "nothing ")came of it")
                guard let setting = InertMembers.setting(name, member) else { continue }
                if setting.isRefused {
                    #expect(verdict.isRefused, "\(path) is on the list of what is refused")
                } else {
                    // Of some members other values are refused.
                    #expect(
                        verdict.isReported || verdict.isRefused,
                        "\(path) is on the list of what is reported, and nobody is told")
                }
            }
        }
        let members = operations.map { ($0.name, ($0.verdicts ?? []).map(\.member)) }
        #expect(InertMembers.strays(Dictionary(uniqueKeysWithValues: members)).isEmpty)
        let page = APIReference(operations: operations)
        if ProcessInfo.processInfo.environment["BERTH_RECORD_GOLDEN"] == "1" {
            try page.text.write(to: APIReference.file, atomically: true, encoding: .utf8)
        } else {
            let stored = try String(contentsOf: APIReference.file, encoding: .utf8)
            #expect(stored == page.text, "docs/api.md is stale: run scripts/api-reference and commit the result")
        }
    }

    /// All operations, each on its own task: service by service, in the order of their names.
    private static func probed() async throws -> [(name: String, verdicts: APIReference.Verdicts?)] {
        var all: [(name: String, verdicts: APIReference.Verdicts?)] = []
        for model in ServiceModel.all { all += try await probed(model) }
        return all
    }

    private static func probed(
        _ model: ServiceModel
    ) async throws -> [(name: String, verdicts: APIReference.Verdicts?)] {
        try await withThrowingTaskGroup(of: (String, APIReference.Verdicts?).self) { group in
            for operation in model.operations {
                group.addTask { (operation.name, try await OperationProbe(model, operation).verdicts()) }
            }
            var all: [(name: String, verdicts: APIReference.Verdicts?)] = []
            for try await (name, verdicts) in group { all.append((name, verdicts)) }
            return all.sorted { $0.name < $1.name }
        }
    }
}
