import AWSWire
import Domain
import EventRules
import EventsShapes
import Identifiers
import StateStore

/// Makes a rule, or replaces all of it but its targets and tags.
struct PutRule: OperationHandler {
    /// AWS's quota of rules on one bus.
    private static let limit = 300

    let store: any StateStore

    func answer(
        _ request: EventsShapes.PutRuleRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.PutRuleResponse {
        let bus = try EventBus(request.eventBusName, call.scope)
        let id = EventRuleID(scope: bus.scope, name: request.name ?? "")
        let pattern = try checkedPattern(request.eventPattern)
        let schedule = try checkedSchedule(request.scheduleExpression)
        guard pattern != nil || schedule != nil else {
            throw .validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        }
        let tags = try EventTags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            let old = transaction.state.eventRules[id]
            if old == nil, transaction.state.eventRules.count >= Self.limit { throw .eventLimitExceeded() }
            var rule = old ?? EventRuleRecord(id: id, createdAt: call.now)
            rule.pattern = pattern
            if rule.schedule != schedule { rule.beginSchedule(at: call.now) }
            rule.schedule = schedule
            rule.set(EventRuleState(wire: request.state), at: call.now)
            rule.description = request.description
            rule.roleARN = request.roleArn
            if old == nil { rule.tags = tags }
            transaction.put(rule)
        }
        return EventsShapes.PutRuleResponse(ruleArn: id.arn)
    }

    private func checkedPattern(_ text: String?) throws(APIFault) -> String? {
        guard let text, !text.isEmpty else { return nil }
        do throws(EventPatternError) {
            _ = try EventPattern(text)
            return text
        } catch {
            throw .invalidEventPattern(error.reason)
        }
    }

    private func checkedSchedule(_ text: String?) throws(APIFault) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard ScheduleExpression(text) != nil else { throw .validation("Parameter ScheduleExpression is not valid.") }
        return text
    }
}

extension EventRuleRecord {
    /// Begins its schedule anew: rates are counted from now.
    fileprivate mutating func beginSchedule(at now: Timestamp) {
        scheduledFrom = now
        firedAt = nil
    }

    /// Switches it on or off. What happened while it was off is not its own.
    mutating func set(_ new: EventRuleState, at now: Timestamp) {
        if new.isEnabled, !state.isEnabled {
            matchesFrom = now
            beginSchedule(at: now)
        }
        state = new
    }
}

extension EventRuleState {
    /// Without a word it is enabled.
    init(wire: String?) {
        switch wire {
        case "DISABLED": self = .disabled
        case "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": self = .enabledWithManagementEvents
        default: self = .enabled
        }
    }

    var wire: String {
        switch self {
        case .enabled: "ENABLED"
        case .disabled: "DISABLED"
        case .enabledWithManagementEvents: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        }
    }
}
