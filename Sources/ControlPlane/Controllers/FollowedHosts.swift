import Domain
import Identifiers
import Placement
import StateStore

/// The hosts of one placement step as placement sees them, kept true from one snapshot of the store to the next.
///
/// Only hosts that changed are looked at. Those that changed by the step's own commit alone are true already.
struct FollowedHosts: Sendable {
    /// The hosts with every task that was planned since `follow`.
    var snapshot = PlacementSnapshot(hosts: [])
    private var claims = FollowedClaims()
    private var seen: (revision: Revision, connected: Set<ContainerInstanceID>)?
    /// The tasks planned onto hosts, as they were then.
    private var planned: [ContainerInstanceID: [Planned]] = [:]

    private struct Planned: Sendable {
        var task: TaskID
        var version: Int
    }

    /// Takes in what the store holds now. What was planned counts only if it is committed.
    mutating func follow(_ state: StateSnapshot, connected: Set<ContainerInstanceID>) {
        let reclaimed = claims.follow(state)
        let claims = claims
        func host(_ record: ContainerInstanceRecord) -> PlacementHost {
            var host = PlacementHost(
                record: record, isConnected: connected.contains(record.id), tasks: state.liveTasks(on: record.id))
            claims.keepRoom(on: &host)
            return host
        }
        defer {
            seen = (state.revision, connected)
            planned = [:]
        }
        guard let seen, let changed = state.instances(changedAfter: seen.revision) else {
            snapshot = PlacementSnapshot(hosts: state.instances.values().map { host($0.1) })
            return
        }
        var ids = changed.union(planned.keys).filter { !isAsPlanned($0, in: state) }
        // Sets that share their storage are compared at once.
        if seen.connected != connected { ids.formUnion(seen.connected.symmetricDifference(connected)) }
        for cluster in reclaimed { ids.formUnion(state.instances(in: cluster).map(\.id)) }
        snapshot.update(
            ids.compactMap { state.instances[$0].map(host) }, gone: ids.filter { state.instances[$0] == nil })
    }

    /// Remembers that `snapshot` holds these placements although the store does not yet.
    mutating func note(_ placements: [PlacementPlan.Placement], in state: StateSnapshot) {
        for placement in placements {
            guard let task = state.tasks[placement.task] else { continue }
            planned[placement.instance, default: []].append(Planned(task: task.id, version: task.version))
        }
    }

    /// Whether the last commit that touched the host wrote what was planned there, and only that.
    private func isAsPlanned(_ id: ContainerInstanceID, in state: StateSnapshot) -> Bool {
        guard let planned = planned[id] else { return false }
        return planned.allSatisfy { planned in
            guard let task = state.tasks[planned.task], task.placement?.instance == id else { return false }
            // One change since then, which gave it its host, and none of the host after that one.
            return task.version == planned.version + 1
                && state.version(of: .task(task.id)) == state.version(of: .instance(id))
        }
    }
}
