public import Domain
public import Identifiers

extension StateSnapshot {
    /// The load balancer of that name.
    public func loadBalancer(named name: String, in scope: Scope) -> LoadBalancerRecord? {
        let first = LoadBalancerID(scope: scope, kind: .application, name: name, suffix: "")
        return loadBalancers.values(from: first).first { _ in true }.map { $0.1 }
            .flatMap { $0.id.scope == scope && $0.id.name == name ? $0 : nil }
    }

    /// The lowest place in the pool of data-plane addresses that no load balancer has.
    public var freeAddressIndex: Int {
        let taken = Set(loadBalancers.values().map(\.1.addressIndex))
        return (0...taken.count).first { !taken.contains($0) } ?? taken.count
    }

    /// The target group of that name.
    public func targetGroup(named name: String, in scope: Scope) -> TargetGroupRecord? {
        let first = TargetGroupID(scope: scope, name: name, suffix: "")
        return targetGroups.values(from: first).first { _ in true }.map { $0.1 }
            .flatMap { $0.id.scope == scope && $0.id.name == name ? $0 : nil }
    }

    /// In order of their ids.
    public func listeners(of loadBalancer: LoadBalancerID) -> some Sequence<ListenerRecord> {
        listeners.values(from: ListenerID(loadBalancer: loadBalancer, suffix: "")).lazy
            .prefix { $0.0.loadBalancer == loadBalancer }.map { $0.1 }
    }

    /// By which names a load balancer is reached: its own, and what its rules ask of the host where that is a whole name that
    /// ends in `.localhost` and is no load balancer's own.
    public func names(of loadBalancer: LoadBalancerRecord) -> [String] {
        var hosts: Set<String> = []
        let rules = listeners(of: loadBalancer.id).flatMap { self.rules(of: $0.id) }
        for case .hostHeader(let values) in rules.flatMap(\.conditions) {
            for value in values.map({ $0.lowercased() })
            where value.hasSuffix(".localhost") && !value.hasSuffix(".elb.localhost")
                && !value.contains(where: { $0 == "*" || $0 == "?" })
            {
                hosts.insert(value)
            }
        }
        return [loadBalancer.dnsName] + hosts.sorted()
    }

    /// In order of their priorities, without the default rule.
    public func rules(of listener: ListenerID) -> [ListenerRuleRecord] {
        listenerRules.values(from: ListenerRuleID(listener: listener, suffix: "")).lazy
            .prefix { $0.0.listener == listener }.map { $0.1 }
            .sorted { $0.priority < $1.priority }
    }

    /// In order of their ids and ports, those that drain among them.
    public func targets(of group: TargetGroupID) -> some Sequence<TargetRecord> {
        targets.values(from: TargetID(group: group, id: "", port: 0)).lazy
            .prefix { $0.0.group == group }.map { $0.1 }
    }

    /// The host that is shown with this id of an EC2 instance.
    public func instance(ec2 id: String, in scope: Scope) -> ContainerInstanceRecord? {
        let start = ContainerInstanceID(scope: scope, id: String(id.drop { $0 != "-" }.dropFirst()))
        return instances.values(from: start).first { _ in true }.map { $0.1 }
            .flatMap { $0.id.scope == scope && $0.ec2InstanceID == id ? $0 : nil }
    }

    /// The load balancers that send traffic to a target group, each once, in order.
    public func loadBalancers(using group: TargetGroupID) -> [LoadBalancerID] {
        var found: [LoadBalancerID] = []
        for rule in rules(using: group) where found.last != rule.listener.loadBalancer {
            found.append(rule.listener.loadBalancer)
        }
        return found
    }
}
