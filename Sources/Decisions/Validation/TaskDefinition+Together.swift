import Domain

/// Rules that look at several containers, or at the containers and the task.
extension TaskDefinition {
    func checkContainersTogether() throws(ValidationFault) {
        let names = containers.map(\.name)
        if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw .client("Container names must be unique: '\(double)' appears more than once.")
        }
        guard containers.contains(where: \.essential) else {
            throw .client("At least one container of the task definition must be essential.")
        }
        let volumeNames = volumes.map(\.name)
        if Set(volumeNames).count != volumeNames.count { throw .client("Volume names must be unique.") }
        for container in containers {
            for point in container.mountPoints where !volumeNames.contains(point.volume) {
                throw .client("Unknown volume '\(point.volume.prefix(255))'.")
            }
        }
        let portNames = containers.flatMap { $0.portMappings.compactMap(\.name) }
        if Set(portNames).count != portNames.count { throw .client("Port mapping names must be unique.") }
        if effectiveNetworkMode == .awsvpc || effectiveNetworkMode == .host {
            let ports = containers.flatMap { $0.portMappings.map { Port($0.hostPort, $0.transport) } }
            if Set(ports).count != ports.count {
                throw .client(
                    "Containers of one task share a network when networkMode=\(effectiveNetworkMode.rawValue): "
                        + "each port may be mapped once.")
            }
        }
        try checkDependencies()
    }

    private func checkDependencies() throws(ValidationFault) {
        for container in containers {
            for dependency in container.dependsOn {
                guard let other = containers.first(where: { $0.name == dependency.container }) else {
                    throw .client(
                        "Container '\(container.name)' depends on '\(dependency.container.prefix(255))', which is not "
                            + "a container of the task definition.")
                }
                if [.complete, .success].contains(dependency.condition), other.essential {
                    throw .client(
                        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container")
                }
                if dependency.condition == .healthy, other.healthCheck == nil {
                    throw .client(
                        "Container '\(container.name)' waits for '\(other.name)' to be HEALTHY, which has no "
                            + "healthCheck.")
                }
            }
        }
        if let member = cycleMember() {
            throw .client("Containers depend on each other in a circle; '\(member)' is one of them.")
        }
    }

    /// A container whose dependencies never resolve; nil when all do.
    private func cycleMember() -> String? {
        var resolved: Set<String> = []
        var waiting = containers
        while let next = waiting.firstIndex(where: { $0.dependsOn.allSatisfy { resolved.contains($0.container) } }) {
            resolved.insert(waiting.remove(at: next).name)
        }
        return waiting.first?.name
    }

    func checkSizes() throws(ValidationFault) {
        for container in containers where memory == nil && container.memory == nil && container.memoryReservation == nil
        {
            throw .client(
                "Invalid setting for container '\(container.name)'. At least one of 'memory' or 'memoryReservation' "
                    + "must be specified.")
        }
        if let cpu, containers.reduce(0, { $0 + $1.cpu.value }) > cpu.value {
            throw .client(
                "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")
        }
        guard let memory else { return }
        for container in containers {
            if let own = container.memory, own > memory {
                throw .client("The 'memory' setting for container '\(container.name)' is greater than for the task.")
            }
        }
        if containers.reduce(0, { $0 + ($1.memoryReservation?.value ?? 0) }) > memory.value {
            throw .client(
                "The sum of all container 'memoryReservation' values cannot be greater than the value of the task "
                    + "'memory'.")
        }
        if let size = ephemeralStorageGiB, !(21...200).contains(size) {
            throw .client("Invalid 'ephemeralStorage.sizeInGiB' setting for task: \(size). It must be 21 to 200.")
        }
    }
}
