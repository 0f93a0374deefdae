public import Domain
import Identifiers
import TaskLifecycle

extension ServiceRecord {
    /// The revisions that the service's deployments deploy, newest deployment first, with the tasks of each.
    /// - Parameter tasks: the service's tasks; stopped ones do no harm.
    public func tallies(of tasks: [TaskRecord]) -> [RevisionTally] {
        let byDeployment = Dictionary(grouping: tasks) { $0.deployment }
        var tallies: [RevisionTally] = []
        for deployment in deployments {
            guard let revision = deployment.revision else { continue }
            let own = byDeployment[deployment.id] ?? []
            let counts = TaskCounts(own)
            let index = tallies.firstIndex { $0.revision == revision } ?? tallies.count
            if index == tallies.count { tallies.append(RevisionTally(revision: revision)) }
            tallies[index].requested += requestedCount(of: deployment, own)
            tallies[index].running += counts.running
            tallies[index].pending += counts.pending
        }
        return tallies
    }

    /// How many tasks a deployment shall have: the primary what the service wants, an older one what it still has.
    ///
    /// Where two run beside each other, the new one gets its tasks with the stage SCALE_UP and the old one keeps its own.
    /// - Parameter own: the deployment's tasks.
    public func requestedCount(of deployment: DeploymentRecord, _ own: [TaskRecord]) -> Int {
        if let lifecycle = primary?.lifecycle {
            if deployment.status == .primary { return lifecycle.stage < .scaleUp ? 0 : desiredCount }
            if deployment.id == lifecycle.blue, lifecycle.stage < .cleanUp { return desiredCount }
        }
        return deployment.status == .primary ? desiredCount : own.count { $0.desiredStatus == .running && $0.isLive }
    }
}

extension ServiceDeploymentRecord {
    /// The tasks of its target and of its sources, in that order: now while it is open, else when it ended.
    public func tallies(in service: ServiceRecord?, _ tasks: [TaskRecord]) -> [RevisionTally] {
        if let tallies { return tallies }
        let known = service?.tallies(of: tasks) ?? []
        return ([target] + sources).map { revision in
            var tally = known.first { $0.revision == revision } ?? RevisionTally(revision: revision)
            if configuration.strategy != .rolling {
                tally.production = service?.productionWeight(of: revision)
                tally.test = service?.testWeight(of: revision)
            }
            return tally
        }
    }
}
