import ArgumentParser
import FrontFuzz
import Glibc

/// `front-fuzz --executions N --seed S`: prints what was executed, the answers by kind, and the memory in use.
@main
struct FrontFuzzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "front-fuzz", abstract: "Feeds made and damaged requests to every handler of the API.")

    @Option(help: "Requests to send.")
    var executions = 10_000
    @Option(help: "Equal seeds send equal requests.")
    var seed: UInt64 = 1
    @Option(help: "The first round; with --executions \(FrontFuzz.roundLength) only this one is run.")
    var round = 0

    func run() async throws {
        let fuzz = FrontFuzz(seed: seed)
        var report = FrontFuzz.Report()
        var round = round
        let clock = ContinuousClock()
        let start = clock.now
        let before = Self.residentKiB()
        var warm: Int?
        while report.executions < executions {
            try await fuzz.run(
                round: round, count: min(FrontFuzz.roundLength, executions - report.executions), into: &report)
            round += 1
            // What a tenth of the run has touched is what the rest needs too, unless something leaks.
            if warm == nil, report.executions * 10 >= executions { warm = Self.residentKiB() }
            if round % 50 == 0 {
                print("\(report.executions) executions, next round \(round), RSS \(Self.residentKiB()) KiB")
            }
        }
        let after = Self.residentKiB()
        for (code, count) in report.answers.sorted(by: { ($0.value, $1.key) > ($1.value, $0.key) }) {
            print("\(count)\t\(code)")
        }
        for finding in report.findings.prefix(50) { print(finding) }
        let took = (clock.now - start).components.seconds
        print(
            "\(report.executions) executions in \(took) s (seed \(seed)), \(report.successes.count) operations succeeded, "
                + "\(report.findings.count) findings")
        print("RSS: \(before) KiB at the start, \(warm ?? after) KiB after a tenth, \(after) KiB at the end")
        if !report.findings.isEmpty { throw ExitCode(1) }
    }

    /// Memory of this process that is not swapped out.
    private static func residentKiB() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) / 1024 : 0
    }
}
