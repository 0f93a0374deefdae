import Domain
import Identifiers

/// Which host ports this host's tasks use, and the choice of new ones.
struct HostPorts: Sendable {
    /// Where dynamic ports come from: Linux's own ephemeral range, as ECS takes it.
    static let dynamicRange = 32768...60999

    /// Owners of ports: a task's id.
    private var owners: [Port: String] = [:]
    /// Ports the host keeps for itself.
    private let reserved: Set<Port>

    struct Conflict: Error, Hashable, Sendable {
        var reason: String
    }

    init(reserved: [Port] = []) { self.reserved = Set(reserved) }

    /// Chooses host ports for every container of a task, or none.
    ///
    /// - Parameters:
    ///   - listening: ports that something on the host listens on.
    ///   - seed: where the search for dynamic ports begins, so that a port is not reused at once.
    mutating func reserve(
        for assignment: TaskAssignment, listening: Set<Port>, seed: Int
    ) throws(Conflict) -> [String: [NetworkBinding]] {
        guard assignment.networkMode == .bridge || assignment.networkMode == .host else { return [:] }
        var taken: [Port: String] = [:]
        var bindings: [String: [NetworkBinding]] = [:]
        var next = seed
        for container in assignment.containers.map(\.definition) {
            for mapping in container.portMappings {
                let isHost = assignment.networkMode == .host
                let wanted = isHost ? mapping.containerPort : mapping.hostPort
                let port =
                    wanted > 0
                    ? Port(wanted, mapping.transport)
                    : try dynamicPort(mapping.transport, taken, listening, &next)
                if let conflict = conflict(port, taken, listening) { throw Conflict(reason: conflict) }
                taken[port] = assignment.task.id
                bindings[container.name, default: []].append(
                    NetworkBinding(
                        containerPort: mapping.containerPort, hostPort: port.number, transport: mapping.transport))
            }
        }
        owners.merge(taken) { _, new in new }
        return bindings
    }

    /// Takes back what a task held before the agent restarted.
    mutating func restore(_ bindings: [NetworkBinding], of task: String) {
        for binding in bindings { owners[Port(binding.hostPort, binding.transport)] = task }
    }

    mutating func release(_ task: String) { owners = owners.filter { $0.value != task } }

    private func conflict(_ port: Port, _ taken: [Port: String], _ listening: Set<Port>) -> String? {
        let name = "host port \(port.number)/\(port.transport.rawValue)"
        if taken[port] != nil { return "\(name) is asked for twice by the task" }
        if let owner = owners[port] { return "\(name) is already in use by task \(owner)" }
        if reserved.contains(port) { return "\(name) is reserved by the host" }
        if listening.contains(port) { return "\(name) is already in use on the host" }
        return nil
    }

    private func dynamicPort(
        _ transport: Port.Transport, _ taken: [Port: String], _ listening: Set<Port>, _ next: inout Int
    ) throws(Conflict) -> Port {
        let range = Self.dynamicRange
        for _ in range {
            let number = range.lowerBound + (next % range.count + range.count) % range.count
            next &+= 1
            let port = Port(number, transport)
            if conflict(port, taken, listening) == nil { return port }
        }
        throw Conflict(reason: "no dynamic host port is free in \(range.lowerBound)-\(range.upperBound)")
    }
}
