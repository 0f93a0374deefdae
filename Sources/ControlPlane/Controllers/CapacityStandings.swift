import Domain
import Identifiers
import Placement
import Scaling
import StateStore

/// Managed capacity providers of which no task waits: once in a period each is looked at for too few hosts, or too many.
///
/// As target tracking does it: out after one period, in after as many as its low alarm has, by the largest of them.
/// - Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling"; see `TargetTrackingPolicy.wish`.
struct CapacityStandings: Sendable {
    struct Asker: Hashable {
        var cluster: ClusterID
        var provider: String

        init(_ cluster: ClusterID, _ provider: String) {
            self.cluster = cluster
            self.provider = provider
        }

        /// nil for a need of no provider.
        init?(_ need: CapacityNeed) {
            guard let provider = need.capacityProvider else { return nil }
            self.init(need.cluster, provider)
        }
    }

    private let period: Duration
    /// When they are looked at next; nil while nothing is managed.
    private(set) var nextLook: Instant?
    /// The hosts that were wanted, of the periods in a row in which those were fewer than there were.
    private var spare: [Asker: [Int]] = [:]
    /// What is to be told since the last look.
    private(set) var due: [CapacityNeed] = []

    init(period: Duration) { self.period = period }

    /// What is due was told.
    mutating func told() { due = [] }

    mutating func look(at state: StateSnapshot, now: Instant) {
        if let nextLook, now < nextLook { return }
        let standings = Self.standings(state)
        let askers = Set(standings.keys)
        spare = spare.filter { askers.contains($0.key) }
        nextLook = standings.isEmpty ? nil : now.adding(period)
        due = standings.sorted { ($0.key.cluster, $0.key.provider) < ($1.key.cluster, $1.key.provider) }
            .compactMap { asker, standing in standing.flatMap { self.need(of: asker, $0) } }
        for (asker, standing) in standings where standing == nil { spare[asker] = nil }
    }

    private mutating func need(of asker: Asker, _ standing: CapacityNeed) -> CapacityNeed? {
        guard standing.instancesWanted < standing.instancesRunning else {
            spare[asker] = nil
            return standing.instancesWanted > standing.instancesRunning ? standing : nil
        }
        let row = Array(((spare[asker] ?? []) + [standing.instancesWanted]).suffix(TrackingAlarms.lowPeriods))
        spare[asker] = row
        guard row.count == TrackingAlarms.lowPeriods, let largest = row.max(), largest < standing.instancesRunning
        else { return nil }
        var need = standing
        need.instancesWanted = largest
        return need
    }

    /// Every managed provider of an active cluster; nil where one of its tasks waits.
    private static func standings(_ state: StateSnapshot) -> [Asker: CapacityNeed?] {
        var found: [Asker: CapacityNeed?] = [:]
        for (id, cluster) in state.clusters.values() where cluster.status == .active {
            for name in cluster.capacityProviders {
                let provider = CapacityProviderID(scope: id.scope, name: name)
                guard let scaling = state.managedScaling(of: provider) else { continue }
                let hosts = state.instances(in: id).filter { $0.capacityProvider == name }
                    .map { (record: $0, tasks: Array(state.liveTasks(on: $0.id))) }
                let asker = Asker(id, name)
                let waits = state.unplacedTasks.ascending().contains { unplaced in
                    state.tasks[unplaced.id].map { $0.id.cluster == id && $0.capacityProvider == name } ?? false
                }
                found[asker] = .some(
                    waits ? nil : CapacityNeed.standing(of: provider, in: id, hosts: hosts, scaling: scaling))
            }
        }
        return found
    }
}

extension StateSnapshot {
    /// nil for a provider that is not managed.
    func managedScaling(of provider: CapacityProviderID) -> ManagedScaling? {
        guard let scaling = capacityProviders[provider]?.managedScaling, scaling.isEnabled else { return nil }
        return scaling
    }
}
