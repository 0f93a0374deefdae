import Domain
import Identifiers
import TaskRuntime

/// What is written on every container, enough to know its task again when the record on disk is lost.
enum TaskLabels {
    static func labels(for container: AssignedContainer, of assignment: TaskAssignment) -> [String: String] {
        var labels: [String: String] = [:]
        for label in container.definition.dockerLabels { labels[label.key] = label.value }
        labels["com.amazonaws.ecs.task-arn"] = assignment.task.arn
        labels["com.amazonaws.ecs.cluster"] = assignment.task.cluster.name
        labels["com.amazonaws.ecs.container-name"] = container.definition.name
        labels["com.amazonaws.ecs.task-definition-family"] = assignment.family
        labels["com.amazonaws.ecs.task-definition-version"] = String(assignment.revision)
        labels["berth.container-id"] = container.id
        labels["berth.image"] = container.definition.image
        labels["berth.essential"] = String(container.definition.essential)
        labels["berth.launch-type"] = assignment.launchType.rawValue
        labels["berth.network-mode"] = assignment.networkMode.rawValue
        return labels
    }

    /// A record made from what the containers of one task carry; nil when it does not suffice.
    ///
    /// Such a task goes on and is stopped and reported like any other; its health checks and timeouts are lost.
    static func record(from states: [RuntimeContainerState]) -> TaskRunnerRecord? {
        guard let labels = states.first?.labels,
            let task = labels["com.amazonaws.ecs.task-arn"].flatMap(TaskID.init(arn:)),
            let launchType = labels["berth.launch-type"].flatMap(LaunchType.init(rawValue:)),
            let mode = labels["berth.network-mode"].flatMap(NetworkMode.init(rawValue:))
        else { return nil }
        let containers = states.sorted { $0.id < $1.id }.compactMap { assigned($0.labels) }
        guard !containers.isEmpty else { return nil }
        var record = TaskRunnerRecord(
            assignment: TaskAssignment(
                task: task, family: labels["com.amazonaws.ecs.task-definition-family"] ?? "",
                revision: labels["com.amazonaws.ecs.task-definition-version"].flatMap { Int($0) } ?? 0,
                launchType: launchType, networkMode: mode, containers: containers, group: ""))
        record.hasPorts = true
        for index in record.containers.indices { record.containers[index].startIntended = true }
        return record
    }

    private static func assigned(_ labels: [String: String]) -> AssignedContainer? {
        guard let name = labels["com.amazonaws.ecs.container-name"], let image = labels["berth.image"] else {
            return nil
        }
        var definition = ContainerDefinition(name: name, image: image)
        definition.essential = labels["berth.essential"] != "false"
        return AssignedContainer(id: labels["berth.container-id"] ?? "", definition: definition)
    }
}
