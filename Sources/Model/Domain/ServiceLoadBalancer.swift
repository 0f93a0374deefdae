public import Identifiers

/// A container's port that gets its traffic by a target group. A service has at most five.
public struct ServiceLoadBalancer: Hashable, Codable, Sendable {
    public var targetGroup: TargetGroupID
    public var containerName: String
    public var containerPort: Int
    /// Between which two groups deployments shift traffic; nil where they do not.
    public var shift: Shift?

    /// How a deployment that runs two revisions beside each other gives each its traffic.
    public struct Shift: Hashable, Codable, Sendable {
        /// The group of the revision that has not `targetGroup`.
        public var alternate: TargetGroupID
        /// Whose traffic is shared between the two.
        public var production: ListenerRuleReference
        /// By which the new revision is tested.
        public var test: ListenerRuleReference?
        /// As the caller gave it: no role is assumed here.
        public var roleARN: String?

        public init(
            alternate: TargetGroupID, production: ListenerRuleReference, test: ListenerRuleReference? = nil,
            roleARN: String? = nil
        ) {
            self.alternate = alternate
            self.production = production
            self.test = test
            self.roleARN = roleARN
        }
    }

    /// The same port with the two groups in each other's place.
    public var swapped: ServiceLoadBalancer {
        guard let shift else { return self }
        var port = self
        port.targetGroup = shift.alternate
        port.shift?.alternate = targetGroup
        return port
    }

    public init(targetGroup: TargetGroupID, containerName: String, containerPort: Int) {
        self.targetGroup = targetGroup
        self.containerName = containerName
        self.containerPort = containerPort
    }
}

/// What decides about a part of a load balancer's traffic.
public enum ListenerRuleReference: Hashable, Comparable, Codable, Sendable {
    /// Of an application load balancer; its default rule too.
    case rule(ListenerRuleID)
    /// Of a network load balancer, whose listeners have no rules.
    case listener(ListenerID)

    /// - Returns: nil unless the text is the ARN of a rule or of a listener.
    public init?(arn: String) {
        if let rule = ListenerRuleID(arn: arn) {
            self = .rule(rule)
        } else if let listener = ListenerID(arn: arn) {
            self = .listener(listener)
        } else {
            return nil
        }
    }

    public var arn: String {
        switch self {
        case .rule(let id): id.arn
        case .listener(let id): id.arn
        }
    }

    public static func < (lhs: ListenerRuleReference, rhs: ListenerRuleReference) -> Bool { lhs.arn < rhs.arn }
}

/// How far a task of a service behind load balancers has come with its targets.
public enum TaskTraffic: String, Codable, Sendable {
    /// Its targets are there and may get traffic.
    case registered
    /// It shall stop: its targets get no new traffic, and what is under way has until the deregistration delay is over.
    case draining
    /// Its targets are gone for good.
    case left
}

extension TaskRecord {
    /// Whether its end waits for traffic that is under way.
    ///
    /// A task that a caller stopped does not wait: there both go at once, as at ECS.
    public var isHeldByTraffic: Bool {
        guard verdict.lostAt == nil, let stop = verdict.stop, stop.code != .userInitiated else { return false }
        return observed?.status == .running && (traffic == .registered || traffic == .draining)
    }

    /// What its host is told: `desiredStatus`, once no traffic is under way any more.
    public var orderedStatus: DesiredStatus { isHeldByTraffic ? .running : desiredStatus }

    /// Where load balancers reach the port of one of its containers; nil before that is known.
    ///
    /// - Parameters:
    ///   - type: how the target group names its targets.
    ///   - instance: how the host of the task is named where targets are hosts.
    /// - Returns: the target's id and port.
    public func address(
        of port: ServiceLoadBalancer, _ type: TargetType, instance: String?
    ) -> (id: String, port: Int)? {
        switch type {
        case .ip:
            return observed?.interface.map { ($0.address, port.containerPort) }
        case .instance:
            guard let instance else { return nil }
            if networkMode == .host { return (instance, port.containerPort) }
            let container = observed?.containers.first { $0.name == port.containerName }
            let binding = container?.networkBindings.flatMap(\.each)
                .first { $0.containerPort == port.containerPort && $0.transport == .tcp }
            return binding.map { (instance, $0.hostPort) }
        }
    }
}
