/// Bugs planted into the simulation's wiring around the product, to prove that the simulation would find such a bug.
public enum SimulationMutation: String, CaseIterable, Sendable {
    // The store.

    /// Plans are committed although what they were made from moved.
    case ignoresVersions
    /// Writes are acknowledged before they are on disk.
    case acknowledgesEarly
    /// Now and then a write is acknowledged and never reaches the disk.
    case losesWrites
    /// A restart forgets which tasks shall stop.
    case forgetsVerdicts
    /// A restart forgets which requests it carried out.
    case forgetsTokens

    /// A restore does not raise the epoch.
    case keepsEpoch

    // The controllers.

    /// Services are not planned again when only time has passed.
    case ignoresTimers
    /// Services are not planned again when a task changes.
    case ignoresTasks
    /// A service starts one task more than planned.
    case startsOneTooMany
    /// A service stops one task more than planned.
    case stopsOneTooMany
    /// Tasks that were asked to stop count as running on.
    case countsStoppingAsRunning
    /// Traffic moves to a new revision while it is scaled up.
    case shiftsTrafficEarly
    /// New tasks all go to the last provider of their strategy.
    case ignoresBase
    /// A task set gets as many tasks as the service wants, whatever its share.
    case ignoresScale
    /// Services do not see that a host drains.
    case ignoresDraining
    /// Tasks are placed by what was true ten seconds ago.
    case placesOnStaleState
    /// Placement takes every host for twice its size.
    case doublesCapacity
    /// Placement takes no notice of host ports.
    case forgetsHostPorts
    /// Silent hosts are never given up.
    case neverGivesUp
    /// Tasks of lost hosts are given up without a cause.
    case givesUpWithoutCause
    /// Tasks of lost hosts are placed anew instead of given up.
    case movesLostTasks

    /// Now and then events are read and handed to nobody.
    case losesEvents
    /// An event that its receiver did not take counts as delivered.
    case neverRedelivers

    // The gateway.

    /// A host that connected once counts as connected for ever.
    case neverDisconnects
    /// Now and then a report is acknowledged and not stored.
    case losesReports
    /// A report overwrites what was known, late ones too.
    case overwritesReports
    /// Nobody hears of health checks.
    case losesHealth
    /// Agents are not told of stops.
    case hidesStops
    /// A payload is never sent again on its connection.
    case sendsPayloadsOnce

    // The agent.

    /// A finished task is forgotten at once.
    case forgetsFinished
    /// SIGKILL is never sent.
    case neverKills
    /// A restart of the agent takes ports of stopped tasks again.
    case restoresPorts
}
