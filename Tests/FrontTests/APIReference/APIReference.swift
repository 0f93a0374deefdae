import APIModel
import Foundation

/// `docs/api.md`, written from what the handlers were seen to do.
struct APIReference {
    typealias Verdicts = [(member: String, verdict: MemberVerdict)]

    /// nil for an operation that is not built.
    var operations: [(name: String, verdicts: Verdicts?)]

    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/api.md")

    var text: String {
        let built = operations.filter { $0.verdicts != nil }
        let all = built.flatMap { $0.verdicts ?? [] }
        func count(_ isKind: (MemberVerdict) -> Bool) -> Int { all.count { isKind($0.verdict) } }
        let counts =
            "\(built.count) of \(operations.count) operations are built. Their requests have \(all.count) members: "
            + "\(count(\.isReal)) real, \(count(\.isReported)) accepted and reported, \(count(\.isRefused)) refused."
        return """
            # The API, member by member

            Written by `scripts/api-reference` from the running handlers; do not edit. Each member of each request was sent to its
            operation, and this is what came of it:

            - **real**: the answer, what is stored, or the fault is another one with it
            - **accepted and reported**: it is kept, nothing acts on it, and the caller is told so: in an event of the service and by
              `berth status`
            - **refused**: `UnsupportedFeatureException` with the sentence given; a value that asks for nothing, or for what Berth does
              anyway, is taken

            Operations of EventBridge stand behind those of ECS, as `AWSEvents.NAME`; what they refuse is `ValidationException`. Then follow
            those of CloudWatch, as `GraniteServiceVersion20100801.NAME`; what they refuse is `ValidationError`; those of CloudWatch Logs, as
            `Logs_20140328.NAME`; those of Application Auto Scaling, as `AnyScaleFrontendService.NAME`; those of Elastic Load Balancing, as
            `ElasticLoadBalancing.NAME`, and of Certificate Manager, as `CertificateManager.NAME`. These two refuse values: a member is refused
            when all its values are, by `UnsupportedFeature`.

            Some make no difference by themselves, with the reason beside them; most of those are what agents send.

            Members that the model does not have are ignored, as on AWS. A member of a list or a map has `[]` or `{}` after the list's name.

            \(counts)

            \(operations.map(section).joined(separator: "\n"))
            """ + "\n"
    }

    private func section(_ operation: (name: String, verdicts: Verdicts?)) -> String {
        var lines = ["## \(operation.name)"]
        guard let verdicts = operation.verdicts else {
            return
                "## \(operation.name)\nNot built: `UnsupportedFeatureException`, \"\(Self.plain(operation.name)) is not built yet.\"\n"
        }
        if verdicts.isEmpty { lines.append("The request has no members.") }
        let real = verdicts.filter(\.verdict.isReal).map { "`\($0.member)`" }
        if !real.isEmpty { lines.append("Real: " + real.joined(separator: ", ")) }
        lines += Self.table("Accepted and reported", "what callers are told", verdicts) {
            if case .reported(let reason) = $1 { reason } else { nil }
        }
        lines += Self.table("Refused", "with", verdicts) {
            if case .refused(let sentence) = $1 { sentence } else { nil }
        }
        lines += Self.table("Makes no difference by itself", "because", verdicts) { member, verdict in
            guard verdict == .unseen else { return nil }
            return MembersWithoutDifference.reasons["\(operation.name).\(member)"] ?? "nobody knows why"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The name without its service's prefix.
    private static func plain(_ name: String) -> Substring { name.split(separator: ".").last ?? name[...] }

    /// Members of one kind, those with one reason in one row.
    private static func table(
        _ title: String, _ column: String, _ verdicts: Verdicts, _ reason: (String, MemberVerdict) -> String?
    ) -> [String] {
        var rows: [(reason: String, members: [String])] = []
        for (member, verdict) in verdicts {
            guard let reason = reason(member, verdict) else { continue }
            if let index = rows.firstIndex(where: { $0.reason == reason }) {
                rows[index].members.append("`\(member)`")
            } else {
                rows.append((reason, ["`\(member)`"]))
            }
        }
        if rows.isEmpty { return [] }
        return ["", "| \(title) | \(column) |", "|---|---|"]
            + rows.map { "| \($0.members.joined(separator: ", ")) | \($0.reason.replacing("|", with: "\\|")) |" }
    }
}

extension MemberVerdict {
    var isReal: Bool { self == .real }
    var isReported: Bool { if case .reported = self { true } else { false } }
    var isRefused: Bool { if case .refused = self { true } else { false } }
}
