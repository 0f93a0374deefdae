import Domain
import ECSShapes

/// Rules that look at several containers, or at the containers and the task.
extension TaskDefinition {
    func checkContainersTogether(_ request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        let names = containers.map(\.name)
        if let double = Self.firstDouble(names) {
            throw .client("Container names must be unique within a task definition: '\(double)'.")
        }
        guard containers.contains(where: \.essential) else {
            throw .client("Task definition doesn't have any essential container.")
        }
        try checkVolumes(request.volumes ?? [])
        try checkPorts()
        try checkNamespaces()
        try checkDependencies()
    }

    static func firstDouble<Element: Hashable>(_ elements: [Element]) -> Element? {
        var seen: Set<Element> = []
        return elements.first { !seen.insert($0).inserted }
    }

    private func checkVolumes(_ shapes: [ECSShapes.Volume]) throws(ValidationFault) {
        let names = volumes.map(\.name)
        if let double = Self.firstDouble(names) { throw .client("Volume names must be unique: '\(double)'.") }
        for container in containers {
            for point in container.mountPoints where !names.contains(point.volume) {
                throw .client("Unknown volume '\(point.volume.prefix(255))'.")
            }
            for source in container.volumesFrom where !containers.contains(where: { $0.name == source.container }) {
                throw .client("Invalid 'volumesFrom' setting. Unknown container: '\(source.container.prefix(255))'")
            }
        }
        let atLaunch = shapes.filter { $0.configuredAtLaunch == true }.compactMap(\.name)
        guard atLaunch.count <= 1 else {
            throw .client("At most one volume may be configuredAtLaunch: [\(atLaunch.joined(separator: ", "))].")
        }
        for name in atLaunch where !containers.contains(where: { $0.mountPoints.contains { $0.volume == name } }) {
            throw .client("Volumes [\(name)] are not referenced by any of the containers.")
        }
    }

    private func checkPorts() throws(ValidationFault) {
        let mappings = containers.flatMap(\.portMappings)
        if let double = Self.firstDouble(mappings.compactMap(\.name)) {
            throw .client("Invalid 'portMappings' setting: port mapping name is already used: '\(double)'.")
        }
        guard effectiveNetworkMode == .awsvpc || effectiveNetworkMode == .host else { return }
        for transport in [Port.Transport.tcp, .udp] {
            let double = PortMapping.firstOverlap(mappings.filter { $0.transport == transport })
            guard let double else { continue }
            throw .client(
                "Invalid 'portMappings' setting: container port is used multiple times in task: \(double). Containers "
                    + "share their ports when networkMode=\(effectiveNetworkMode.rawValue).")
        }
    }

    private func checkNamespaces() throws(ValidationFault) {
        guard ipcMode == .host else { return }
        for container in containers {
            for control in container.systemControls where !control.key.hasPrefix("net.") {
                throw .client(
                    "Invalid 'systemControls' setting for container '\(container.name)': '\(control.key)' is not "
                        + "supported when ipcMode=host.")
            }
        }
    }

    private func checkDependencies() throws(ValidationFault) {
        for container in containers {
            for dependency in container.dependsOn { try check(dependency, of: container) }
            for link in container.links where !containers.contains(where: { $0.name == link.container }) {
                throw .client("Invalid 'links' setting. Unknown container: '\(link.container.prefix(255))'")
            }
        }
        if let member = cycleMember() {
            throw .client(
                "Invalid 'dependsOn' setting: containers depend on each other in a circle; '\(member)' is one of them.")
        }
    }

    private func check(_ dependency: ContainerDependency, of container: ContainerDefinition) throws(ValidationFault) {
        guard let other = containers.first(where: { $0.name == dependency.container }) else {
            throw .client("Cannot depend on container \(dependency.container.prefix(255)) because it does not exist.")
        }
        if [.complete, .success].contains(dependency.condition), other.essential {
            throw .client("A dependency container with SUCCESS or COMPLETE condition cannot be an essential container")
        }
        if dependency.condition == .healthy, other.healthCheck == nil {
            throw .client(
                "A dependency container with HEALTHY condition must have health check configured: '\(other.name)'.")
        }
    }

    /// A container whose dependencies, links and foreign volumes never resolve; nil when all do.
    private func cycleMember() -> String? {
        var resolved: Set<String> = []
        var waiting = containers
        while let next = waiting.firstIndex(where: { $0.neededContainers.allSatisfy(resolved.contains) }) {
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
        if let size = ephemeralStorageGiB, !(21...200).contains(size) {
            let bound = size < 21 ? "at least 21" : "at most 200"
            throw .client("EphemeralStorage size should be \(bound), got 'ephemeralStorage.sizeInGiB' \(size).")
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
    }
}

extension ContainerDefinition {
    /// The containers that must be there before this one.
    fileprivate var neededContainers: [String] {
        dependsOn.map(\.container) + links.map(\.container) + volumesFrom.map(\.container)
    }
}
