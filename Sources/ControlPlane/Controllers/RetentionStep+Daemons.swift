import Domain
import Identifiers
import StateStore

extension RetentionStep {
    /// A deleted daemon is remembered as long as its tasks.
    static let goneDaemons = Duration.seconds(3_600)
    static let deletedDefinitions = Duration.seconds(3_600)

    /// Ended deployments of daemons that are old, revisions that nothing names any more, and deleted definitions of which
    /// no revision is left.
    static func oldDaemonHistory(_ snapshot: StateSnapshot, now: Timestamp) -> [Record] {
        var kept: Set<DaemonRevisionID> = []
        var gone: [Record] = []
        for (id, deployment) in snapshot.daemonDeployments.values() {
            let daemon = snapshot.daemons[id.daemon]
            let age = daemon == nil ? goneDaemons : serviceDeployments
            if daemon?.deployment != id, let ended = deployment.endedAt, ended.adding(age) <= now {
                gone.append(.daemonDeployment(deployment))
            } else {
                kept.formUnion(deployment.sources)
                kept.formUnion([deployment.target, deployment.rollback?.target].compactMap(\.self))
            }
        }
        for (_, daemon) in snapshot.daemons.values() {
            kept.formUnion([daemon.revision, daemon.stableRevision].compactMap(\.self))
        }
        var used: Set<TaskDefinitionID> = []
        for (id, revision) in snapshot.daemonRevisions.values() {
            if kept.contains(id) || snapshot.tasks(of: id.daemon).contains(where: { $0.daemonRevision == id }) {
                used.insert(revision.definition)
            } else {
                gone.append(.daemonRevision(revision))
            }
        }
        let definitions = snapshot.daemonTaskDefinitions.values().map(\.1).filter { record in
            record.status == .deleted && !used.contains(record.id)
                && (record.deleteRequestedAt ?? record.registeredAt).adding(deletedDefinitions) <= now
        }
        return gone + definitions.map(Record.daemonTaskDefinition)
    }
}
