import Domain
package import Identifiers
package import StateStore

/// What one commit means to the gateway.
package struct GatewayConcern: Equatable {
    /// Hosts whose sessions have something to do.
    package private(set) var instances: Set<ContainerInstanceID> = []
    package private(set) var mayChangeRoutes = false

    /// The parts of a task that a session looks at.
    private struct Concern: Equatable {
        let instance: ContainerInstanceID?
        let desired: DesiredStatus
        let isGivenUp: Bool
        let isFinished: Bool

        init(_ task: TaskRecord) {
            instance = task.placement?.instance
            desired = task.orderedStatus
            isGivenUp = task.verdict.lostAt != nil
            isFinished = task.observed?.status == .stopped
        }
    }

    package init(_ changes: [Change]) {
        for change in changes {
            switch change.key {
            case .task: takeTask(change)
            case .instance(let id):
                instances.insert(id)
                mayChangeRoutes = true
            // Rules name hosts.
            case .loadBalancer, .listener, .listenerRule: mayChangeRoutes = true
            default: break
            }
        }
    }

    private mutating func takeTask(_ change: Change) {
        let before = Self.concern(change.before)
        let after = Self.concern(change.after)
        guard before != after else { return }
        for instance in [before?.instance, after?.instance].compactMap(\.self) { instances.insert(instance) }
    }

    private static func concern(_ record: Record?) -> Concern? {
        guard case .task(let task)? = record else { return nil }
        return Concern(task)
    }
}
