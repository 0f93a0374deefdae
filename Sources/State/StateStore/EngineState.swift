import Identifiers

enum FlushOutcome: Sendable {
    case durable
    /// Why it is not, for people.
    case failed(String)
}

/// Commits that reach the log together, or a replacement of everything.
final class FlushGroup: Sendable {
    let latch = Latch<FlushOutcome>()
    /// Nothing may join, and nothing may run on the state before it.
    let isReplacement: Bool

    init(isReplacement: Bool = false) { self.isReplacement = isReplacement }
}

/// What a commit waits for.
enum Ticket: Sendable {
    case none
    case follow(FlushGroup)
    /// Flush the group once `previous` is through.
    case lead(FlushGroup, previous: FlushGroup?)
}

enum Admission<Result: Sendable, Refusal: Error>: Sendable {
    case admitted(Committed<Result>, Ticket)
    /// Thrown once what moved is visible: a planner that reads and plans again then sees it.
    case conflict(AggregateID, Ticket)
    /// Thrown once what the body saw is durable.
    case refused(Refusal, Ticket)
    /// Everything is being replaced: try again after it.
    case later(Latch<FlushOutcome>)
    case closed
}

/// What the log holds after it was read back.
enum LogState: Sendable {
    case asCommitted
    case moved(StateSnapshot)
    case broken(String)
}

/// The engine's state. Every method is one atomic step; none suspends.
struct EngineState {
    private enum Phase {
        case open
        /// The log failed and was not verified since.
        case closed
        case probing(Latch<FlushOutcome>)
    }

    private(set) var tip: StateSnapshot
    private(set) var committed: StateSnapshot
    var watchers = Watchers()
    private var changeLog: ChangeLog
    private var phase = Phase.open
    private var gathering: FlushGroup?
    private var gathered: [CommitBatch] = []
    private var flushing: FlushGroup?
    private var inFlight: [CommitBatch] = []
    private let limits: StoreLimits

    init(_ state: StateSnapshot, recent: [CommitBatch], limits: StoreLimits) {
        tip = state
        committed = state
        self.limits = limits
        let base = recent.first.map { Revision($0.revision.value - 1) } ?? state.revision
        changeLog = ChangeLog(base: base, limit: limits.keptChanges)
        for batch in recent { changeLog.append(batch) }
    }

    var gatheredCount: Int { gathered.count }

    // MARK: Commits

    mutating func admit<Result: Sendable, Refusal: Error>(
        expecting expected: AggregateVersions, at time: Timestamp,
        _ body: (inout Transaction) throws(Refusal) -> Result
    ) -> Admission<Result, Refusal> {
        guard case .open = phase else { return .closed }
        if let replacement = replacementOnItsWay { return .later(replacement.latch) }
        if let moved = expected.firstMoved(in: tip) { return .conflict(moved, sightOfTip) }
        var transaction = Transaction(on: tip)
        let result: Result
        do throws(Refusal) {
            result = try body(&transaction)
        } catch {
            return .refused(error, sightOfTip)
        }
        let changes = transaction.changes
        guard !changes.isEmpty else {
            let seen = Committed(result: result, revision: tip.revision)
            return .admitted(seen, sightOfTip)
        }
        let revision = Revision(tip.revision.value + 1)
        tip = transaction.state
        tip.stamp(changes, revision: revision)
        gathered.append(CommitBatch(revision: revision, time: time, changes: changes))
        return .admitted(Committed(result: result, revision: revision), join())
    }

    /// What to wait for until the tip is durable and visible.
    private var sightOfTip: Ticket { (gathering ?? flushing).map(Ticket.follow) ?? .none }

    private mutating func join() -> Ticket {
        if let gathering { return .follow(gathering) }
        let group = FlushGroup()
        gathering = group
        return .lead(group, previous: flushing)
    }

