import AWSWire
import Domain
import Identifiers
import LoadBalancing
import StateStore

/// The ids that a way into an Express service needs; drawn before the transaction that uses them.
struct ExpressIngressNames: Sendable {
    let loadBalancer: String
    let listener: String
    let defaultRule: String
    let rule: String
    let targetGroup: String

    init(_ ids: some IDSource) {
        loadBalancer = ids.balancingSuffix()
        listener = ids.balancingSuffix()
        defaultRule = ids.balancingSuffix()
        rule = ids.balancingSuffix()
        targetGroup = ids.balancingSuffix()
    }
}

extension Transaction {
    /// Makes the way into an Express service: a target group, and a rule on a load balancer that Express services share,
    /// which is made for the first of them.
    ///
    /// - Returns: the container's port that gets its traffic.
    /// - Throws: `ClientException` where a quota of load balancers is used up.
    mutating func makeIngress(
        of service: ServiceID, _ settings: inout ExpressSettings, to definition: TaskDefinition, _ subnets: [String],
        _ names: ExpressIngressNames, now: Timestamp
    ) throws(APIFault) -> ServiceLoadBalancer {
        guard state.targetGroups.count < BalancingLimits.targetGroups else {
            throw .client("There are already \(BalancingLimits.targetGroups) target groups.")
        }
        let listener = try sharedListener(service.cluster.scope, subnets, names, now)
        let group = try settings.targetGroup(of: service, definition.expressPort, names, now: now)
        put(group)
        let host = service.expressHost(names.targetGroup)
        let taken = Set(state.rules(of: listener).map(\.priority))
        var rule = ListenerRuleRecord(
            id: ListenerRuleID(listener: listener, suffix: names.rule),
            priority: (1...(taken.count + 1)).first { !taken.contains($0) } ?? 1, conditions: [.hostHeader([host])],
            actions: [RuleAction(.forward(ForwardAction(groups: [.init(group: group.id, weight: 1)])), order: 1)],
            createdAt: now)
        rule.tags = [ExpressIngress.tag]
        put(rule)
        settings.ingress = ExpressIngress(rule: rule.id, targetGroup: group.id, host: host)
        return ServiceLoadBalancer(
            targetGroup: group.id, containerName: ExpressPlan.containerName, containerPort: group.port)
    }

    /// Makes the way into a service what the service says now; one of which a part is gone is made anew.
    ///
    /// - Throws: `ClientException` and `InvalidParameterException`.
    mutating func setIngress(
        of service: inout ServiceRecord, _ settings: inout ExpressSettings, to definition: TaskDefinition,
        _ names: ExpressIngressNames, now: Timestamp
    ) throws(APIFault) {
        if let ingress = settings.ingress, state.listenerRules[ingress.rule] != nil,
            var group = state.targetGroups[ingress.targetGroup]
        {
            if group.healthCheck.path != settings.healthCheckPath {
                group.healthCheck.path = settings.healthCheckPath
                put(group)
            }
            for index in service.loadBalancers.indices
            where service.loadBalancers[index].targetGroup == ingress.targetGroup
                && service.loadBalancers[index].containerName == ExpressPlan.containerName
            {
                service.loadBalancers[index].containerPort = definition.expressPort
            }
        } else {
            if let rest = settings.ingress {
                remove(rest)
                service.loadBalancers.removeAll { $0.targetGroup == rest.targetGroup }
            }
            let subnets = service.networkConfiguration?.subnets ?? []
            service.loadBalancers.append(
                try makeIngress(of: service.id, &settings, to: definition, subnets, names, now: now))
        }
        try ServiceLoadBalancers.check(service.loadBalancers, definition, on: service.launchType, in: state)
    }

    /// The listener of the first shared load balancer that has room, or of a new one.
    private mutating func sharedListener(
        _ scope: Scope, _ subnets: [String], _ names: ExpressIngressNames, _ now: Timestamp
    ) throws(APIFault) -> ListenerID {
        for number in 1...BalancingLimits.loadBalancers {
            let name = "ecs-express-gateway-alb-\(number)"
            guard let known = state.loadBalancer(named: name, in: scope) else {
                return try makeSharedListener(name, scope, subnets, names, now)
            }
            guard known.tags.contains(ExpressIngress.tag),
                let listener = state.listeners(of: known.id).first(where: { $0.port == 80 && $0.protocol == .http }),
                state.rules(of: listener.id).count < ExpressSettings.servicesPerLoadBalancer
            else { continue }
            return listener.id
        }
        throw .client("No load balancer has room for another Express service.")
    }

    private mutating func makeSharedListener(
        _ name: String, _ scope: Scope, _ subnets: [String], _ names: ExpressIngressNames, _ now: Timestamp
    ) throws(APIFault) -> ListenerID {
        guard state.loadBalancers.values().count(where: { $0.0.kind == .application }) < BalancingLimits.loadBalancers
        else {
            throw .client("There are already \(BalancingLimits.loadBalancers) application load balancers.")
        }
        var balancer = LoadBalancerRecord(
            id: LoadBalancerID(scope: scope, kind: .application, name: name, suffix: names.loadBalancer),
            scheme: .internetFacing, createdAt: now, subnets: subnets, securityGroups: [],
            addressIndex: state.freeAddressIndex)
        balancer.tags = [ExpressIngress.tag]
        put(balancer)
        let nothing = FixedResponseAction(
            status: 404, contentType: "text/plain", body: "No Express service has this name.\n")
        var listener = ListenerRecord(
            id: ListenerID(loadBalancer: balancer.id, suffix: names.listener), port: 80, protocol: .http,
            defaultActions: [RuleAction(.fixedResponse(nothing), order: 1)], defaultRule: names.defaultRule,
            createdAt: now)
        listener.tags = [ExpressIngress.tag]
        put(listener)
        return listener.id
    }
}

extension ExpressSettings {
    /// - Source: Amazon ECS Developer Guide, Express Mode services
    fileprivate static let servicesPerLoadBalancer = 25

    /// The health check of an application load balancer, at the service's path.
    ///
    /// - Throws: `validation` for a path that cannot be asked for.
    func healthCheck() throws(BalancingFault) -> TargetHealthCheck {
        var settings = HealthCheckSettings()
        settings.path = healthCheckPath
        return try settings.check(of: .http, .http1)
    }

    fileprivate func targetGroup(
        of service: ServiceID, _ port: Int, _ names: ExpressIngressNames, now: Timestamp
    ) throws(APIFault) -> TargetGroupRecord {
        var group = TargetGroupRecord(
            id: TargetGroupID(
                scope: service.cluster.scope, name: "ecs-gateway-tg-\(names.targetGroup)", suffix: names.targetGroup),
            type: .ip, protocol: .http, protocolVersion: .http1, port: port, vpc: "",
            healthCheck: try balancing { () throws(BalancingFault) in try healthCheck() }, createdAt: now)
        group.tags = [ExpressIngress.tag]
        return group
    }
}

extension TaskDefinition {
    /// The port of its container that gets the service's traffic.
    fileprivate var expressPort: Int {
        let main = containers.first { $0.name == ExpressPlan.containerName }
        return main?.portMappings.first?.containerPort ?? 80
    }
}

extension ServiceID {
    /// A name of its own in this installation, that can be read: of the service's name what a host name may have.
    fileprivate func expressHost(_ suffix: String) -> String {
        let word = name.lowercased().prefix(40).map { $0 == "_" ? "-" : $0 }.drop { $0 == "-" }
        return "\(word.isEmpty ? "" : String(word) + "-")\(suffix).ecs.\(cluster.scope.region).localhost"
    }
}
