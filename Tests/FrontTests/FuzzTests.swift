import FrontFuzz
import Testing

@Suite("Requests that nobody would send")
struct FuzzTests {
    @Test("end in an answer or in a fault of the caller, whatever they are", arguments: 1...3)
    func shortRun(seed: UInt64) async throws {
        var report = FrontFuzz.Report()
        try await FrontFuzz(seed: seed).run(round: 0, count: 1_000, into: &report)
        #expect(report.executions == 1_000)
        #expect(report.findings.isEmpty, "\(report.findings.first.map(String.init(describing:)) ?? "")")
        // Not all noise: many operations took what they were sent.
        #expect(report.successes.count >= 15, "\(report.successes)")
    }

    @Test("are equal when the seed is")
    func reproducible() async throws {
        var reports = [FrontFuzz.Report(), FrontFuzz.Report()]
        for index in reports.indices { try await FrontFuzz(seed: 9).run(round: 4, count: 200, into: &reports[index]) }
        #expect(reports[0].answers == reports[1].answers && reports[0].successes == reports[1].successes)
    }
}
