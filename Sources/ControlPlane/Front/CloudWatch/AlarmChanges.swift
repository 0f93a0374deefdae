import AWSWire
import Alarms
import CloudWatchShapes
import Domain
import Identifiers
import JSONBytes
import ShapeRules
import StateStore

/// Sets an alarm's state until it is looked at the next time.
struct SetAlarmState: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.SetAlarmStateInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        if let data = request.stateReasonData, (try? JSONValue(jsonBytes: Array(data.utf8))) == nil {
            throw .invalidFormat("StateReasonData is not valid JSON.")
        }
        try await store.write { transaction throws(APIFault) in
            var alarm = try transaction.state.alarm(request.alarmName, call.scope)
            let move = AlarmMove(
                alarm: alarm.id, state: AlarmState(rawValue: request.stateValue ?? "") ?? alarm.state,
                reason: request.stateReason ?? "", data: request.stateReasonData, suppression: alarm.suppression)
            let entries = alarm.apply(move, at: call.now) { transaction.state.setsOffPolicy($0, in: call.scope) }
            transaction.put(alarm)
            for entry in entries {
                transaction.addHistory(
                    of: alarm.id, entry.kind, summary: entry.summary, data: entry.data, at: call.now,
                    isComposite: alarm.isComposite)
            }
        }
        return EmptyResponse()
    }
}

/// Takes away alarms: all of those that are named, or none.
struct DeleteAlarms: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.DeleteAlarmsInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let names = Set(request.alarmNames ?? [])
        try await store.write { transaction throws(APIFault) in
            var gone: [AlarmRecord] = []
            for name in names.sorted() { gone.append(try transaction.state.alarm(name, call.scope)) }
            guard gone.count(where: \.isComposite) < 2 else {
                throw .validationError("More than one composite alarm cannot be deleted in one request.")
            }
            for other in transaction.state.alarms(in: call.scope)
            where other.isComposite && !names.contains(other.id.name) {
                guard let name = other.looksAt.first(where: names.contains) else { continue }
                throw .validationError(
                    "The alarm \(name) cannot be deleted: the composite alarm \(other.id.name) depends on it.")
            }
            for alarm in gone {
                transaction.delete(.alarm(alarm.id))
                transaction.tellConfiguration(of: alarm, .delete, at: call.now)
            }
        }
        return EmptyResponse()
    }
}

struct EnableAlarmActions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.EnableAlarmActionsInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        try await store.setActions(of: request.alarmNames ?? [], enabled: true, call)
        return EmptyResponse()
    }
}

struct DisableAlarmActions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.DisableAlarmActionsInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        try await store.setActions(of: request.alarmNames ?? [], enabled: false, call)
        return EmptyResponse()
    }
}

extension StateStore {
    /// Names of no alarm are passed over, as CloudWatch does.
    fileprivate func setActions(of names: [String], enabled: Bool, _ call: APICall) async throws(APIFault) {
        try await write { transaction throws(APIFault) in
            for name in Set(names).sorted() {
                guard var alarm = transaction.state.alarms[AlarmID(scope: call.scope, name: name)],
                    alarm.actionsEnabled != enabled
                else { continue }
                alarm.actionsEnabled = enabled
                transaction.put(alarm)
                transaction.tellConfiguration(of: alarm, .update, at: call.now)
            }
        }
    }
}
