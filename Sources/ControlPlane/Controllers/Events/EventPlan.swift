public import Domain
public import Identifiers
package import StateStore

/// What one look at events and schedules must write, in one commit.
public struct EventPlan: Hashable, Sendable {
    public var deliveries: [EventDeliveryRecord] = []
    /// Set when it must be kept.
    public var cursor: EventCursorRecord?
    /// Times of schedules that were acted on.
    public var fired: [EventRuleID: Timestamp] = [:]
    /// Events that no queue had room for, by their rules.
    public var dropped: [EventRuleID: Int] = [:]
    /// What is to be said of it in the log.
    public var notes: [EventNote] = []

    public init() {}

    package var isEmpty: Bool { deliveries.isEmpty && cursor == nil && fired.isEmpty && dropped.isEmpty }
}

/// Something about events that whoever runs this should know.
public enum EventNote: Hashable, Sendable {
    /// Commits between are forgotten: their events were matched to nothing.
    case gap(after: Int64, next: Int64)
    /// The target's queue is full; it goes on from the change log when there is room.
    case lagging(EventTargetID)
    /// Times of a schedule that passed while nobody was there to act on them.
    case missed(EventRuleID, first: Timestamp)
    /// Its input path names nothing in this event.
    case noInput(EventTargetID, event: String)
    /// A time of a schedule came while the target's queue was full.
    case dropped(EventTargetID)
}

extension Transaction {
    /// Writes the plan, less what is for rules and targets that are gone.
    package mutating func put(_ plan: EventPlan) {
        for delivery in plan.deliveries {
            let target = delivery.id.target
            guard let rule = state.eventRules[target.rule], rule.targets.contains(where: { $0.id == target.id }) else {
                continue
            }
            put(delivery)
        }
        for id in Set(plan.fired.keys).union(plan.dropped.keys) {
            guard var rule = state.eventRules[id] else { continue }
            if let time = plan.fired[id] { rule.firedAt = max(time, rule.firedAt ?? time) }
            rule.failedDeliveries &+= plan.dropped[id] ?? 0
            put(rule)
        }
        if let cursor = plan.cursor { put(cursor) }
    }
}
