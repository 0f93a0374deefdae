import Domain
public import Identifiers
public import Placement
import TaskLifecycle

extension StateSnapshot {
    /// The clusters with daemons or DAEMON services, each with what changes when what these claim does.
    public var daemonMarks: [ClusterID: [String]] {
        var marks: [ClusterID: [String]] = [:]
        for id in daemonServices.ascending() {
            guard let primary = services[id]?.primary else { continue }
            marks[id.cluster, default: []].append(primary.id.rawValue)
        }
        for (id, daemon) in daemons.values() {
            guard let revision = daemon.revision else { continue }
            marks[id.cluster, default: []].append(revision.number)
        }
        return marks
    }

    /// What hosts of a cluster keep free for the daemons and DAEMON services that they shall have a task of.
    public func daemonClaims(in cluster: ClusterID?) -> DaemonClaims {
        guard let cluster else { return DaemonClaims() }
        let first = ServiceID(cluster: cluster, name: "")
        let services = daemonServices.ascending(from: first).prefix { $0.cluster == cluster }
            .compactMap { self.services[$0].flatMap(sample) }
        return DaemonClaims(services + daemons(in: cluster).flatMap(samples))
    }

    private func sample(of service: ServiceRecord) -> TaskRecord? {
        guard let primary = service.primary, let definition = taskDefinitions[primary.taskDefinition] else {
            return nil
        }
        return sampleTask(of: TaskTemplate(service: service, deployment: primary, definition: definition))
    }

    /// One for each of its capacity providers.
    private func samples(of daemon: DaemonRecord) -> [TaskRecord] {
        guard let revision = daemon.revision.flatMap({ daemonRevisions[$0] }),
            let definition = daemonTaskDefinitions[revision.definition]
        else { return [] }
        return revision.capacityProviders.map { provider in
            sampleTask(
                of: TaskTemplate(
                    daemon: daemon, revision: revision, definition: definition, on: .ec2, of: provider))
        }
    }
}
