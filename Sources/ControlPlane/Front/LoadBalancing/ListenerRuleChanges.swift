import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Changes the conditions or the actions of a rule; a default rule's are changed with its listener.
struct ModifyRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyRuleInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyRuleOutput {
        try RuleParts.checkTransforms(request.transforms)
        let record = try await store.write { transaction throws(APIFault) -> ListenerRuleRecord in
            let state = transaction.state
            var record = try state.listenerRule(request.ruleArn, toBe: "modified")
            if let conditions = request.conditions { record.conditions = try RuleParts.conditions(conditions) }
            if let actions = request.actions {
                guard let listener = state.listeners[record.id.listener] else { throw .listenersNotFound() }
                record.actions = try RuleParts.actions(actions, on: listener, in: state)
            }
            transaction.put(record)
            return record
        }
        return ELBShapes.ModifyRuleOutput(rules: [record.shape])
    }
}

struct DeleteListenerRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DeleteRuleInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DeleteRuleOutput {
        try await store.write { transaction throws(APIFault) in
            let rule = try transaction.state.listenerRule(request.ruleArn, toBe: "deleted")
            transaction.delete(.listenerRule(rule.id))
        }
        return ELBShapes.DeleteRuleOutput()
    }
}

/// Gives rules of one listener other priorities, all at once: they may change places.
struct SetRulePriorities: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.SetRulePrioritiesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.SetRulePrioritiesOutput {
        let pairs = request.rulePriorities ?? []
        guard !pairs.isEmpty else { throw .validation("At least one rule priority must be specified") }
        let records = try await store.write { transaction throws(APIFault) -> [ListenerRuleRecord] in
            let records = try Self.changed(pairs, in: transaction.state)
            for record in records { transaction.put(record) }
            return records
        }
        return ELBShapes.SetRulePrioritiesOutput(rules: records.map(\.shape))
    }

    private static func changed(
        _ pairs: [ELBShapes.RulePriorityPair], in state: StateSnapshot
    ) throws(APIFault) -> [ListenerRuleRecord] {
        var changed: [ListenerRuleRecord] = []
        for pair in pairs {
            var record = try state.listenerRule(pair.ruleArn, toBe: "given a priority")
            guard let priority = pair.priority else { throw .validation("A priority must be specified for each rule") }
            if let first = changed.first, first.id.listener != record.id.listener {
                throw .validation("All rules must belong to the same listener")
            }
            guard !changed.contains(where: { $0.id == record.id }) else {
                throw .validation("Rule '\(record.id.arn)' is specified more than once")
            }
            guard !changed.contains(where: { $0.priority == priority }) else {
                throw .validation("Priority '\(priority)' is specified more than once")
            }
            record.priority = priority
            changed.append(record)
        }
        guard let listener = changed.first?.id.listener else { return [] }
        let (own, new) = (Set(changed.map(\.id)), Set(changed.map(\.priority)))
        for other in state.rules(of: listener) where !own.contains(other.id) && new.contains(other.priority) {
            throw .priorityInUse(other.priority)
        }
        return changed
    }
}

struct DescribeRules: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeRulesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeRulesOutput {
        let state = store.committed()
        let arns = request.ruleArns ?? []
        guard (request.listenerArn != nil) != !arns.isEmpty else {
            throw .validation("You must specify either listener rule ARNs or a listener ARN")
        }
        var rules: [(key: String, shape: ELBShapes.Rule)] = []
        if let arn = request.listenerArn {
            let listener = try state.listener(arn)
            rules = state.rules(of: listener.id).map(Self.row) + [Self.row(listener)]
        }
        for arn in arns { rules.append(try Self.row(arn, in: state)) }
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(rules.sorted { $0.key < $1.key }) { $0.key }
        return ELBShapes.DescribeRulesOutput(rules: page.map(\.shape), nextMarker: marker)
    }

    private static func row(_ arn: String, in state: StateSnapshot) throws(APIFault) -> (String, ELBShapes.Rule) {
        guard let id = ListenerRuleID(arn: arn) else { throw .notAnARN(arn, of: "listener rule") }
        if let rule = state.listenerRules[id] { return row(rule) }
        guard let listener = state.listeners[id.listener], listener.defaultRuleID == id else {
            throw .listenerRulesNotFound()
        }
        return row(listener)
    }

    /// By priority, the default rule last: digits come before letters.
    private static func row(_ rule: ListenerRuleRecord) -> (key: String, shape: ELBShapes.Rule) {
        let digits = String(rule.priority)
        return (String(repeating: "0", count: max(0, 5 - digits.count)) + digits + rule.id.suffix, rule.shape)
    }

    private static func row(_ listener: ListenerRecord) -> (key: String, shape: ELBShapes.Rule) {
        ("default" + listener.defaultRule, listener.defaultRuleShape)
    }
}
