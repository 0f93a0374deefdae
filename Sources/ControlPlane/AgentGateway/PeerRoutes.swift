public import AgentWire
import Domain
public import Identifiers
public import LoadBalancing
public import StateStore

/// The ways to the tasks of all hosts and to load balancers, made once for all sessions.
public struct PeerRoutes: Hashable, Sendable {
    private struct Host: Hashable {
        let id: ContainerInstanceID
        let route: PeerRoute
    }

    private var hosts: [Host] = []
    private var balancers: [LoadBalancerID: BalancerName] = [:]
    private let pool: AddressPool?
    /// Grows whenever a route changed.
    public private(set) var generation = 0

    /// - Parameter pool: where load balancers get their addresses; nil where there are none.
    public init(_ state: StateSnapshot, pool: AddressPool? = nil) {
        self.pool = pool
        hosts = Self.hosts(state)
        balancers = names(in: state)
    }

    /// Takes over what the state says now.
    ///
    /// - Returns: whether any route changed.
    public mutating func update(_ state: StateSnapshot) -> Bool {
        let current = Self.hosts(state), named = names(in: state)
        guard current != hosts || named != balancers else { return false }
        hosts = current
        balancers = named
        generation += 1
        return true
    }

    /// What a host needs: the routes to all others, in order of their blocks, and the names of load balancers.
    public func network(without own: ContainerInstanceID) -> PeerNetwork {
        let names = balancers.sorted { $0.key < $1.key }.map(\.value)
        return PeerNetwork(
            peers: hosts.filter { $0.id != own }.map(\.route),
            balancers: pool.map { BalancerNetwork(range: $0.text, names: names) })
    }

    private func names(in state: StateSnapshot) -> [LoadBalancerID: BalancerName] {
        guard let pool else { return [:] }
        var names: [LoadBalancerID: BalancerName] = [:]
        for (id, record) in state.loadBalancers.values() {
            guard let address = pool.address(record.addressIndex) else { continue }
            names[id] = BalancerName(address: address, names: state.names(of: record))
        }
        return names
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
