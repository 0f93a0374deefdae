import Domain
import Identifiers
import Placement
import StateStore

/// What the daemons of each cluster claim of hosts, made anew only for clusters whose daemons changed.
struct FollowedClaims: Sendable {
    private var marks: [ClusterID: [String]] = [:]
    private var claims: [ClusterID: DaemonClaims] = [:]

    /// - Returns: the clusters whose hosts keep other room than before.
    mutating func follow(_ state: StateSnapshot) -> Set<ClusterID> {
        let now = state.daemonMarks
        let changed = Set(marks.keys).union(now.keys).filter { marks[$0] != now[$0] }
        for cluster in changed { claims[cluster] = now[cluster] == nil ? nil : state.daemonClaims(in: cluster) }
        marks = now
        return changed
    }

    func keepRoom(on host: inout PlacementHost) {
        guard let cluster = host.record.cluster else { return }
        claims[cluster]?.keepRoom(on: &host)
    }
}
