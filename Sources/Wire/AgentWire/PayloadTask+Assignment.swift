public import Domain
import Identifiers

extension PayloadTask {
    /// A task to run, in both forms: as stock agents read it, and Berth's own beside it.
    ///
    /// - Throws: what the encoder of the assignment throws; nothing, for values that came from records.
    public init(_ assignment: TaskAssignment, desired: DesiredStatus) throws {
        arn = assignment.task.arn
        taskClusterArn = assignment.task.cluster.arn
        family = assignment.family
        version = String(assignment.revision)
        desiredStatus = desired.word
        overrides = "{}"
        cpu = assignment.cpu.map { Double($0.value) / 1024 }
        memory = assignment.memory?.value
        launchType = assignment.launchType.word
        networkMode = assignment.networkMode.rawValue
        pidMode = assignment.pidMode?.rawValue
        ipcMode = assignment.ipcMode?.rawValue
        serviceName = assignment.service
        group = assignment.group
        volumes = assignment.volumes.map(PayloadVolume.init)
        containers = assignment.containers.map { PayloadContainer($0, of: assignment) }
        berth = try TaskExtension(assignment: assignment)
    }
}

extension PayloadVolume {
    fileprivate init(_ volume: VolumeDefinition) {
        name = volume.name
        if let docker = volume.docker {
            type = "docker"
            dockerVolumeConfiguration = DockerVolumeConfiguration(docker)
            return
        }
        type = "host"
        var host = HostVolume()
        host.sourcePath = volume.sourcePath
        self.host = host
    }
}

extension DockerVolumeConfiguration {
    fileprivate init(_ volume: DockerVolume) {
        scope = volume.scope.rawValue
        autoprovision = volume.autoprovision ?? false
        driver = volume.driver ?? "local"
        labels = Dictionary(volume.labels.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension PayloadContainer {
    fileprivate init(_ container: AssignedContainer, of assignment: TaskAssignment) {
        let definition = container.definition
        let task = assignment.task
        name = definition.name
        containerArn =
            ARN(scope: task.cluster.scope, type: "container", path: [task.cluster.name, task.id, container.id]).text
        image = definition.image
        essential = definition.essential
        command = definition.command
        entryPoint = definition.entryPoint
        environment = Self.environment(of: definition, launchType: assignment.launchType)
        cpu = definition.cpu.value
        memory = (definition.memory ?? assignment.memory)?.value
        portMappings = definition.portMappings.map(PayloadPortMapping.init)
        mountPoints = definition.mountPoints.map(PayloadMountPoint.init)
        volumesFrom = definition.volumesFrom.map(PayloadVolumeFrom.init)
        links = definition.links.isEmpty ? nil : definition.links.map(\.text)
        overrides = "{}"
        dockerConfig = DockerConfig(definition, networkMode: assignment.networkMode)
        healthCheckType = definition.healthCheck == nil ? nil : "docker"
        dependsOn = definition.dependsOn.map(PayloadDependency.init)
        startTimeout = definition.startTimeout
        stopTimeout = definition.stopTimeout
        restartPolicy = definition.restartPolicy.map(PayloadRestartPolicy.init)
        privileged = definition.privileged
    }

    /// What the definition sets, and `AWS_EXECUTION_ENV`, which no agent adds by itself.
    private static func environment(of definition: ContainerDefinition, launchType: LaunchType) -> [String: String] {
        var environment = ["AWS_EXECUTION_ENV": launchType.isManaged ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2"]
        for variable in definition.environment { environment[variable.key] = variable.value }
        return environment
    }
}

extension PayloadPortMapping {
    fileprivate init(_ mapping: PortMapping) {
        self.protocol = mapping.transport.rawValue
        containerPortRange = mapping.containerPortRange?.text
        guard containerPortRange == nil else { return }
        containerPort = mapping.containerPort
        hostPort = mapping.hostPort
    }
}

extension PayloadVolumeFrom {
    fileprivate init(_ source: VolumesFrom) {
        sourceContainer = source.container
        readOnly = source.readOnly
    }
}

extension PayloadMountPoint {
    fileprivate init(_ mount: MountPoint) {
        sourceVolume = mount.volume
        containerPath = mount.containerPath
        readOnly = mount.readOnly
    }
}

extension PayloadDependency {
    fileprivate init(_ dependency: ContainerDependency) {
        containerName = dependency.container
        condition = dependency.condition.rawValue.uppercased()
    }
}

extension PayloadRestartPolicy {
    fileprivate init(_ policy: RestartPolicy) {
        enabled = policy.enabled
        ignoredExitCodes = policy.ignoredExitCodes
        restartAttemptPeriod = policy.attemptPeriod
    }
}
