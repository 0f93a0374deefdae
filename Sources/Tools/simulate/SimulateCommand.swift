import ArgumentParser
import Logging
import Simulation

/// `simulate --seeds N`: runs the whole system under seeds and prints what was run, what went wrong in it, and what broke.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs control plane and agents in one thread under seeded faults.")

    @Option(help: "How many seeds to run.")
    var seeds = 100
    @Option(help: "The first seed.")
    var first: UInt64 = 1
    @Option(help: "What users do and what goes wrong in a run.")
    var steps = SimulationOptions().steps
    @Flag(help: "Leave out all faults.")
    var withoutFaults = false
    @Flag(help: "Print the whole trace of every run.")
    var trace = false
    @Option(help: "Plant a bug: one of \(SimulationMutation.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mutation: String?

    func validate() throws {
        if seeds < 1 { throw ValidationError("--seeds must be 1 or more, got \(seeds).") }
        if steps < 0 { throw ValidationError("--steps must be 0 or more, got \(steps).") }
        if let mutation, SimulationMutation(rawValue: mutation) == nil {
            throw ValidationError("'\(mutation)' is no mutation.")
        }
    }

    func run() throws {
        // What the product logs of the faults it is given is no news here.
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        var options = SimulationOptions(steps: steps)
        options.hasFaults = !withoutFaults
        options.keepsTrace = trace
        options.mutation = mutation.flatMap(SimulationMutation.init(rawValue:))
        var coverage = SimulationCoverage()
        var failed: [UInt64] = []
        var seconds = 0
        // All traces as one number: equal for equal arguments, in every process.
        var hash: UInt64 = 0
        for offset in 0..<UInt64(seeds) {
            let outcome = Simulation.run(seed: first &+ offset, options)
            coverage.add(outcome.coverage)
            seconds += outcome.simulatedSeconds
            hash = (hash ^ outcome.traceHash) &* 0x100_0000_01B3
            if trace { for line in outcome.trace { print(line) } }
            guard let failure = outcome.failure else { continue }
            failed.append(outcome.seed)
            if !trace { for line in outcome.trace.suffix(40) { print("  \(line)") } }
            print("seed \(outcome.seed) (--steps \(steps)): \(failure)")
        }
        show("faults", coverage.faults)
        show("requests", coverage.operations)
        show("branches covered", coverage.transitions)
        print(
            "\(coverage.runs) runs, \(seconds) s of simulated time, \(coverage.events) events, \(coverage.commits) commits, "
                + "\(coverage.faults.values.reduce(0, +)) faults, "
                + "\(coverage.transitions.count) branches covered, \(failed.count) failed; trace hash \(hash)")
        if !failed.isEmpty { throw ExitCode(1) }
    }

    private func show(_ title: String, _ counts: [String: Int]) {
        print("\(title):")
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(count)\t\(name)") }
    }
}
