import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore
import TaskLifecycle

extension ECSShapes.ContainerInstance {
    /// A stored host as the API shows it.
    init(_ record: ContainerInstanceRecord, in state: StateSnapshot, _ presence: HostPresence) {
        self.init(
            record, isConnected: presence.isConnected(record.id), tasks: state.tasks(on: record.id))
    }

    /// - Parameter tasks: those that were placed on it.
    init(_ record: ContainerInstanceRecord, isConnected: Bool, tasks: [TaskRecord]) {
        self.init()
        let host = PlacementHost(record: record, isConnected: isConnected, tasks: tasks)
        let counts = TaskCounts(tasks.filter { $0.desiredStatus == .running })
        containerInstanceArn = record.arn
        ec2InstanceId = record.ec2InstanceID
        capacityProviderName = record.capacityProvider
        version = Int64(record.changeCount)
        versionInfo = record.version.map {
            ECSShapes.VersionInfo(
                agentVersion: $0.agentVersion, agentHash: $0.agentHash, dockerVersion: $0.runtimeVersion)
        }
        registeredResources = Self.resources(record.resources, ports: record.reservedPorts)
        remainingResources = Self.resources(host.remaining, ports: host.usedPorts.sorted())
        status = record.status.wire
        agentConnected = host.isConnected && record.status != .inactive
        runningTasksCount = counts.running
        pendingTasksCount = counts.pending
        attributes = record.attributes.map { ECSShapes.Attribute(name: $0.name, value: $0.value) }
        registeredAt = record.registeredAt.wire
        attachments = []
        tags = record.tags.tagShapes
    }

    /// The resources as ECS lists them: PORTS are those in use.
    private static func resources(_ amount: Resources, ports: [Port]) -> [ECSShapes.Resource] {
        let used = { (transport: Port.Transport) in
            ports.filter { $0.transport == transport }.map { String($0.number) }
        }
        return [
            integer("CPU", amount.cpu.value), integer("MEMORY", amount.memory.value),
            set("PORTS", used(.tcp)), set("PORTS_UDP", used(.udp)),
        ]
    }

    private static func integer(_ name: String, _ value: Int) -> ECSShapes.Resource {
        ECSShapes.Resource(name: name, type: "INTEGER", doubleValue: 0, longValue: 0, integerValue: value)
    }

    private static func set(_ name: String, _ values: [String]) -> ECSShapes.Resource {
        ECSShapes.Resource(
            name: name, type: "STRINGSET", doubleValue: 0, longValue: 0, integerValue: 0, stringSetValue: values)
    }
}
