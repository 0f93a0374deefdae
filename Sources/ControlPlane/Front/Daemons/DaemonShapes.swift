import Domain
import ECSShapes
import Identifiers
import StateStore

/// On how many hosts a revision's tasks run and are being stopped, by capacity provider.
struct DaemonTally: Sendable {
    /// In the order of the revision.
    let providers: [String]
    private(set) var running: [String: Int] = [:]
    private(set) var draining: [String: Int] = [:]

    init(_ revision: DaemonRevisionID, in state: StateSnapshot) {
        var providers = state.daemonRevisions[revision]?.capacityProviders ?? []
        for task in state.tasks(of: revision.daemon) where task.daemonRevision == revision && task.isLive {
            let provider = task.capacityProvider ?? ""
            if !providers.contains(provider) { providers.append(provider) }
            if task.desiredStatus == .stopped {
                draining[provider, default: 0] += 1
            } else if task.lastStatus == .running {
                running[provider, default: 0] += 1
            }
        }
        self.providers = providers
    }

    var totalRunning: Int { running.values.reduce(0, +) }
    var totalDraining: Int { draining.values.reduce(0, +) }

    func arn(of provider: String, _ revision: DaemonRevisionID) -> String {
        CapacityProviderID(scope: revision.daemon.cluster.scope, name: provider).arn
    }
}

extension ECSShapes.DaemonDetail {
    init(_ daemon: DaemonRecord, in state: StateSnapshot) {
        self.init()
        daemonArn = daemon.id.arn
        clusterArn = daemon.id.cluster.arn
        status = daemon.status.wire
        deploymentArn = daemon.deployment.arn
        createdAt = daemon.createdAt.wire
        updatedAt = daemon.updatedAt.wire
        let live = Set(state.tasks(of: daemon.id).filter(\.isLive).compactMap(\.daemonRevision))
        let wanted = daemon.revision.map { [$0] } ?? []
        currentRevisions = (wanted + live.subtracting(wanted).sorted()).map { revision in
            let tally = DaemonTally(revision, in: state)
            return ECSShapes.DaemonRevisionDetail(
                arn: revision.arn,
                capacityProviders: tally.providers.map { provider in
                    ECSShapes.DaemonCapacityProvider(
                        arn: tally.arn(of: provider, revision), runningCount: tally.running[provider] ?? 0)
                }, totalRunningCount: tally.totalRunning)
        }
    }
}

extension ECSShapes.DaemonRevision {
    init(_ revision: DaemonRevisionRecord, in state: StateSnapshot) {
        self.init()
        daemonRevisionArn = revision.id.arn
        clusterArn = revision.id.daemon.cluster.arn
        daemonArn = revision.id.daemon.arn
        daemonTaskDefinitionArn = revision.definition.arn
        createdAt = revision.createdAt.wire
        propagateTags = revision.propagatesTags ? "DAEMON" : "NONE"
        enableECSManagedTags = revision.enableECSManagedTags
        enableExecuteCommand = revision.enableExecuteCommand
        let tasks = state.tasks(of: revision.id.daemon).filter { $0.daemonRevision == revision.id }
        containerImages = state.definition(revision.definition)?.containers.map { container in
            let digest = tasks.lazy.compactMap { task in
                task.observed?.containers.first { $0.name == container.name }?.imageDigest
            }.first
            return ECSShapes.DaemonContainerImage(
                containerName: container.name, imageDigest: digest, image: container.image)
        }
    }
}
