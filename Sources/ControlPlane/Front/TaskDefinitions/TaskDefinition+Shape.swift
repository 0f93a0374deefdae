import Domain
import ECSShapes
import Identifiers
import ShapeRules

extension ECSShapes.TaskDefinition {
    /// A stored revision as the API shows it: lists that AWS returns empty are there, absent scalars are not.
    init(_ record: TaskDefinitionRecord) {
        let definition = record.definition
        self.init()
        taskDefinitionArn = record.id.arn
        family = record.id.family.name
        revision = record.id.revision
        status = record.status.wire
        containerDefinitions = definition.containers.map { ECSShapes.ContainerDefinition($0) }
        volumes = definition.volumes.map { ECSShapes.Volume($0) }
        networkMode = definition.networkMode?.rawValue
        cpu = definition.cpu.map { String($0.value) }
        memory = definition.memory.map { String($0.value) }
        requiresCompatibilities =
            definition.requiresCompatibilities.isEmpty ? nil : definition.requiresCompatibilities.map(\.wireName)
        compatibilities = definition.compatibilities.map(\.wireName)
        placementConstraints = definition.placementConstraints.compactMap { constraint in
            guard case .memberOf(let expression) = constraint else { return nil }
            return ECSShapes.TaskDefinitionPlacementConstraint(type: "memberOf", expression: expression)
        }
        requiresAttributes =
            definition.requiresAttributes.isEmpty
            ? nil : definition.requiresAttributes.map { ECSShapes.Attribute(name: $0) }
        taskRoleArn = definition.taskRoleARN
        executionRoleArn = definition.executionRoleARN
        if definition.cpuArchitecture != nil || definition.operatingSystemFamily != nil {
            runtimePlatform = ECSShapes.RuntimePlatform(
                cpuArchitecture: definition.cpuArchitecture, operatingSystemFamily: definition.operatingSystemFamily)
        }
        ephemeralStorage = definition.ephemeralStorageGiB.map { ECSShapes.EphemeralStorage(sizeInGiB: $0) }
        pidMode = definition.pidMode?.rawValue
        ipcMode = definition.ipcMode?.rawValue
        enableFaultInjection = definition.enableFaultInjection
        registeredAt = ECSShapes.Timestamp(milliseconds: record.registeredAt.milliseconds)
        deregisteredAt = record.deregisteredAt.map { ECSShapes.Timestamp(milliseconds: $0.milliseconds) }
        deleteRequestedAt = record.deleteRequestedAt.map { ECSShapes.Timestamp(milliseconds: $0.milliseconds) }
        registeredBy = record.registeredBy
    }
}

extension ECSShapes.Volume {
    init(_ volume: VolumeDefinition) {
        self.init(name: volume.name)
        guard let docker = volume.docker else {
            host = ECSShapes.HostVolumeProperties(sourcePath: volume.sourcePath)
            return
        }
        dockerVolumeConfiguration = ECSShapes.DockerVolumeConfiguration(
            scope: docker.scope.rawValue, autoprovision: docker.autoprovision, driver: docker.driver,
            labels: docker.labels.nonEmpty?.dictionary)
    }
}
