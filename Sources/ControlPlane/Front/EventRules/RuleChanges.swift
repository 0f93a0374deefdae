import AWSWire
import Domain
import EventsShapes
import Identifiers
import ShapeRules
import StateStore

/// Deletes a rule without targets; one that is not there is no error.
struct DeleteRule: OperationHandler {
    let store: any StateStore

    func answer(_ request: EventsShapes.DeleteRuleRequest, _ call: APICall) async throws(APIFault)
        -> EmptyResponse
    {
        let bus = try EventBus(request.eventBusName, call.scope)
        let id = EventRuleID(scope: bus.scope, name: request.name ?? "")
        try await store.write { transaction throws(APIFault) in
            guard let rule = transaction.state.eventRules[id] else { return }
            guard rule.targets.isEmpty else { throw .validation("Rule can't be deleted since it has targets.") }
            transaction.delete(.eventRule(id))
        }
        return EmptyResponse()
    }
}

struct EnableRule: OperationHandler {
    let store: any StateStore

    func answer(_ request: EventsShapes.EnableRuleRequest, _ call: APICall) async throws(APIFault)
        -> EmptyResponse
    {
        try await store.write { transaction throws(APIFault) in
            var rule = try transaction.state.eventRule(request.name, on: request.eventBusName, call)
            if !rule.state.isEnabled { rule.set(.enabled, at: call.now) }
            transaction.put(rule)
        }
        return EmptyResponse()
    }
}

struct DisableRule: OperationHandler {
    let store: any StateStore

    func answer(_ request: EventsShapes.DisableRuleRequest, _ call: APICall) async throws(APIFault)
        -> EmptyResponse
    {
        try await store.write { transaction throws(APIFault) in
            var rule = try transaction.state.eventRule(request.name, on: request.eventBusName, call)
            rule.set(.disabled, at: call.now)
            transaction.put(rule)
        }
        return EmptyResponse()
    }
}
