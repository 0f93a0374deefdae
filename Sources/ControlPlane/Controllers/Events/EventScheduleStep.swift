import Domain
import EventRules
public import Identifiers
import JSONBytes
public import StateStore

/// Fires rules at the times of their schedules, each time once.
///
/// A time is acted on up to a minute late, so that a restart loses none; what passed longer ago is not made up.
public struct EventScheduleStep: Sendable {
    /// EventBridge's own precision is a minute.
    static let grace = Duration.seconds(60)

    private struct Due: Sendable {
        /// What it was worked out from.
        var text: String
        var schedule: ScheduleExpression
        var from: Timestamp
        var start: Timestamp
        /// nil: never again.
        var at: Timestamp?
    }

    private var dues: [EventRuleID: Due] = [:]

    public init() {}

    /// What fires now, and when to look again.
    ///
    /// - Parameter text: a time as events write it.
    public mutating func step(
        _ state: StateSnapshot, now: Timestamp, ids: some IDSource, text: (Timestamp) -> String
    ) -> (plan: EventPlan, next: Timestamp?) {
        var plan = EventPlan()
        var next: Timestamp?
        let rules = state.eventRules.values().map(\.1).filter {
            $0.state.isEnabled && $0.schedule != nil && !$0.targets.isEmpty
        }
        if dues.count > rules.count { dues = dues.filter { id, _ in state.eventRules[id]?.schedule != nil } }
        for rule in rules {
            guard var due = due(of: rule) else { continue }
            if let at = due.at, at <= now, at.adding(Self.grace) <= now {
                plan.notes.append(.missed(rule.id, first: at))
                due.at = due.schedule.next(after: now.adding(.zero - Self.grace), start: rule.scheduledFrom)
            }
            dues[rule.id] = due
            guard let at = due.at else { continue }
            if at <= now {
                // What is left of a full commit, and the rule's next time, are looked for once this one is written.
                next = now
                guard plan.deliveries.count < EventMatchingStep.chunk else { continue }
                fire(rule, at: at, state, now: now, ids: ids, text: text, &plan)
            } else {
                next = min(next ?? at, at)
            }
        }
        return (plan, next)
    }

    /// Worked out anew only when the rule changed: a look is made at every commit.
    private func due(of rule: EventRuleRecord) -> Due? {
        guard let text = rule.schedule else { return nil }
        let from = max(rule.scheduledFrom, rule.firedAt ?? rule.scheduledFrom)
        let known = dues[rule.id]
        if let known, known.text == text, known.from == from, known.start == rule.scheduledFrom { return known }
        guard let schedule = known?.text == text ? known?.schedule : ScheduleExpression(text) else { return nil }
        return Due(
            text: text, schedule: schedule, from: from, start: rule.scheduledFrom,
            at: schedule.next(after: from, start: rule.scheduledFrom))
    }

    private func fire(
        _ rule: EventRuleRecord, at time: Timestamp, _ state: StateSnapshot, now: Timestamp, ids: some IDSource,
        text: (Timestamp) -> String, _ plan: inout EventPlan
    ) {
        plan.fired[rule.id] = time
        let id = ids.uuid()
        let event: JSONValue = [
            "version": "0", "id": .string(id), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": .string(rule.id.scope.account), "time": .string(text(time)),
            "region": .string(rule.id.scope.region), "resources": [.string(rule.id.arn)], "detail": [:],
        ]
        for target in rule.targets {
            let targetID = EventTargetID(rule: rule.id, id: target.id)
            guard state.eventDeliveryCount(to: targetID) < EventMatchingStep.queue else {
                plan.notes.append(.dropped(targetID))
                plan.dropped[rule.id, default: 0] += 1
                continue
            }
            guard let input = TargetInput.of(event, for: target, of: rule.id, ingestedAt: text(now)) else {
                plan.notes.append(.noInput(targetID, event: id))
                continue
            }
            plan.deliveries.append(
                EventDeliveryRecord(id: EventDeliveryID(target: targetID, event: id), input: input, createdAt: now))
        }
    }
}
