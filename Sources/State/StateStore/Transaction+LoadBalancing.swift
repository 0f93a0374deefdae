public import Domain
public import Identifiers

extension Transaction {
    /// Deletes a load balancer with its listeners and their rules.
    public mutating func deleteLoadBalancer(_ id: LoadBalancerID) {
        for listener in Array(state.listeners(of: id)) { deleteListener(listener.id) }
        delete(.loadBalancer(id))
    }

    /// Deletes a listener with its rules.
    public mutating func deleteListener(_ id: ListenerID) {
        for rule in state.rules(of: id) { delete(.listenerRule(rule.id)) }
        delete(.listener(id))
    }

    /// Deletes a target group with its targets.
    public mutating func deleteTargetGroup(_ id: TargetGroupID) {
        for target in Array(state.targets(of: id)) { delete(.target(target.id)) }
        delete(.targetGroup(id))
    }

    /// Takes the way into an Express service away, and the load balancer with the last. What callers made use of stays: a
    /// target group that another rule uses, a load balancer with other rules or under deletion protection.
    public mutating func remove(_ ingress: ExpressIngress) {
        if state.listenerRules[ingress.rule] != nil { delete(.listenerRule(ingress.rule)) }
        if state.targetGroups[ingress.targetGroup] != nil, state.loadBalancers(using: ingress.targetGroup).isEmpty {
            deleteTargetGroup(ingress.targetGroup)
        }
        let id = ingress.rule.listener.loadBalancer
        guard let balancer = state.loadBalancers[id], balancer.tags.contains(ExpressIngress.tag),
            balancer.attributes["deletion_protection.enabled"] != "true",
            state.listeners(of: id).allSatisfy({ state.rules(of: $0.id).isEmpty })
        else { return }
        deleteLoadBalancer(id)
    }
}
