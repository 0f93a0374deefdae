import AWSWire
import Domain
import ECSShapes
import JSONBytes

extension TaskOverrides {
    /// The overrides of a request, checked against the definition they change.
    ///
    /// - Throws: `InvalidParameterException`.
    init(_ shape: ECSShapes.TaskOverride?, definition: TaskDefinition) throws(APIFault) {
        self.init()
        guard let shape else { return }
        if shape.jsonBytes().count > 8192 {
            throw .invalidParameter("Overrides must be at most 8192 characters, the JSON formatting included.")
        }
        for override in shape.containerOverrides ?? [] {
            if override == ECSShapes.ContainerOverride() { continue }
            guard let name = override.name, !name.isEmpty else {
                throw .invalidParameter("Container name must be specified for each container override.")
            }
            guard definition.containers.contains(where: { $0.name == name }) else {
                throw .invalidParameter(
                    "Override for container named \(name) is not a container in the TaskDefinition.")
            }
            containers.append(try ContainerOverride(name, override))
        }
        cpu = try Self.amount(shape.cpu, "cpu").map(CPUUnits.init)
        memory = try Self.amount(shape.memory, "memory").map(MemoryMiB.init)
        taskRoleARN = shape.taskRoleArn
        executionRoleARN = shape.executionRoleArn
        ephemeralStorageGiB = shape.ephemeralStorage?.sizeInGiB
    }

    private static func amount(_ text: String?, _ what: String) throws(APIFault) -> Int? {
        guard let text else { return nil }
        guard let value = Int32(text), value > 0 else { throw .invalidParameter("Invalid '\(what)' setting for task.") }
        return Int(value)
    }
}

extension ContainerOverride {
    fileprivate init(_ name: String, _ shape: ECSShapes.ContainerOverride) throws(APIFault) {
        self.init(name: name)
        command = shape.command
        environment = (shape.environment ?? []).map { KeyValue(key: $0.name ?? "", value: $0.value ?? "") }
        for (value, what) in [
            (shape.cpu, "cpu"), (shape.memory, "memory"), (shape.memoryReservation, "memoryReservation"),
        ] {
            if let value, value < 0 { throw .invalidParameter("Invalid '\(what)' setting for container '\(name)'.") }
        }
        cpu = shape.cpu.map(CPUUnits.init)
        memory = shape.memory.map(MemoryMiB.init)
        memoryReservation = shape.memoryReservation.map(MemoryMiB.init)
    }
}

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
