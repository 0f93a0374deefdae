import Identifiers

/// The whole system in one thread, under a seed: every run of it can be made again.
public enum Simulation {
    /// Runs until the installation came to rest after its faults, or an invariant broke.
    public static func run(seed: UInt64, _ options: SimulationOptions = SimulationOptions()) -> SimulationOutcome {
        let world = World(seed: seed, options: options)
        world.run()
        world.coverage.runs = 1
        world.coverage.events = world.trace.count
        return SimulationOutcome(
            seed: seed, traceHash: world.trace.hash, failure: world.failure, trace: world.trace.last,
            coverage: world.coverage, simulatedSeconds: Int(world.now.nanoseconds / 1_000_000_000))
    }
}
