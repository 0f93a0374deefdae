import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

extension ECSShapes.LoadBalancer {
    init(_ port: ServiceLoadBalancer) {
        self.init(
            targetGroupArn: port.targetGroup.arn, containerName: port.containerName, containerPort: port.containerPort)
        advancedConfiguration = port.shift.map {
            ECSShapes.AdvancedConfiguration(
                alternateTargetGroupArn: $0.alternate.arn, productionListenerRule: $0.production.arn,
                testListenerRule: $0.test?.arn, roleArn: $0.roleARN)
        }
    }
}

/// What a caller says of a service's load balancers, held against the target groups and the task definition.
enum ServiceLoadBalancers {
    /// AWS's quota.
    private static let limit = 5

    /// - Throws: `InvalidParameterException`.
    /// - Source: Amazon ECS API Reference, LoadBalancer
    static func read(_ asked: [ECSShapes.LoadBalancer]) throws(APIFault) -> [ServiceLoadBalancer] {
        guard asked.count <= limit else {
            throw .invalidParameter("loadBalancers can name at most \(limit) target groups, got \(asked.count).")
        }
        var ports: [ServiceLoadBalancer] = []
        for each in asked {
            guard let arn = each.targetGroupArn, !arn.isEmpty else {
                throw .invalidParameter("loadBalancers needs a targetGroupArn for each container and port.")
            }
            guard let group = TargetGroupID(arn: arn) else {
                throw .invalidParameter("loadBalancers: '\(arn.prefix(200))' is not the ARN of a target group.")
            }
            guard let container = each.containerName, !container.isEmpty, let port = each.containerPort else {
                throw .invalidParameter("loadBalancers needs a containerName and a containerPort for \(arn).")
            }
            var new = ServiceLoadBalancer(targetGroup: group, containerName: container, containerPort: port)
            if let advanced = each.advancedConfiguration { new.shift = try shift(advanced) }
            guard !ports.contains(new) else {
                throw .invalidParameter("loadBalancers names \(arn) twice for the same container and port.")
            }
            ports.append(new)
        }
        return ports
    }

    private static func shift(
        _ asked: ECSShapes.AdvancedConfiguration
    ) throws(APIFault) -> ServiceLoadBalancer.Shift {
        func missing(_ member: String, _ value: String?) -> APIFault {
            .invalidParameter(
                "loadBalancers.advancedConfiguration.\(member) must be an ARN of Elastic Load Balancing, got "
                    + "'\((value ?? "").prefix(200))'.")
        }
        guard let alternate = asked.alternateTargetGroupArn.flatMap(TargetGroupID.init(arn:)) else {
            throw missing("alternateTargetGroupArn", asked.alternateTargetGroupArn)
        }
        guard let production = asked.productionListenerRule.flatMap(ListenerRuleReference.init(arn:)) else {
            throw missing("productionListenerRule", asked.productionListenerRule)
        }
        let test = asked.testListenerRule.flatMap(ListenerRuleReference.init(arn:))
        if let given = asked.testListenerRule, test == nil { throw missing("testListenerRule", given) }
        return ServiceLoadBalancer.Shift(
            alternate: alternate, production: production, test: test, roleARN: asked.roleArn)
    }

    /// Checks that the ports are there and that the groups can send them traffic.
    ///
    /// - Throws: `InvalidParameterException`.
    static func check(
        _ ports: [ServiceLoadBalancer], _ definition: TaskDefinition, on launchType: LaunchType, in state: StateSnapshot
    ) throws(APIFault) {
        let mode = launchType.isManaged ? .awsvpc : definition.effectiveNetworkMode
        for port in ports {
            guard let container = definition.containers.first(where: { $0.name == port.containerName }) else {
                throw .invalidParameter("The container \(port.containerName) does not exist in the task definition.")
            }
            guard container.portMappings.contains(where: { $0.covers(port.containerPort) }) else {
                throw .invalidParameter(
                    "The container \(port.containerName) did not have a container port \(port.containerPort) defined.")
            }
            try check(port.targetGroup, mode, in: state)
            guard !state.loadBalancers(using: port.targetGroup).isEmpty else {
                throw .invalidParameter(
                    "The target group with targetGroupArn \(port.targetGroup.arn) does not have an associated load "
                        + "balancer.")
            }
            guard let shift = port.shift else { continue }
            try check(shift.alternate, mode, in: state)
            guard shift.alternate != port.targetGroup else {
                throw .invalidParameter(
                    "loadBalancers.advancedConfiguration.alternateTargetGroupArn must be another target group than "
                        + "\(port.targetGroup.arn).")
            }
            for rule in [shift.production, shift.test].compactMap(\.self) where state.actions(of: rule) == nil {
                throw .invalidParameter("The listener rule \(rule.arn) does not exist.")
            }
        }
    }

    private static func check(
        _ id: TargetGroupID, _ mode: NetworkMode, in state: StateSnapshot
    ) throws(APIFault) {
        guard let group = state.targetGroups[id] else {
            throw .invalidParameter("The target group with targetGroupArn \(id.arn) does not exist.")
        }
        let fitting: TargetType? =
            switch mode {
            case .awsvpc: .ip
            case .bridge, .host: .instance
            case .none: nil
            }
        guard group.type == fitting else {
            throw .invalidParameter(
                "The provided target group \(id.arn) has target type \(group.type.rawValue), which is incompatible with "
                    + "the \(mode.rawValue) network mode specified in the task definition.")
        }
    }
}

extension PortMapping {
    fileprivate func covers(_ port: Int) -> Bool {
        guard transport == .tcp else { return false }
        return containerPortRange.map { ($0.first...max($0.first, $0.last)).contains(port) } ?? (containerPort == port)
    }
}
