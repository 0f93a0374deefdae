import ArgumentParser
import Foundation

/// `scheduler-bench planned|committed --hosts N --tasks N [--spread] [--constraints]`: measures one cell of the grid and
/// prints it as one line of JSON. One process for each, so that its memory is the cell's.
@main
struct SchedulerBenchCommand: AsyncParsableCommand {
    enum Measure: String, ExpressibleByArgument { case planned, committed }

    static let configuration = CommandConfiguration(
        commandName: "scheduler-bench", abstract: "Measures how fast tasks find hosts.")

    @Argument(help: "planned: by one thread, in memory. committed: by the placement step, into SQLite.")
    var measure: Measure
    @Option(help: "Simulated hosts.")
    var hosts = 5_000
    @Option(help: "Tasks to place.")
    var tasks = 10_000
    @Flag(help: "Spread over zones, then hosts, instead of packing by memory.")
    var spread = false
    @Flag(help: "memberOf and distinctInstance for every task.")
    var constraints = false

    func validate() throws {
        guard hosts > 0, tasks > 0 else { throw ValidationError("--hosts and --tasks must be above 0.") }
    }

    func run() async throws {
        let cluster = BenchCluster(hosts: hosts, tasks: tasks, spreads: spread, isConstrained: constraints)
        let measurement =
            switch measure {
            case .planned: PlannedRun(cluster).measure()
            case .committed: try await CommittedRun(cluster).measure()
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(measurement), as: UTF8.self))
    }
}
