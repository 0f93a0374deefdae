/// Bugs planted into the simulation's wiring around the product, to prove that the simulation would find such a bug.
public enum SimulationMutation: String, CaseIterable, Sendable {
    /// The control plane forgets at a restart which tasks shall stop.
    case forgetsVerdicts
    /// Plans are committed although what they were made from moved.
    case ignoresVersions
    /// Writes are acknowledged before they are on disk.
    case acknowledgesEarly
}
