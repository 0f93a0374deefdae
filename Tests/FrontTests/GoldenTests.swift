import ACMShapes
import CloudWatchShapes
import ECSShapes
import ELBShapes
import EventsShapes
import Foundation
import LogsShapes
import ScalingShapes
import Testing

@testable import Front

/// Requests, their answers and the state after, word for word.
///
/// `BERTH_RECORD_GOLDEN=1` writes the outcomes anew; the difference is then read before it is committed.
@Suite("Golden pairs")
struct GoldenTests {
    private static let records = ProcessInfo.processInfo.environment["BERTH_RECORD_GOLDEN"] == "1"

    @Test("answer and change what they always did", arguments: GoldenScript.names)
    func script(name: String) async throws {
        let text = try String(contentsOf: GoldenScript.file(name), encoding: .utf8)
        var script = GoldenScript(text)
        #expect(script.isRecorded || Self.records, "\(name).txt does not say what its calls answer")
        let runner = try await GoldenRunner()
        for index in script.blocks.indices {
            let block = script.blocks[index]
            let outcome = try await runner.outcome(of: block)
            if Self.records {
                script.blocks[index].outcome = outcome
            } else {
                #expect(block.outcome == outcome, "\(name): \(block.command)\n\(Self.remedy)")
            }
        }
        #expect(runner.called.contains(name), "\(name).txt has no call that \(name) answers")
        if Self.records { try script.text.write(to: GoldenScript.file(name), atomically: true, encoding: .utf8) }
    }

    private static let remedy = "If that is meant: make golden, read the difference, commit it."

    @Test("exist for every operation", arguments: ECSOperation.allCases)
    func complete(operation: ECSOperation) {
        #expect(GoldenScript.names.contains(operation.rawValue))
    }

    @Test("exist for every operation of Application Auto Scaling", arguments: ScalingOperation.allCases)
    func complete(operation: ScalingOperation) {
        #expect(GoldenScript.names.contains(operation.target))
    }

    @Test("exist for every operation of CloudWatch that is built", arguments: CloudWatchOperation.allCases)
    func complete(operation: CloudWatchOperation) {
        #expect(GoldenScript.names.contains(operation.target))
    }

    @Test("exist for every operation of EventBridge that is built", arguments: EventsOperation.allCases)
    func complete(operation: EventsOperation) {
        #expect(GoldenScript.names.contains(operation.target))
    }

    @Test("exist for every operation of CloudWatch Logs that is built", arguments: LogsOperation.allCases)
    func complete(operation: LogsOperation) {
        #expect(GoldenScript.names.contains(operation.target))
    }

    @Test("exist for every operation of Elastic Load Balancing that is built", arguments: ELBOperation.allCases)
    func complete(operation: ELBOperation) async throws {
        let name = FrontHarness.balancing + operation.rawValue
        guard !GoldenScript.names.contains(name) else { return }
        let reply = try await FrontHarness().call(name)
        #expect(reply.message == "\(operation.rawValue) is not built yet.")
    }

    @Test("exist for every operation of Certificate Manager that is built", arguments: ACMOperation.allCases)
    func complete(operation: ACMOperation) {
        #expect(GoldenScript.names.contains(operation.target))
    }
}
