package import Domain
import Identifiers

/// Which host ports this host's tasks use, and the choice of new ones.
package struct HostPorts: Sendable {
    /// Where dynamic ports come from: Linux's own ephemeral range, as ECS takes it.
    static let dynamicRange = 32768...60999

    /// Owners of ports: a task's id.
    private var owners: [Port: String] = [:]
    /// Ports the host keeps for itself.
    private let reserved: Set<Port>

    package struct Conflict: Error, Hashable, Sendable {
        package var reason: String
    }

    package init(reserved: [Port] = []) { self.reserved = Set(reserved) }

    /// Chooses host ports for every container of a task, or none.
    ///
    /// - Parameters:
    ///   - listening: ports that something on the host listens on.
    ///   - seed: where the search for dynamic ports begins, so that a port is not reused at once.
    package mutating func reserve(
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
                let ports = mapping.containerPorts
                let first =
                    wanted > 0
                    ? wanted : try dynamicPorts(ports.count, mapping.transport, taken, listening, &next)
                let binding = NetworkBinding(
                    containerPort: ports.first, hostPort: first, transport: mapping.transport,
                    portCount: mapping.containerPortRange?.count)
                for port in binding.each.map({ Port($0.hostPort, $0.transport) }) {
                    if let conflict = conflict(port, taken, listening) { throw Conflict(reason: conflict) }
                    taken[port] = assignment.task.id
                }
                bindings[container.name, default: []].append(binding)
            }
        }
        owners.merge(taken) { _, new in new }
        return bindings
    }

    /// Takes back what a task held before the agent restarted.
    package mutating func restore(_ bindings: [NetworkBinding], of task: String) {
        for binding in bindings.flatMap(\.each) { owners[Port(binding.hostPort, binding.transport)] = task }
    }

    package mutating func release(_ task: String) { owners = owners.filter { $0.value != task } }

    private func conflict(_ port: Port, _ taken: [Port: String], _ listening: Set<Port>) -> String? {
        let name = "host port \(port.number)/\(port.transport.rawValue)"
        if taken[port] != nil { return "\(name) is asked for twice by the task" }
        if let owner = owners[port] { return "\(name) is already in use by task \(owner)" }
        if reserved.contains(port) { return "\(name) is reserved by the host" }
        if listening.contains(port) { return "\(name) is already in use on the host" }
        return nil
    }

    /// The first of `count` consecutive free ports.
    private func dynamicPorts(
        _ count: Int, _ transport: Port.Transport, _ taken: [Port: String], _ listening: Set<Port>, _ next: inout Int
    ) throws(Conflict) -> Int {
        let range = Self.dynamicRange
        var first = range.lowerBound
        var length = 0
        for _ in 0..<range.count + max(0, count) {
            let number = range.lowerBound + (next % range.count + range.count) % range.count
            next &+= 1
            if number == range.lowerBound { length = 0 }
            guard conflict(Port(number, transport), taken, listening) == nil else {
                length = 0
                continue
            }
            if length == 0 { first = number }
            length += 1
            if length == count { return first }
        }
        let what = count == 1 ? "no dynamic host port is free" : "no \(count) consecutive dynamic host ports are free"
        throw Conflict(reason: "\(what) in \(range.lowerBound)-\(range.upperBound)")
    }
}
