import Domain
import ECSShapes

extension ECSShapes.TaskOverride {
    /// Shows an entry for every container, as ECS does, with a name alone where nothing is overridden.
    init(_ overrides: TaskOverrides, containers: [String]) {
        self.init(
            containerOverrides: containers.map { name in
                overrides.containers.first { $0.name == name }.map(ECSShapes.ContainerOverride.init)
                    ?? ECSShapes.ContainerOverride(name: name)
            },
            cpu: overrides.cpu.map { String($0.value) }, inferenceAcceleratorOverrides: [],
            executionRoleArn: overrides.executionRoleARN, memory: overrides.memory.map { String($0.value) },
            taskRoleArn: overrides.taskRoleARN,
            ephemeralStorage: overrides.ephemeralStorageGiB.map { ECSShapes.EphemeralStorage(sizeInGiB: $0) })
    }
}

extension ECSShapes.ContainerOverride {
    fileprivate init(_ override: ContainerOverride) {
        self.init(
            name: override.name, command: override.command,
            environment: override.environment.nonEmpty?.map { ECSShapes.KeyValuePair(name: $0.key, value: $0.value) },
            cpu: override.cpu?.value, memory: override.memory?.value,
            memoryReservation: override.memoryReservation?.value)
    }
}
