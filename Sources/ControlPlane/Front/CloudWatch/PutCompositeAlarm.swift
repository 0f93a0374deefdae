import AWSWire
import Alarms
import CloudWatchShapes
import Domain
import Identifiers
import ShapeRules
import StateStore

/// Makes a composite alarm, or replaces all of it but its state and tags.
///
/// - Source: Amazon CloudWatch API Reference, PutCompositeAlarm
struct PutCompositeAlarm: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.PutCompositeAlarmInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let id = AlarmID(scope: call.scope, name: request.alarmName ?? "")
        try AlarmConfiguration.checkName(id.name)
        let configuration = try AlarmConfiguration(
            description: request.alarmDescription, enabled: request.actionsEnabled, ok: request.okActions,
            alarm: request.alarmActions, insufficientData: request.insufficientDataActions, tags: request.tags,
            ofComposite: true, call.scope)
        let rule = try self.rule(request.alarmRule ?? "")
        let composite = try self.composite(request)
        try await store.write { transaction throws(APIFault) in
            let looksAt = rule.alarms + (composite.suppressor.map { [AlarmRule.name(of: $0)] } ?? [])
            for name in looksAt where transaction.state.alarms[AlarmID(scope: id.scope, name: name)] == nil {
                throw .validationError("The alarm \(name.prefix(255)) does not exist.")
            }
            guard !transaction.state.reaches(id, from: looksAt) else {
                throw .validationError("The alarm \(id.name) would depend on itself.")
            }
            try configuration.put(id, .composite(composite), at: call.now, &transaction)
        }
        return EmptyResponse()
    }

    private func rule(_ text: String) throws(APIFault) -> AlarmRule {
        do throws(AlarmRule.Fault) {
            return try AlarmRule(text)
        } catch {
            switch error {
            case .syntax(let near):
                throw .validationError("AlarmRule must contain a valid expression; it is not near '\(near)'.")
            case .tooManyAlarms: throw .validationError("AlarmRule must not name more than 100 alarms.")
            case .unbuilt(let function): throw .validationError("AlarmRule: the function \(function) is not built.")
            }
        }
    }

    private func composite(_ request: CloudWatchShapes.PutCompositeAlarmInput) throws(APIFault) -> CompositeAlarm {
        var composite = CompositeAlarm(rule: request.alarmRule ?? "")
        composite.suppressor = request.actionsSuppressor
        composite.suppressorWait = request.actionsSuppressorWaitPeriod
        composite.suppressorExtension = request.actionsSuppressorExtensionPeriod
        let periods = [composite.suppressorWait, composite.suppressorExtension]
        if composite.suppressor == nil {
            guard periods.allSatisfy({ $0 == nil }) else {
                throw .validationError("The suppressor's periods are for an alarm with an ActionsSuppressor.")
            }
            return composite
        }
        for period in periods {
            guard let period, (0...86_400).contains(period) else {
                throw .validationError(
                    "With an ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be "
                        + "specified, from 0 to 86400 seconds.")
            }
        }
        return composite
    }
}

extension AlarmRecord {
    /// The names of the alarms that a composite alarm looks at; none of a metric alarm.
    var children: [String] {
        guard case .composite(let composite) = rule, let read = try? AlarmRule(composite.rule) else { return [] }
        return read.alarms
    }

    /// As `children`, with the suppressor.
    var looksAt: [String] {
        guard case .composite(let composite) = rule else { return [] }
        return children + (composite.suppressor.map { [AlarmRule.name(of: $0)] } ?? [])
    }
}

extension StateSnapshot {
    /// Whether an alarm is among these or what they look at.
    fileprivate func reaches(_ alarm: AlarmID, from names: [String]) -> Bool {
        var todo = names
        var seen: Set<String> = []
        while let name = todo.popLast() {
            if name == alarm.name { return true }
            guard seen.insert(name).inserted else { continue }
            todo += alarms[AlarmID(scope: alarm.scope, name: name)]?.looksAt ?? []
        }
        return false
    }
}
