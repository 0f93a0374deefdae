import Domain
import Identifiers

/// What decides whether a host admits a task; tasks of one shape are refused alike.
struct TaskShape: Hashable, Sendable {
    var group: TaskGroup
    var launchType: LaunchType
    var capacityProvider: String?
    var reservation: Resources
    var hostPorts: [Port]
    var requiresAttributes: [String]
    var constraints: [PlacementConstraint]
    var pinnedTo: ContainerInstanceID?

    init(_ task: TaskRecord) {
        group = TaskGroup(task)
        launchType = task.launchType
        capacityProvider = task.capacityProvider
        reservation = task.reservation
        hostPorts = task.hostPorts
        requiresAttributes = task.requiresAttributes
        constraints = task.placementConstraints
        pinnedTo = task.pinnedTo
    }
}
