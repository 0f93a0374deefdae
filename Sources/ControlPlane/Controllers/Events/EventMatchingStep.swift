import Domain
public import EventRules
public import Identifiers
public import StateStore

/// Hands the events of commits to the targets of the rules that they match, in order.
///
/// All targets are read for together, from one place in the change log on. One whose queue is full is left behind and goes
/// on from a place of its own: no target waits for another, and what one has not had yet stays in the log for it.
public struct EventMatchingStep: Sendable {
    /// Most events on their way to one target; those of one commit may go beyond it.
    public static let queue = 1_000
    /// Most commits read again after a kill that matched nothing. More make a start slower, fewer cost more commits.
    static let unsaved: Int64 = 2_000
    /// As many records as other plans write at once.
    static let chunk = 90

    /// What to read next from the change log.
    public struct Reading: Hashable, Sendable {
        public var after: Revision
        /// The one target that it is read for; nil for all that are not behind.
        public var target: EventTargetID?
    }

    private let events: @Sendable (CommitBatch, StateSnapshot) -> [StreamedEvent]
    private var rules = CompiledRules()
    private var cursor: EventCursorRecord?
    private var savedRevision: Int64 = 0
    private var mustSave = false
    private var wasForAll = false

    /// - Parameter events: the events of one commit, in order.
    public init(events: @escaping @Sendable (CommitBatch, StateSnapshot) -> [StreamedEvent]) { self.events = events }

    /// What is to be read now; nil when every event was handed on.
    public mutating func reading(_ state: StateSnapshot) -> Reading? {
        var cursor = cursor ?? state.eventCursor ?? EventCursorRecord(revision: 0)
        if self.cursor == nil { savedRevision = cursor.revision }
        let isChanged = rules.update(state)
        let targets = rules.targets
        cursor.lagging.removeAll { !targets.contains($0.target) }
        // A restored backup is older than what was read.
        if cursor.revision > state.revision.value { cursor.revision = state.revision.value }
        defer { self.cursor = cursor }
        guard !targets.isEmpty else {
            cursor.revision = state.revision.value
            return nil
        }
        if isChanged, cursor.revision > savedRevision { mustSave = true }
        let behind = cursor.lagging.first { state.eventDeliveryCount(to: $0.target) <= Self.queue / 2 }
        let isBehind = cursor.revision < state.revision.value
        guard let behind, wasForAll || !isBehind else {
            wasForAll = true
            return isBehind || mustSave ? Reading(after: Revision(cursor.revision)) : nil
        }
        wasForAll = false
        return Reading(after: Revision(behind.revision), target: behind.target)
    }

    /// Matches what was read.
    ///
    /// - Parameter batches: commits behind the reading's place, oldest first; those that `state` does not have are left
    ///   for later.
    public mutating func match(
        _ batches: [CommitBatch], for reading: Reading, _ state: StateSnapshot, now: Timestamp, ingestedAt: String
    ) -> EventPlan {
        guard var cursor else { return EventPlan() }
        var plan = EventPlan()
        let known = batches.filter { $0.revision <= state.revision }
        var reached = reading.after.value
        if let first = known.first {
            if first.revision.value > reading.after.value + 1,
                rules.rules.contains(where: { $0.matchesFrom < first.time })
            {
                plan.notes.append(.gap(after: reading.after.value, next: first.revision.value))
            }
            for batch in known {
                hand(batch, for: reading.target, state, now: now, ingestedAt: ingestedAt, &cursor, &plan)
                reached = batch.revision.value
                if plan.deliveries.count >= Self.chunk { break }
            }
        } else if batches.isEmpty {
            if reached < state.revision.value {
                plan.notes.append(.gap(after: reached, next: state.revision.value + 1))
            }
            reached = state.revision.value
        }
        move(&cursor, of: reading.target, to: reached)
        if !plan.deliveries.isEmpty || cursor.lagging != self.cursor?.lagging || mustSave
            || cursor.revision - savedRevision >= Self.unsaved
        {
            plan.cursor = cursor
            savedRevision = cursor.revision
            mustSave = false
        }
        self.cursor = cursor
        return plan
    }

    private func move(_ cursor: inout EventCursorRecord, of target: EventTargetID?, to revision: Int64) {
        guard let target else {
            cursor.revision = max(cursor.revision, revision)
            return
        }
        guard let index = cursor.lagging.firstIndex(where: { $0.target == target }) else { return }
        cursor.lagging[index].revision = revision
        if revision >= cursor.revision { cursor.lagging.remove(at: index) }
    }

    /// The events of one commit to one target, or to all that are not behind.
    private func hand(
        _ batch: CommitBatch, for only: EventTargetID?, _ state: StateSnapshot, now: Timestamp, ingestedAt: String,
        _ cursor: inout EventCursorRecord, _ plan: inout EventPlan
    ) {
        let rules = rules.rules.filter { $0.matchesFrom <= batch.time && (only == nil || only?.rule == $0.id) }
        guard !rules.isEmpty else { return }
        var admitted: Set<EventTargetID> = []
        var behind = Set(cursor.lagging.map(\.target))
        if let only {
            admitted = [only]
            behind.remove(only)
        }
        for event in events(batch, state) {
            let candidates = rules.filter {
                $0.id.scope == event.scope && $0.pattern.mayMatch(source: event.source, detailType: event.detailType)
            }
            guard !candidates.isEmpty, let json = event.json() else { continue }
            for rule in candidates where rule.pattern.matches(json) {
                for target in rule.targets {
                    let id = EventTargetID(rule: rule.id, id: target.id)
                    guard only == nil || only == id, !behind.contains(id) else { continue }
                    if !admitted.contains(id) {
                        guard waiting(for: id, state, plan) < Self.queue else {
                            behind.insert(id)
                            cursor.lagging.append(.init(target: id, revision: batch.revision.value - 1))
                            cursor.lagging.sort { $0.target < $1.target }
                            plan.notes.append(.lagging(id))
                            continue
                        }
                        admitted.insert(id)
                    }
                    if let input = TargetInput.of(json, for: target, of: rule.id, ingestedAt: ingestedAt) {
                        plan.deliveries.append(
                            EventDeliveryRecord(
                                id: EventDeliveryID(target: id, event: event.id), input: input, createdAt: now))
                    } else {
                        plan.notes.append(.noInput(id, event: event.id))
                    }
                }
            }
        }
    }

    private func waiting(for target: EventTargetID, _ state: StateSnapshot, _ plan: EventPlan) -> Int {
        state.eventDeliveryCount(to: target) + plan.deliveries.count { $0.id.target == target }
    }
}
