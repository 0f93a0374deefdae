public import Domain
public import Identifiers

extension StateSnapshot {
    /// What a task is made of, be it an ordinary one or a daemon's.
    public func definition(_ id: TaskDefinitionID) -> TaskDefinition? {
        switch id.family.kind {
        case .task: taskDefinitions[id]?.definition
        case .daemon: daemonTaskDefinitions[id]?.definition
        }
    }

    /// All revisions of a family of daemon task definitions, ascending.
    public func daemonTaskDefinitions(of family: FamilyID) -> some Sequence<DaemonTaskDefinitionRecord> {
        daemonTaskDefinitions.values(from: TaskDefinitionID(family: family, revision: 0)).lazy
            .prefix { $0.0.family == family }.map { $0.1 }
    }

    /// All daemons of a cluster in order of their names.
    public func daemons(in cluster: ClusterID) -> some Sequence<DaemonRecord> {
        daemons.values(from: DaemonID(cluster: cluster, name: "")).lazy
            .prefix { $0.0.cluster == cluster }.map { $0.1 }
    }

    /// All revisions of a daemon that are remembered, in order of their numbers.
    public func revisions(of daemon: DaemonID) -> some Sequence<DaemonRevisionRecord> {
        daemonRevisions.values(from: DaemonRevisionID(daemon: daemon, number: "")).lazy
            .prefix { $0.0.daemon == daemon }.map { $0.1 }
    }

    /// All deployments of a daemon that are remembered, in order of their ids.
    public func deployments(of daemon: DaemonID) -> some Sequence<DaemonDeploymentRecord> {
        daemonDeployments.values(from: DaemonDeploymentID(daemon: daemon, id: "")).lazy
            .prefix { $0.0.daemon == daemon }.map { $0.1 }
    }
}
