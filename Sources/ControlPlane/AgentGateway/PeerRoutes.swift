public import AgentWire
import Domain
public import Identifiers
public import StateStore

/// The ways to the tasks of all hosts, made once for all sessions.
public struct PeerRoutes: Hashable, Sendable {
    private struct Host: Hashable {
        let id: ContainerInstanceID
        let route: PeerRoute
    }

    private var hosts: [Host] = []
    /// Grows whenever a route changed.
    public private(set) var generation = 0

    public init() {}

    public init(_ state: StateSnapshot) { hosts = Self.hosts(state) }

    /// Takes over what the state says now.
    ///
    /// - Returns: whether any route changed.
    public mutating func update(_ state: StateSnapshot) -> Bool {
        let current = Self.hosts(state)
        guard current != hosts else { return false }
        hosts = current
        generation += 1
        return true
    }

    /// The routes that a host needs: those to all others, in order of their blocks.
    public func routes(without own: ContainerInstanceID) -> [PeerRoute] {
        hosts.filter { $0.id != own }.map(\.route)
    }

    private static func hosts(_ state: StateSnapshot) -> [Host] {
        state.instances.values().compactMap { id, record in
            guard record.status != .inactive, let block = record.addressBlock, let via = record.nodeAddress else {
                return nil
            }
            return Host(id: id, route: PeerRoute(block: block, via: via))
        }.sorted { ($0.route, $0.id) < ($1.route, $1.id) }
    }
}
