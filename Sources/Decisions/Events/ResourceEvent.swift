public import Domain
public import Identifiers

/// Something that happened to a resource, as ECS tells EventBridge of it, or that a caller told the bus.
public enum ResourceEvent: Hashable, Sendable {
    /// The task as it became.
    case task(TaskRecord)
    /// The container instance as it became.
    case instance(ContainerInstanceRecord)
    case action(ServiceID, ServiceAction, at: Timestamp)
    case deployment(ServiceID, DeploymentChange)
    case hook(ServiceDeploymentID, HookChange)
    case user(Scope, UserEvent)
    /// An alarm that went to another state: as it was, and as it became.
    case alarm(AlarmRecord, AlarmRecord)
}

/// What became of a deployment.
public struct DeploymentChange: Hashable, Sendable {
    public var id: DeploymentID
    public var state: RolloutState
    public var reason: String
    public var updatedAt: Timestamp
}

/// What became of a hook at which a deployment waits.
public struct HookChange: Hashable, Sendable {
    public var hook: LifecycleHookRun
    public var updatedAt: Timestamp
}

/// The events of one record's change in one commit, in the order in which they are told.
///
/// Pure, and a function of the two versions alone: whoever reads the same commits gets the same events.
/// - Source: Amazon ECS Developer Guide, "Amazon ECS events"
public enum ResourceEvents {
    /// One for every change that callers of DescribeTasks see, other than of tags and protection.
    public static func of(_ before: TaskRecord?, _ after: TaskRecord?) -> [ResourceEvent] {
        guard let after, before?.told != after.told else { return [] }
        return [.task(after)]
    }

    /// One for every change of a container instance but of its tags; managed hosts are nobody's to see.
    public static func of(_ before: ContainerInstanceRecord?, _ after: ContainerInstanceRecord?) -> [ResourceEvent] {
        guard let after, after.cluster != nil, before?.told != after.told else { return [] }
        return [.instance(after)]
    }

    /// One for every change of an alarm's state.
    ///
    /// - Source: Amazon CloudWatch User Guide, "Alarm events and EventBridge"
    public static func of(_ before: AlarmRecord?, _ after: AlarmRecord?) -> [ResourceEvent] {
        guard let before, let after, before.state != after.state else { return [] }
        return [.alarm(before, after)]
    }

    /// Those of one PutEvents.
    public static func of(_ after: PutEventsRecord?) -> [ResourceEvent] {
        guard let after else { return [] }
        return after.events.map { .user(after.scope, $0) }
    }

    /// One for every hook that began to wait or came to its end, in the order in which they began.
    public static func of(
        _ before: ServiceDeploymentRecord?, _ after: ServiceDeploymentRecord?
    ) -> [ResourceEvent] {
        guard let after else { return [] }
        return (after.hooks ?? []).compactMap { hook in
            let old = before?.hooks?.first { $0.id == hook.id }
            guard old?.status != hook.status else { return nil }
            return .hook(after.id, HookChange(hook: hook, updatedAt: after.updatedAt))
        }
    }

    /// Deployments first: what the service says of them comes after what they became.
    public static func of(_ before: ServiceRecord?, _ after: ServiceRecord?) -> [ResourceEvent] {
        guard let after else { return [] }
        // Oldest first.
        let deployments: [ResourceEvent] = after.deployments.reversed().compactMap { deployment in
            let old = before?.deployments.first { $0.id == deployment.id }
            guard old?.rolloutState != deployment.rolloutState else { return nil }
            return .deployment(
                after.id,
                DeploymentChange(
                    id: deployment.id, state: deployment.rolloutState, reason: deployment.rolloutStateReason,
                    updatedAt: deployment.updatedAt))
        }
        let known = Set((before?.events ?? []).map(\.id))
        var actions: [ResourceEvent] = after.events.reversed().filter { !known.contains($0.id) }.compactMap { event in
            ServiceAction(event.message).map { .action(after.id, $0, at: event.at) }
        }
        if let before, after.schedulingStrategy == .daemon, before.desiredCount != after.desiredCount,
            after.status == .active
        {
            let latest = after.events.first?.at ?? after.createdAt
            actions.insert(.action(after.id, ServiceAction(.desiredCountUpdated), at: latest), at: 0)
        }
        return deployments + actions
    }
}

extension ResourceEvent {
    public var source: String {
        switch self {
        case .user(_, let event): event.source
        case .alarm: "aws.cloudwatch"
        default: "aws.ecs"
        }
    }

    public var detailType: String {
        switch self {
        case .task: "ECS Task State Change"
        case .instance: "ECS Container Instance State Change"
        case .action: "ECS Service Action"
        case .deployment: "ECS Deployment State Change"
        case .hook: "ECS Hook State Change"
        case .user(_, let event): event.detailType
        case .alarm: "CloudWatch Alarm State Change"
        }
    }

    public var scope: Scope {
        switch self {
        case .task(let task): task.id.cluster.scope
        case .instance(let instance): instance.id.scope
        case .action(let service, _, _), .deployment(let service, _): service.cluster.scope
        case .hook(let deployment, _): deployment.service.cluster.scope
        case .user(let scope, _): scope
        case .alarm(_, let alarm): alarm.id.scope
        }
    }
}

extension TaskRecord {
    /// What its events tell.
    fileprivate var told: TaskRecord {
        var task = self
        task.tags = []
        task.protection = nil
        task.refusals = []
        task.version = 0
        return task
    }
}

extension ContainerInstanceRecord {
    fileprivate var told: ContainerInstanceRecord {
        var instance = self
        instance.tags = []
        instance.changeCount = 0
        instance.addressBlock = nil
        instance.nodeAddress = nil
        return instance
    }
}
