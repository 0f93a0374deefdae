import ArgumentParser
import Foundation

/// Measures the metric store and what collecting costs. Prints one line of text for each figure.
@main
struct MetricsBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "metrics-bench")

    @Option(help: "Metrics that have a value every second.") var metrics = 1000
    @Option(help: "Simulated seconds of them.") var seconds = 3900
    @Option(help: "Days of minutes that are asked for.") var days = 15
    @Option(help: "Tasks whose agents speak.") var tasks = 1000
    @Option(help: "Seconds between two tellings of ECS's agent.") var ecsEvery = 20
    @Option(help: "Seconds between two tellings of Berth's agent.") var every = 5
    @Option(help: "Real seconds that agents are listened to.") var listen = 60

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("metrics-bench-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await StoreBench(directory: directory).ingest(metrics: metrics, seconds: seconds)
        try await StoreBench(directory: directory).query(days: days)
        for (agent, every) in [(FramesBench.Agent.ecs, ecsEvery), (.berth, every)] {
            try await FramesBench(directory: directory, tasks: tasks, agent: agent, every: every).run(seconds: listen)
        }
    }
}

func tell(_ name: String, _ value: Double, _ unit: String) {
    print("\(name)\t\(String(format: value < 100 ? "%.3f" : "%.0f", value))\t\(unit)")
}

/// Seconds of processor time that this process took.
func processorTime() -> Double {
    Double(clock()) / 1e6
}
