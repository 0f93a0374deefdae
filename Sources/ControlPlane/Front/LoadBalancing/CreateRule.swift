import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Adds a rule to a listener of an application load balancer.
struct CreateRule: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ELBShapes.CreateRuleInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.CreateRuleOutput {
        try RuleParts.checkTransforms(request.transforms)
        let tags = try BalancingTags.checked(request.tags)
        let conditions = try RuleParts.conditions(request.conditions)
        let priority = request.priority ?? 0
        let suffix = ids.balancingSuffix()
        let record = try await store.write { transaction throws(APIFault) -> ListenerRuleRecord in
            let state = transaction.state
            let listener = try state.listener(request.listenerArn)
            let loadBalancer = listener.id.loadBalancer
            let actions = try RuleParts.actions(request.actions, on: listener, in: state)
            guard !state.rules(of: listener.id).contains(where: { $0.priority == priority }) else {
                throw .priorityInUse(priority)
            }
            let count = state.listeners(of: loadBalancer).reduce(0) { $0 + state.rules(of: $1.id).count }
            guard count < BalancingLimits.rules else { throw .tooMany("Rules", limit: BalancingLimits.rules) }
            var new = ListenerRuleRecord(
                id: ListenerRuleID(listener: listener.id, suffix: suffix), priority: priority, conditions: conditions,
                actions: actions, createdAt: call.now)
            new.tags = tags
            transaction.put(new)
            return new
        }
        return ELBShapes.CreateRuleOutput(rules: [record.shape])
    }
}

/// What requests say of a rule.
enum RuleParts {
    static func conditions(_ shapes: [ELBShapes.RuleCondition]?) throws(APIFault) -> [RuleCondition] {
        try balancing { () throws(BalancingFault) in try [RuleCondition](checking: shapes ?? []) }
    }

    /// - Throws: `UnsupportedProtocol` on a network load balancer, and all that may be wrong with actions.
    static func actions(
        _ shapes: [ELBShapes.Action]?, on listener: ListenerRecord, in state: StateSnapshot
    ) throws(APIFault) -> [RuleAction] {
        let loadBalancer = listener.id.loadBalancer
        guard loadBalancer.kind == .application else {
            throw APIFault(
                "UnsupportedProtocol",
                message: "Listeners with the protocol '\(listener.protocol.wire)' have no rules but their default one")
        }
        let setting = ActionSetting(kind: loadBalancer.kind, protocol: listener.protocol)
        let actions = try balancing { () throws(BalancingFault) in
            try [RuleAction](checking: shapes ?? [], for: setting)
        }
        try state.checkForwarding(actions, from: listener.protocol, of: loadBalancer)
        return actions
    }

    /// - Throws: `UnsupportedFeature` for any.
    static func checkTransforms(_ transforms: [ELBShapes.RuleTransform]?) throws(APIFault) {
        guard transforms?.isEmpty ?? true else {
            throw .unsupportedFeature("Transforms of requests are not supported.")
        }
    }
}
