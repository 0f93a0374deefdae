public import Domain
public import ECSShapes
import JSONBytes

extension TaskOverrides {
    /// Most bytes of the overrides of a task as JSON.
    /// - Source: Amazon ECS API Reference, RunTask, overrides.
    static let sizeLimit = 8192

    /// The overrides of a request, checked against the definition that they change.
    ///
    /// - Throws: `.invalidParameter` for what they say, or for what the definition becomes by them.
    public init(
        validating shape: ECSShapes.TaskOverride?, of definition: TaskDefinition, on type: LaunchType
    ) throws(ValidationFault) {
        self.init()
        guard let shape else { return }
        do throws(ValidationFault) {
            try read(shape, definition)
            try check(definition, on: type)
        } catch {
            throw ValidationFault(.invalidParameter, error.message)
        }
    }

    private mutating func read(_ shape: ECSShapes.TaskOverride, _ definition: TaskDefinition) throws(ValidationFault) {
        if shape.jsonBytes().count > Self.sizeLimit {
            throw .client("Overrides must be at most \(Self.sizeLimit) characters, the JSON formatting included.")
        }
        for override in shape.containerOverrides ?? [] {
            if override == ECSShapes.ContainerOverride() { continue }
            guard let name = override.name, !name.isEmpty else {
                throw .client("Container name must be specified for each container override.")
            }
            guard definition.containers.contains(where: { $0.name == name }) else {
                throw .client(
                    "Override for container named \(name.prefix(255)) is not a container in the TaskDefinition.")
            }
            containers.append(try ContainerOverride(validating: override, name: name))
        }
        if let double = TaskDefinition.firstDouble(containers.map(\.name)) {
            throw .client("Invalid 'containerOverrides' setting: container '\(double)' is overridden more than once.")
        }
        cpu = try TaskSize.cpu(shape.cpu)
        memory = try TaskSize.memory(shape.memory)
        taskRoleARN = try RoleName.check(shape.taskRoleArn)
        executionRoleARN = try RoleName.check(shape.executionRoleArn)
        ephemeralStorageGiB = shape.ephemeralStorage?.sizeInGiB
    }

    /// The rules of sizes, for the definition as the task will have it.
    private func check(_ definition: TaskDefinition, on type: LaunchType) throws(ValidationFault) {
        var changed = definition
        changed.cpu = cpu ?? definition.cpu
        changed.memory = memory ?? definition.memory
        changed.ephemeralStorageGiB = ephemeralStorageGiB ?? definition.ephemeralStorageGiB
        changed.containers = definition.containers.map { container in
            containers.first { $0.name == container.name }.map { container.sized(by: $0) } ?? container
        }
        for container in changed.containers {
            if let memory = container.memory, let soft = container.memoryReservation, memory < soft {
                throw .client(
                    "Invalid setting for container '\(container.name)'. 'memory' must be greater than or equal to "
                        + "'memoryReservation': \(memory.value) and \(soft.value).")
            }
        }
        try changed.checkSizes()
        guard type.isManaged, let cpu = changed.cpu, let memory = changed.memory else { return }
        guard FargateSize.admits(cpu: cpu, memory: memory) else {
            throw .client(
                "No Fargate configuration exists for given values: \(cpu.value) CPU, \(memory.value) memory. "
                    + "See the Amazon ECS documentation for the valid values.")
        }
    }
}

extension ContainerDefinition {
    fileprivate func sized(by override: ContainerOverride) -> ContainerDefinition {
        var changed = self
        changed.cpu = override.cpu ?? cpu
        changed.memory = override.memory ?? memory
        changed.memoryReservation = override.memoryReservation ?? memoryReservation
        return changed
    }
}

extension ContainerOverride {
    fileprivate init(validating shape: ECSShapes.ContainerOverride, name: String) throws(ValidationFault) {
        self.init(name: name)
        command = shape.command
        environment = try (shape.environment ?? []).map { pair throws(ValidationFault) in
            guard let key = pair.name, !key.isEmpty else {
                throw .client("Invalid 'environment' setting for container '\(name)': a variable needs a name.")
            }
            return KeyValue(key: key, value: pair.value ?? "")
        }
        cpu = try ContainerDefinition.units(shape.cpu, of: name)
        memory = try ContainerDefinition.memory(shape.memory, "memory", of: name)
        memoryReservation = try ContainerDefinition.memory(shape.memoryReservation, "memoryReservation", of: name)
    }
}