    /// Closes the group for its flush; nil when it failed together with the one before it.
    mutating func take(_ group: FlushGroup) -> (target: StateSnapshot, batches: [CommitBatch])? {
        guard gathering === group else { return nil }
        gathering = nil
        flushing = group
        inFlight = gathered
        gathered = []
        return (tip, inFlight)
    }

    /// The flush is on disk. Returns the watchers to finish.
    mutating func advance(_ group: FlushGroup, to target: StateSnapshot) -> [Watchers.Continuation] {
        let batches = inFlight
        inFlight = []
        flushing = nil
        guard !group.isReplacement else { return adopt(target) }
        committed = target
        var ended: [Watchers.Continuation] = []
        for batch in batches {
            changeLog.append(batch)
            ended += watchers.publish(batch)
        }
        return ended
    }

    /// The flush is not on disk: forgets it and what was gathered on top of it.
    mutating func fail(_ log: LogState) -> (group: FlushGroup?, watchers: [Watchers.Continuation]) {
        let lost = gathering
        gathering = nil
        gathered = []
        inFlight = []
        flushing = nil
        tip = committed
        return (lost, settle(log))
    }

    // MARK: Replacing everything

    enum ReplacementStart {
        case begun(FlushGroup, previous: FlushGroup?)
        case later(Latch<FlushOutcome>)
        case closed
    }

    mutating func beginReplacement() -> ReplacementStart {
        guard case .open = phase else { return .closed }
        if let gathering { return .later(gathering.latch) }
        if let flushing, flushing.isReplacement { return .later(flushing.latch) }
        let group = FlushGroup(isReplacement: true)
        gathering = group
        return .begun(group, previous: flushing)
    }

    /// What everything becomes: never older than what it replaces.
    func replacement(_ make: (StateSnapshot) -> StateSnapshot) -> StateSnapshot {
        var target = make(tip)
        target.restamp(Revision(max(tip.revision.value, target.revision.value) + 1))
        return target
    }

    private var replacementOnItsWay: FlushGroup? {
        if let gathering, gathering.isReplacement { return gathering }
        if let flushing, flushing.isReplacement { return flushing }
        return nil
    }

    private mutating func adopt(_ state: StateSnapshot) -> [Watchers.Continuation] {
        tip = state
        committed = state
        changeLog = ChangeLog(base: state.revision, limit: limits.keptChanges)
        return watchers.resyncAll()
    }

    // MARK: After a failure

    enum ProbeStart {
        case open
        case probing(Latch<FlushOutcome>)
        case probe(Latch<FlushOutcome>)
    }

    mutating func beginProbe() -> ProbeStart {
        switch phase {
        case .open: return .open
        case .probing(let latch): return .probing(latch)
        case .closed:
            let latch = Latch<FlushOutcome>()
            phase = .probing(latch)
            return .probe(latch)
        }
    }

    mutating func endProbe(_ log: LogState) -> [Watchers.Continuation] { settle(log) }

    private mutating func settle(_ log: LogState) -> [Watchers.Continuation] {
        switch log {
        case .asCommitted:
            phase = .open
            return []
        case .moved(let state):
            phase = .open
            return adopt(state)
        case .broken:
            phase = .closed
            return []
        }
    }

    func kept(after revision: Revision, limit: Int) -> [CommitBatch] {
        changeLog.batches(after: max(revision, changeLog.base), limit: limit) ?? []
    }

    /// nil when some of them are forgotten here.
    func remembered(after revision: Revision, limit: Int) -> [CommitBatch]? {
        changeLog.batches(after: revision, limit: limit)
    }

    // MARK: Watches

    /// Registers the watcher behind what it missed; nil when the stream is complete as it is.
    mutating func watch(
        _ scope: WatchScope, after revision: Revision, _ continuation: Watchers.Continuation
    ) -> Int? {
        guard revision <= committed.revision, let missed = changeLog.batches(after: revision) else {
            continuation.yield(.resync)
            return nil
        }
        return watchers.add(scope, continuation, replaying: missed)
    }
}
