public import Domain
import Identifiers

extension TaskAssignment {
    /// What a host needs to run `task`: the definition with the task's overrides merged in.
    public init(_ task: TaskRecord, definition: TaskDefinition) {
        let overrides = task.overrides
        self.init(
            task: task.id, family: task.definition.family.name, revision: task.definition.revision,
            launchType: task.launchType,
            networkMode: task.networkMode,
            containers: task.containers.compactMap { identity in
                guard let container = definition.containers.first(where: { $0.name == identity.name }) else {
                    return nil
                }
                let override = overrides.containers.first { $0.name == identity.name }
                return AssignedContainer(id: identity.id, definition: override.map(container.applying) ?? container)
            },
            volumes: definition.volumes, group: task.group)
        cpu = overrides.cpu ?? definition.cpu
        memory = overrides.memory ?? definition.memory
        attachmentID = task.attachmentID
        service = task.service?.name
        pidMode = definition.pidMode
        ipcMode = definition.ipcMode
        ephemeralStorageGiB = overrides.ephemeralStorageGiB ?? definition.ephemeralStorageGiB
    }
}

extension ContainerDefinition {
    /// The definition with what the override names replaced; environment variables merge by name.
    func applying(_ override: ContainerOverride) -> ContainerDefinition {
        var merged = self
        merged.command = override.command ?? command
        merged.cpu = override.cpu ?? cpu
        merged.memory = override.memory ?? memory
        merged.memoryReservation = override.memoryReservation ?? memoryReservation
        for variable in override.environment {
            if let index = merged.environment.firstIndex(where: { $0.key == variable.key }) {
                merged.environment[index] = variable
            } else {
                merged.environment.append(variable)
            }
        }
        return merged
    }
}
