import Domain
import Identifiers
import Placement
import StateStore

/// Why reachable hosts do not admit a task of one daemon: asked again only where the host or what runs there has changed.
struct DaemonRoom: Sendable {
    private struct Answer {
        /// Of the host and its tasks.
        var version: Revision
        var refusal: PlacementRefusal?
    }

    /// What the answers are about.
    private var revision: DaemonRevisionID?
    private var answers: [ContainerInstanceID: Answer] = [:]

    /// nil when the host admits a task of the wanted revision, what the daemon has there put aside.
    mutating func refusal(
        of host: ContainerInstanceRecord, _ intent: DaemonIntent, in state: StateSnapshot, now: Timestamp,
        ids: some IDSource
    ) -> PlacementRefusal? {
        if revision != intent.daemon.revision {
            revision = intent.daemon.revision
            answers = [:]
        }
        let version = state.version(of: .instance(host.id))
        if let answer = answers[host.id], answer.version == version { return answer.refusal }
        let refusal = intent.task(on: host, now: now, ids: ids).flatMap { task in
            let others = state.liveTasks(on: host.id).filter { $0.daemonRevision?.daemon != intent.daemon.id }
            let placement = PlacementSnapshot(hosts: [PlacementHost(record: host, isConnected: true, tasks: others)])
            return placement.rejections(of: task).first?.refusal
        }
        answers[host.id] = Answer(version: version, refusal: refusal)
        return refusal
    }

    /// Whether a host that did not admit a task when it was asked last answers otherwise now.
    mutating func hasMoved(
        _ host: ContainerInstanceRecord, _ intent: DaemonIntent, in state: StateSnapshot, now: Timestamp,
        ids: some IDSource
    ) -> Bool {
        guard let last = answers[host.id]?.refusal else { return false }
        return refusal(of: host, intent, in: state, now: now, ids: ids) != last
    }
}
