import Domain
import Identifiers
import StateStore
import TaskLifecycle

/// A daemon with what its tasks shall be made of now.
struct DaemonIntent {
    let daemon: DaemonRecord
    private let revision: DaemonRevisionRecord?
    private let definition: DaemonTaskDefinitionRecord?

    /// nil when there is no such daemon.
    init?(_ id: DaemonID, in state: StateSnapshot) {
        guard let daemon = state.daemons[id] else { return nil }
        self.daemon = daemon
        revision = daemon.revision.flatMap { state.daemonRevisions[$0] }
        definition = revision.flatMap { state.daemonTaskDefinitions[$0.definition] }
    }

    /// The hosts that its tasks shall run on, in order of their ids.
    func hosts(in state: StateSnapshot) -> [ContainerInstanceRecord] {
        revision == nil ? [] : state.instances(in: daemon.id.cluster).filter(covers)
    }

    func covers(_ host: ContainerInstanceRecord) -> Bool {
        guard let revision, host.status != .inactive, host.cluster == daemon.id.cluster else { return false }
        return host.capacityProvider.map(revision.capacityProviders.contains) ?? false
    }

    /// A new task for a host; nil when nothing is wanted.
    func task(on host: ContainerInstanceRecord, now: Timestamp, ids: some IDSource) -> TaskRecord? {
        guard let revision, let definition else { return nil }
        let template = TaskTemplate(
            daemon: daemon, revision: revision, definition: definition, on: host.launchType, of: host.capacityProvider)
        return newTasks(1, of: template, ids: ids, now: now).first
    }
}

extension StateSnapshot {
    func hasTasksOfNoDaemon(on host: ContainerInstanceID) -> Bool {
        liveTasks(on: host).contains { $0.daemonRevision == nil }
    }
}
