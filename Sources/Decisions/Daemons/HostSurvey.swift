import Domain
import Identifiers
import Placement

/// What every host of a daemon has and lacks, hosts in order of their ids.
struct HostSurvey {
    /// Hosts that shall have a task: reachable and not draining.
    private(set) var count = 0
    /// Hosts without any task of the daemon that admit one.
    private(set) var empty: [ContainerInstanceID] = []
    /// Hosts that cannot be asked now and were not seen with the wanted revision.
    private(set) var silent = 0
    /// The first host that lacks a task of the wanted revision and does not admit one.
    private(set) var refused: (host: ContainerInstanceID, refusal: PlacementRefusal)?
    /// Tasks of other revisions, one for a host.
    private(set) var outdated: [TaskRecord] = []
    /// Hosts where a task of the wanted revision is missing, on its way, just started, or waits for the old one to end.
    private(set) var busy = 0
    /// Tasks that no host wants: a second one of a host, or one of a host that left the daemon or is drained.
    private(set) var surplus: [TaskRecord] = []
    private(set) var unhealthy: [TaskRecord] = []
    /// When the next host that is only watched is done.
    private(set) var provedAt: Timestamp?

    init(_ snapshot: DaemonSnapshot, _ revision: DaemonRevisionID) {
        var tasks: [ContainerInstanceID: [TaskRecord]] = [:]
        let hosts = Set(snapshot.hosts.map(\.id))
        for task in snapshot.tasks.sorted(by: { $0.id < $1.id }) where task.isLive {
            if let host = task.placement?.instance, hosts.contains(host) {
                tasks[host, default: []].append(task)
            } else if task.desiredStatus == .running {
                surplus.append(task)
            }
        }
        for host in snapshot.hosts { look(at: host, tasks[host.id] ?? [], snapshot, revision) }
    }

    private mutating func look(
        at host: DaemonSnapshot.Host, _ tasks: [TaskRecord], _ snapshot: DaemonSnapshot, _ revision: DaemonRevisionID
    ) {
        let wanted = tasks.filter { $0.desiredStatus == .running }
        let best = wanted.max { Self.worth($0, snapshot, revision) < Self.worth($1, snapshot, revision) }
        surplus += wanted.filter { $0.id != best?.id }
        if host.isDraining {
            // Daemons serve the other tasks of a host, and so are the last to leave it.
            if let best, !host.hasOtherTasks { surplus.append(best) }
            return
        }
        guard host.isReachable else {
            if host.isSilent, best?.daemonRevision != revision { silent += 1 }
            return
        }
        count += 1
        guard let best else {
            if !tasks.isEmpty {
                busy += 1
            } else if let refusal = host.refusal {
                refuse(host.id, refusal)
            } else {
                empty.append(host.id)
                busy += 1
            }
            return
        }
        if snapshot.isUnhealthy(best) {
            unhealthy.append(best)
            busy += 1
        } else if best.daemonRevision != revision {
            // An old task is better than none.
            if let refusal = host.refusal { refuse(host.id, refusal) } else { outdated.append(best) }
        } else if !snapshot.isWell(best) {
            busy += 1
        } else if let until = snapshot.provesItself(best) {
            busy += 1
            provedAt = min(provedAt ?? until, until)
        }
    }

    private mutating func refuse(_ host: ContainerInstanceID, _ refusal: PlacementRefusal) {
        if refused == nil { refused = (host, refusal) }
    }

    /// Which of a host's tasks stays: of the wanted revision, well, running, the oldest.
    private static func worth(
        _ task: TaskRecord, _ snapshot: DaemonSnapshot, _ revision: DaemonRevisionID
    ) -> (Int, Int, Int64) {
        (
            task.daemonRevision == revision ? 1 : 0, snapshot.isWell(task) ? 2 : task.lastStatus == .running ? 1 : 0,
            -task.createdAt.milliseconds
        )
    }
}
