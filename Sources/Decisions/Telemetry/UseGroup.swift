public import Domain
public import Identifiers

/// What is known of a task whose use is told.
public struct UsedTask: Hashable, Sendable {
    public var cluster: ClusterID
    public var service: ServiceID?
    public var family: String
    /// Whether it runs on a container instance, of the cluster's own.
    public var isOnOwnInstance: Bool
    public var reserved: Resources
    /// What its containers reserve, those that say so.
    public var containers: [String: Resources] = [:]
    public var insights: ContainerInsights

    public init(_ task: TaskRecord, _ definition: TaskDefinition?, insights: ContainerInsights) {
        cluster = task.id.cluster
        service = task.service
        family = task.definition.family.name
        isOnOwnInstance = !task.launchType.isManaged
        reserved = task.reservation
        self.insights = insights
        for container in definition?.containers ?? [] where insights == .enhanced {
            let memory = container.memoryReservation ?? container.memory ?? task.reservation.memory
            let cpu = container.cpu.value > 0 ? container.cpu : task.reservation.cpu
            containers[container.name] = Resources(cpu: cpu, memory: memory)
        }
    }
}

/// How much a cluster tells of itself.
public enum ContainerInsights: String, Hashable, Sendable {
    case disabled, enabled, enhanced

    /// By the cluster's setting `containerInsights`.
    public init(_ cluster: ClusterRecord?) {
        let value = cluster?.settings.first { $0.key == "containerInsights" }?.value
        self = value.flatMap(ContainerInsights.init(rawValue:)) ?? .disabled
    }
}

/// Tasks, or containers, whose use is told as one.
enum UseGroup: Hashable, Sendable {
    /// AWS/ECS of a service.
    case service(ServiceID)
    /// AWS/ECS of the container instances of a cluster.
    case instances(ClusterID)
    /// ECS/ContainerInsights, with what it is told of beside the cluster.
    case insights(ClusterID, [KeyValue])
    /// The same of one container, of which only its share of its task is told.
    case container(ClusterID, [KeyValue])

    /// Those that a task's use goes into.
    static func groups(of task: UsedTask, _ id: TaskID) -> [UseGroup] {
        var groups = task.service.map { [UseGroup.service($0)] } ?? []
        if task.isOnOwnInstance { groups.append(.instances(task.cluster)) }
        guard task.insights != .disabled else { return groups }
        let family = KeyValue(key: "TaskDefinitionFamily", value: task.family)
        groups.append(.insights(task.cluster, []))
        groups.append(.insights(task.cluster, [family]))
        if let service = task.service {
            groups.append(.insights(task.cluster, [KeyValue(key: "ServiceName", value: service.name)]))
        }
        if task.insights == .enhanced {
            groups.append(.insights(task.cluster, [family, KeyValue(key: "TaskId", value: id.id)]))
        }
        return groups
    }

    static func containerGroup(of task: UsedTask, _ id: TaskID, container: String) -> UseGroup {
        let dimensions = [
            KeyValue(key: "ContainerName", value: container),
            KeyValue(key: "TaskDefinitionFamily", value: task.family), KeyValue(key: "TaskId", value: id.id),
        ]
        return .container(task.cluster, dimensions)
    }

    /// - Returns: the namespace and the dimensions of its metrics.
    var place: (scope: Scope, namespace: String, dimensions: [KeyValue]) {
        switch self {
        case .service(let id):
            (
                id.cluster.scope, "AWS/ECS",
                [KeyValue(key: "ClusterName", value: id.cluster.name), KeyValue(key: "ServiceName", value: id.name)]
            )
        case .instances(let id):
            (id.scope, "AWS/ECS", [KeyValue(key: "ClusterName", value: id.name)])
        case .insights(let id, let more), .container(let id, let more):
            (id.scope, "ECS/ContainerInsights", [KeyValue(key: "ClusterName", value: id.name)] + more)
        }
    }
}
