import Domain
import Identifiers

/// Where a task may look for a host at all.
enum PlacementPool: Hashable, Sendable {
    case managed(Scope)
    case own(ClusterID, LaunchType)
    /// The hosts of one capacity provider of a cluster.
    case provider(ClusterID, String)

    init(_ task: TaskRecord) {
        if task.launchType.isManaged {
            self = .managed(task.id.cluster.scope)
        } else {
            self =
                task.capacityProvider.map { .provider(task.id.cluster, $0) } ?? .own(task.id.cluster, task.launchType)
        }
    }

    /// Every pool that a host is in.
    static func pools(of host: ContainerInstanceRecord) -> [PlacementPool] {
        guard let cluster = host.cluster else { return [.managed(host.id.scope)] }
        return [.own(cluster, host.launchType)] + (host.capacityProvider.map { [.provider(cluster, $0)] } ?? [])
    }
}
