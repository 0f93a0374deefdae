import Domain
import ECSShapes
import Identifiers
import StateStore
import TaskLifecycle

extension TaskRecord {
    /// What callers see as wanted: a task that ended by itself is wanted no more.
    var shownDesiredStatus: DesiredStatus {
        lastStatus == .stopped || observed?.stopCode != nil ? .stopped : desiredStatus
    }
}

extension ECSShapes.Task {
    /// A stored task as the API shows it.
    init(_ task: TaskRecord, in state: StateSnapshot, _ presence: HostPresence) {
        self.init(task, in: state, isHostConnected: presence.isConnected)
    }

    init(
        _ task: TaskRecord, in state: StateSnapshot, isHostConnected: (ContainerInstanceID) -> Bool
    ) {
        self.init()
        let definition = state.definition(task.definition)
        taskArn = task.id.arn
        clusterArn = task.id.cluster.arn
        taskDefinitionArn = task.definition.arn
        version = Int64(task.version)
        lastStatus = task.lastStatus.wire
        desiredStatus = task.shownDesiredStatus.wire
        healthStatus = (definition.map(task.healthStatus) ?? .unknown).wire
        group = task.group
        startedBy = task.startedBy
        cpu = String(task.reservation.cpu.value)
        memory = String(task.reservation.memory.value)
        overrides = ECSShapes.TaskOverride(task.overrides, containers: task.containers.map(\.name))
        enableExecuteCommand = task.enableExecuteCommand
        tags = task.tags.tagShapes
        inferenceAccelerators = []
        attachments = ECSShapes.Attachment(interfaceOf: task).map { [$0] } ?? []
        containers = task.containers.map { ECSShapes.Container($0, of: task, definition) }
        setCapacity(task, definition, state)
        setTimes(task)
        setEnd(task)
        if let connectivity = task.connectivity(isHostConnected: isHostConnected), task.isLive {
            self.connectivity = connectivity == .connected ? "CONNECTED" : "DISCONNECTED"
            connectivityAt = (task.observed?.startedAt ?? task.placement?.placedAt)?.wire
        }
    }

    private mutating func setCapacity(_ task: TaskRecord, _ definition: TaskDefinition?, _ state: StateSnapshot) {
        launchType = task.launchType.wireName
        capacityProviderName = task.capacityProvider
        let host = task.placement.flatMap { state.instances[$0.instance] }
        availabilityZone =
            host?.attributes.first { $0.name == "ecs.availability-zone" }?.value
            ?? task.placement.map { _ in task.id.cluster.scope.region + "a" }
        attributes = []
        guard task.launchType.isManaged else {
            containerInstanceArn = task.placement.map {
                ARN(
                    scope: $0.instance.scope, type: "container-instance",
                    path: [task.id.cluster.name, $0.instance.id]
                ).text
            }
            return
        }
        let architecture = definition?.cpuArchitecture ?? "X86_64"
        attributes = [ECSShapes.Attribute(name: "ecs.cpu-architecture", value: architecture.lowercased())]
        platformVersion = task.platformVersion
        platformFamily = "Linux"
        let storage = task.overrides.ephemeralStorageGiB ?? definition?.ephemeralStorageGiB ?? 20
        ephemeralStorage = ECSShapes.EphemeralStorage(sizeInGiB: storage)
        fargateEphemeralStorage = ECSShapes.TaskEphemeralStorage(sizeInGiB: storage)
    }

    private mutating func setTimes(_ task: TaskRecord) {
        createdAt = task.createdAt.wire
        pullStartedAt = task.observed?.pullStartedAt?.wire
        pullStoppedAt = task.observed?.pullStoppedAt?.wire
        startedAt = task.observed?.startedAt?.wire
        executionStoppedAt = task.observed?.executionStoppedAt?.wire
        let stopped = task.stoppedAt
        stoppedAt = stopped?.wire
        stoppingAt =
            ([task.verdict.stop?.at, task.observed?.executionStoppedAt].compactMap(\.self).min() ?? stopped)?.wire
    }

    private mutating func setEnd(_ task: TaskRecord) {
        guard task.shownDesiredStatus == .stopped else { return }
        stopCode = task.stopCode?.wire
        stoppedReason = task.stoppedReason
    }
}

extension ECSShapes.Attachment {
    /// The network interface of an awsvpc task; nil for other network modes.
    init?(interfaceOf task: TaskRecord) {
        guard let id = task.attachmentID else { return nil }
        self.init(id: id, type: "ElasticNetworkInterface", details: [])
        let interface = task.observed?.interface
        if task.lastStatus == .stopped {
            status = "DELETED"
        } else if task.observed?.attachment == .detached {
            status = "DETACHED"
        } else if interface != nil || task.observed?.attachment == .attached {
            status = "ATTACHED"
        } else {
            status = task.placement == nil ? "PRECREATED" : "ATTACHING"
        }
        if let subnet = task.networkConfiguration?.subnets.first { add("subnetId", subnet) }
        guard let interface else { return }
        add("networkInterfaceId", "eni-" + id.filter { $0 != "-" }.prefix(17))
        add("macAddress", interface.macAddress)
        add("privateDnsName", "ip-\(interface.address.map { $0 == "." ? "-" : String($0) }.joined()).ec2.internal")
        add("privateIPv4Address", interface.address)
    }

    private mutating func add(_ name: String, _ value: String) {
        details?.append(ECSShapes.KeyValuePair(name: name, value: value))
    }
}

extension ECSShapes.Container {
    init(_ container: TaskContainer, of task: TaskRecord, _ definition: TaskDefinition?) {
        self.init()
        let defined = definition?.containers.first { $0.name == container.name }
        let override = task.overrides.containers.first { $0.name == container.name }
        let observed = task.observed?.containers.first { $0.name == container.name }
        containerArn =
            ARN(
                scope: task.id.cluster.scope, type: "container",
                path: [task.id.cluster.name, task.id.id, container.id]
            ).text
        taskArn = task.id.arn
        name = container.name
        image = defined?.image
        imageDigest = observed?.imageDigest
        runtimeId = observed?.runtimeID
        lastStatus = (task.lastStatus == .stopped ? .stopped : observed?.status ?? .pending).wire
        exitCode = observed?.exitCode
        reason = observed?.reason
        healthStatus = (observed?.health ?? .unknown).wire
        networkBindings = (observed?.networkBindings ?? []).map { ECSShapes.NetworkBinding($0) }
        networkInterfaces =
            task.observed?.interface.map {
                [ECSShapes.NetworkInterface(attachmentId: task.attachmentID, privateIpv4Address: $0.address)]
            } ?? []
        cpu = String((override?.cpu ?? defined?.cpu)?.value ?? 0)
        memory = (override?.memory ?? defined?.memory).map { String($0.value) }
        memoryReservation = (override?.memoryReservation ?? defined?.memoryReservation).map { String($0.value) }
    }
}

extension ECSShapes.NetworkBinding {
    init(_ binding: NetworkBinding) {
        let isRange = binding.portCount != nil
        self.init(
            bindIP: binding.bindIP, containerPort: isRange ? nil : binding.containerPort,
            hostPort: isRange ? nil : binding.hostPort, protocol: binding.transport.rawValue,
            containerPortRange: binding.containerPortRange?.text, hostPortRange: binding.hostPortRange?.text)
    }
}
