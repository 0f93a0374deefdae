public import Domain
import Identifiers

/// Tasks of which every host that they suit shall have one, those of DAEMON services and daemons: a host keeps room for
/// them until it has them.
///
/// So no other task takes the room that a daemon needs on a host that has just joined, or while its task is replaced.
public struct DaemonClaims: Sendable {
    /// One daemon's: what its task takes, and on which hosts.
    private struct Claim: Sendable {
        let task: TaskRecord
        let filter: PlacementFilter
    }

    private var claims: [Claim]

    /// - Parameter samples: one task of each daemon; with a capacity provider they go to its hosts only. Those with
    ///   constraints that ask for other tasks claim nothing, for where they may run changes with every placement.
    public init(_ samples: [TaskRecord] = []) {
        claims = samples.map { Claim(task: $0, filter: PlacementFilter($0)) }.filter { !$0.filter.dependsOnTasks }
    }

    /// Makes the host keep room for what it shall get and does not have.
    ///
    /// - Parameter host: with its own live tasks.
    public func keepRoom(on host: inout PlacementHost) {
        for claim in claims where host.count(of: TaskGroup(claim.task)) == 0 {
            var filter = claim.filter
            let pools = PlacementPool.pools(of: host.record)
            if pools.contains(PlacementPool(claim.task)), !filter.excludes(host) { host.keepRoom(for: claim.task) }
        }
    }
}

/// What a host keeps for daemons that it does not have yet.
struct KeptRoom: Sendable {
    private(set) var resources = Resources.zero
    private(set) var ports: Set<Port> = []
    private var tasks: [TaskGroup: (resources: Resources, ports: [Port])] = [:]

    var isEmpty: Bool { tasks.isEmpty }

    mutating func keep(_ task: TaskRecord) {
        tasks[TaskGroup(task)] = (task.reservation, task.hostPorts)
        count()
    }

    /// The daemon's task came: its room is taken.
    mutating func release(_ group: TaskGroup) {
        if tasks.removeValue(forKey: group) != nil { count() }
    }

    private mutating func count() {
        resources = Resources.zero
        ports = []
        for task in tasks.values {
            resources.cpu.value = resources.cpu.value.subtractingClamped(-task.resources.cpu.value)
            resources.memory.value = resources.memory.value.subtractingClamped(-task.resources.memory.value)
            ports.formUnion(task.ports)
        }
    }
}
