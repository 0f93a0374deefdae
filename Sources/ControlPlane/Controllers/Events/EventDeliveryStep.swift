public import Domain
public import Identifiers
public import StateStore

/// Which events are sent to their targets now: what is due, a few at a time to each target.
public struct EventDeliveryStep: Sendable {
    /// At once to one target: enough to make up for its answers' delay, few enough not to overrun it.
    static let lanes = 4

    public struct Start: Hashable, Sendable {
        public var delivery: EventDeliveryRecord
        public var target: EventTarget

        public init(delivery: EventDeliveryRecord, target: EventTarget) {
            self.delivery = delivery
            self.target = target
        }
    }

    /// What is on its way now, by target.
    private var underWay: [EventTargetID: Set<EventDeliveryID>] = [:]

    public init() {}

    /// What to send now, and when the next thing is due; nil for only when something changes.
    ///
    /// One target never takes the place of another.
    public mutating func step(_ state: StateSnapshot, now: Timestamp) -> (starts: [Start], next: Timestamp?) {
        var starts: [Start] = []
        var next: Timestamp?
        for (id, rule) in state.eventRules.values() {
            for target in rule.targets {
                let targetID = EventTargetID(rule: id, id: target.id)
                guard state.eventDeliveryCount(to: targetID) > 0 else { continue }
                for delivery in state.eventDeliveries(to: targetID) {
                    if underWay[targetID]?.contains(delivery.id) == true { continue }
                    guard delivery.dueAt <= now else {
                        next = min(next ?? delivery.dueAt, delivery.dueAt)
                        break
                    }
                    guard underWay[targetID, default: []].count < Self.lanes else { break }
                    underWay[targetID, default: []].insert(delivery.id)
                    starts.append(Start(delivery: delivery, target: target))
                }
            }
        }
        return (starts, next)
    }

    /// A try is over, and what came of it is written.
    public mutating func ended(_ id: EventDeliveryID) {
        underWay[id.target]?.remove(id)
        if underWay[id.target]?.isEmpty == true { underWay[id.target] = nil }
    }
}
