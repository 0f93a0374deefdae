import AgentWire
import Domain
import Identifiers
import TaskRuntime

/// Makes the telemetry messages of a host. Pure: samples in, messages out.
struct TelemetryFrames: Sendable {
    /// As ECS's agent does: more tasks go into further frames.
    static let tasksPerFrame = 10

    var cluster: String
    var containerInstance: String

    /// The health of every container that has a check; nothing when there is none.
    func health(_ records: [TaskRunnerRecord], messageID: String, wall: Timestamp) -> [TCSAgentMessage] {
        let tasks = records.filter { $0.stoppedAt == nil }.compactMap(taskHealth)
        return chunks(tasks).map { chunk, isLast in
            var request = PublishHealthRequest()
            request.metadata = metadata(messageID, isLast: isLast, idle: nil)
            request.tasks = chunk
            request.timestamp = wall.seconds
            return .health(request)
        }
    }

    private func taskHealth(_ record: TaskRunnerRecord) -> TaskHealth? {
        let checked = zip(record.containers, record.assignment.containers).filter { $1.definition.healthCheck != nil }
        guard !checked.isEmpty else { return nil }
        var health = TaskHealth()
        health.taskArn = record.id.arn
        health.clusterArn = record.id.cluster.arn
        health.taskDefinitionFamily = record.assignment.family
        health.taskDefinitionVersion = String(record.assignment.revision)
        health.containers = checked.map { progress, _ in
            var container = ContainerHealth()
            container.containerName = progress.name
            container.healthStatus = progress.health.rawValue.uppercased()
            container.statusSince = progress.healthSince?.seconds ?? progress.startedAt?.seconds
            return container
        }
        return health
    }

    /// What containers used since the frames before; an idle host says so.
    func metrics(
        _ records: [TaskRunnerRecord], usage: [String: ContainerUsage], messageID: String, wall: Timestamp
    ) -> [TCSAgentMessage] {
        let tasks = records.compactMap { taskMetric($0, usage) }
        guard !tasks.isEmpty else {
            var request = PublishMetricsRequest()
            request.metadata = metadata(messageID, isLast: true, idle: true)
            request.timestamp = wall.seconds
            return [.metrics(request)]
        }
        return chunks(tasks).map { chunk, isLast in
            var request = PublishMetricsRequest()
            request.metadata = metadata(messageID, isLast: isLast, idle: false)
            request.taskMetrics = chunk
            request.timestamp = wall.seconds
            return .metrics(request)
        }
    }

    private func taskMetric(_ record: TaskRunnerRecord, _ usage: [String: ContainerUsage]) -> TaskMetric? {
        let first = record.containers.indices.first { usage[record.containerID($0)] != nil }
        let containers = record.containers.indices.compactMap { index -> ContainerMetric? in
            guard let used = usage[record.containerID(index)] else { return nil }
            var metric = ContainerMetric()
            metric.containerName = record.containers[index].name
            metric.cpuStatsSet = used.cpuPercent
            metric.memoryStatsSet = used.memoryMiB
            metric.storageStatsSet = used.storage
            // The network is the task's: one of its containers tells of it, so that what they tell adds up.
            if index == first, record.assignment.networkMode != .host { metric.networkStatsSet = used.network }
            if record.assignment.containers[index].definition.restartPolicy != nil {
                var restarts = RestartStatsSet()
                restarts.restartCount = Int64(record.containers[index].attempt)
                metric.restartStatsSet = restarts
            }
            return metric
        }
        guard !containers.isEmpty else { return nil }
        var metric = TaskMetric()
        metric.taskArn = record.id.arn
        metric.clusterArn = record.id.cluster.arn
        metric.taskDefinitionFamily = record.assignment.family
        metric.taskDefinitionVersion = String(record.assignment.revision)
        metric.containerMetrics = containers
        return metric
    }

    private func metadata(_ messageID: String, isLast: Bool, idle: Bool?) -> TelemetryMetadata {
        var metadata = TelemetryMetadata()
        metadata.cluster = cluster
        metadata.containerInstance = containerInstance
        metadata.messageId = messageID
        metadata.idle = idle
        metadata.fin = isLast
        return metadata
    }

    private func chunks<Element>(_ elements: [Element]) -> [([Element], Bool)] {
        stride(from: 0, to: elements.count, by: Self.tasksPerFrame).map { start in
            let end = min(start + Self.tasksPerFrame, elements.count)
            return (Array(elements[start..<end]), end == elements.count)
        }
    }
}
