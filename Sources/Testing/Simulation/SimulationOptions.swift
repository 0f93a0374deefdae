/// How a simulation runs.
public struct SimulationOptions: Sendable {
    /// What users do and what befalls the installation while faults happen: more take longer and reach further.
    public var steps: Int
    /// Whether anything goes wrong.
    public var hasFaults = true
    /// The kinds of faults that every run has; nil: each run has half of all, by its seed.
    public var faults: Set<SimulationFault>?
    /// A crash of the control plane at one write of the run.
    public var crash: PlannedCrash?
    /// A bug planted into the simulation's own wiring, which the run shall find.
    public var mutation: SimulationMutation?
    /// Whether every line of the trace is kept, not only the last ones.
    public var keepsTrace = false

    public init(steps: Int = 40) { self.steps = steps }
}

/// A crash of the control plane between two things it does.
public struct PlannedCrash: Hashable, Sendable {
    /// The write to the disk at which it happens; the first is 1.
    public var write: Int
    /// Whether the write is on disk by then; nobody has heard of it.
    public var isAfter: Bool

    public init(write: Int, isAfter: Bool) {
        self.write = write
        self.isAfter = isAfter
    }
}

/// What may go wrong.
public enum SimulationFault: String, CaseIterable, Sendable {
    case frameLost, frameLate, frameDoubled, frameReordered
    case reportLost, answerLost, reportLate, reportDoubled
    case agentCrash, agentCrashAtWrite, machineCrash
    case partition, halfPartition, hostLoss, machineGone
    case serverCrash, crashBeforeCommit, crashAfterCommit
    case slowDisk, failedWrite, uncertainWrite, fullDisk
    case clockJump, restore
    case containerCrash, pullFailure, stubbornStop, sickContainer
    case receiverDown, receiptLost
}

/// How a run ended.
public struct SimulationOutcome: Sendable {
    public var seed: UInt64
    /// Equal for equal seeds and options, in every process.
    public var traceHash: UInt64
    /// The invariant that broke; nil when none did.
    public var failure: String?
    /// The last lines of the trace, or all of them.
    public var trace: [String]
    public var coverage: SimulationCoverage
    /// Seconds of simulated time.
    public var simulatedSeconds: Int
}

/// What runs went through.
public struct SimulationCoverage: Sendable {
    public var runs = 0
    public var events = 0
    public var commits = 0
    /// Writes to the control plane's disk: each takes the commits that gathered.
    public var writes = 0
    public var faults: [String: Int] = [:]
    /// Requests of users by operation and how they were answered.
    public var operations: [String: Int] = [:]
    /// Ways taken: moves of tasks, such as `PENDING>RUNNING`, of deployments and hosts, causes of ends, kinds of messages.
    public var transitions: [String: Int] = [:]

    public init() {}

    public mutating func add(_ other: SimulationCoverage) {
        runs += other.runs
        events += other.events
        commits += other.commits
        writes += other.writes
        faults.merge(other.faults, uniquingKeysWith: +)
        operations.merge(other.operations, uniquingKeysWith: +)
        transitions.merge(other.transitions, uniquingKeysWith: +)
    }
}
