import ArgumentParser
import Foundation
import Identifiers
import Metering
import Scaling

/// What scaling policies would do with a load, before they are put.
struct SimulateScaling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate-scaling",
        abstract: "Show what scaling policies would do with a load, before they are put.",
        discussion: """
            The decisions are those of the running control plane, in simulated time. The load spreads evenly over the tasks that \
            run, and a new task runs after --startup. The policy is the JSON of PutScalingPolicy with MinCapacity and MaxCapacity \
            beside it; several stand in "Policies". docs/scaling.md has examples.

              berth simulate-scaling --policy cpu.json --load day.csv --task-capacity 600 --svg day.svg
              berth simulate-scaling --policy cpu.json --from-history web 6h
            """)

    @OptionGroup var installation: InstallationOptions

    @Option(help: ArgumentHelp("JSON file with the policy, or with several.", valueName: "file"))
    var policy: String

    @Option(
        help: ArgumentHelp(
            "CSV file with the load: 'seconds,load per minute' in each line, or the load alone for each minute.",
            valueName: "file"))
    var load: String?

    @Option(
        name: .customLong("from-history"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "A service and how far back its own metrics are taken as load, such as web 6h.", valueName: "service time"))
    var history: [String] = []

    @Option(help: ArgumentHelp("The service's cluster, with --from-history.", valueName: "name"))
    var cluster = "default"

    @Option(
        name: .customLong("task-capacity"),
        help: ArgumentHelp(
            "The load per minute that one task carries at 100 percent. With --from-history it is measured.",
            valueName: "load"))
    var capacity: Double?

    @Option(help: ArgumentHelp("How long a new task takes until it carries load, such as 45s.", valueName: "time"))
    var startup = Span(seconds: 60)

    @Option(help: ArgumentHelp("How many tasks run at the beginning; the minimum by default.", valueName: "count"))
    var tasks: Int?

    @Option(help: ArgumentHelp("CPU units of a task, for the cost.", valueName: "units"))
    var cpu = 256

    @Option(help: ArgumentHelp("MiB of a task, for the cost.", valueName: "MiB"))
    var memory = 512

    @Option(help: ArgumentHelp("JSON file with prices, as 'berth cost' takes it.", valueName: "file"))
    var prices: String?

    @Option(help: ArgumentHelp("Write a plot there too.", valueName: "file"))
    var svg: String?

    func validate() throws {
        guard (load == nil) != history.isEmpty else { throw ValidationError("Give either --load or --from-history.") }
        guard history.isEmpty || history.count == 2, history.count < 2 || Span(argument: history[1]) != nil else {
            throw ValidationError("--from-history takes a service and a time, such as --from-history web 6h.")
        }
        if let capacity, !(capacity > 0 && capacity.isFinite) {
            throw ValidationError("--task-capacity must be above 0, got \(capacity).")
        }
        guard (1...1_000_000).contains(cpu), (1...100_000_000).contains(memory) else {
            throw ValidationError(
                "--cpu must be 1 to 1000000 units and --memory 1 to 100000000 MiB, got \(cpu) and \(memory).")
        }
        if let tasks, !(0...100_000).contains(tasks) {
            throw ValidationError("--tasks must be 0 to 100000, got \(tasks).")
        }
    }

    func run() async throws {
        let file = try ScalingPolicyJSON.read(policy)
        let prices = try self.prices.map { try PriceFile.read($0) } ?? .standard
        let series: LoadSeries
        if let load {
            guard let capacity = capacity ?? (file.needsCapacity ? nil : 1) else {
                throw ValidationError("--task-capacity is needed: the policies follow the utilization of tasks.")
            }
            series = LoadSeries(values: try LoadFile.read(load), capacity: capacity)
        } else {
            let (service, span) = (history[0], Span(argument: history[1]) ?? Span(seconds: 0))
            series = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
                try await LoadHistory(client: client, cluster: cluster, service: service).load(
                    of: file.tracked, span: span, capacity: capacity)
            }
        }
        guard !series.values.isEmpty else { throw CommandFailure("There is no load to simulate with.") }
        let simulation = ScalingSimulation(
            bounds: file.bounds, policies: file.simulated, capacity: series.capacity, startup: startup.seconds,
            tasks: tasks ?? file.bounds.minimum)
        let report = ScalingReport(
            simulation, simulation.run(series.values), cpu: cpu, memory: memory, prices: prices)
        for line in report.lines { print(line) }
        guard let svg else { return }
        do {
            try ScalingPlot(simulation, report.points).text.write(toFile: svg, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure("Cannot write \(svg): \(error.localizedDescription)")
        }
        print("Plot: \(svg)")
    }
}

/// A load per minute, and what of it fills one task.
struct LoadSeries {
    var values: [Double]
    var capacity: Double
}
