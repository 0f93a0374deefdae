import AWSWire
import Domain
import ECSShapes
import Events
import Identifiers
import JSONBytes
import StateStore

/// An event in the shape in which EventBridge delivers it.
///
/// What a task's or an instance's own record does not say (images of the definition, the zone of the host) is looked up in
/// the newest state. Members that follow from other records at the time, such as remaining resources, are left out: a
/// stream that is read again must say the same again.
/// - Source: Amazon ECS Developer Guide, "Amazon ECS events"
struct EventEnvelope {
    let state: StateSnapshot

    func json(_ event: ResourceEvent, at position: EventPosition, _ time: Timestamp) throws(JSONError) -> JSONValue {
        switch event {
        case .task(let task):
            try envelope("ECS Task State Change", task.id.arn, task.id.cluster.scope, position, time) {
                () throws(JSONError) in try detail(of: task, time)
            }
        case .instance(let instance):
            try envelope("ECS Container Instance State Change", instance.arn, instance.id.scope, position, time) {
                () throws(JSONError) in try detail(of: instance, time)
            }
        case .action(let service, let action, let at):
            try envelope("ECS Service Action", service.arn, service.cluster.scope, position, time) {
                var members: [String: JSONValue] = [
                    "eventType": .string(action.severity.rawValue), "eventName": .string(action.name.rawValue),
                    "clusterArn": .string(service.cluster.arn), "createdAt": .string(Self.text(at)),
                ]
                members["reason"] = action.reason.map { .string($0) }
                return members
            }
        case .deployment(let service, let change):
            try envelope("ECS Deployment State Change", service.arn, service.cluster.scope, position, time) {
                [
                    "eventType": .string(change.state == .failed ? "ERROR" : "INFO"),
                    "eventName": .string("SERVICE_DEPLOYMENT_" + change.state.wire),
                    "deploymentId": .string(change.id.rawValue), "updatedAt": .string(Self.text(change.updatedAt)),
                    "reason": .string(change.reason),
                ]
            }
        }
    }

    private func envelope(
        _ type: String, _ resource: String, _ scope: Scope, _ position: EventPosition, _ time: Timestamp,
        detail: () throws(JSONError) -> [String: JSONValue]
    ) throws(JSONError) -> JSONValue {
        [
            "version": "0", "id": .string(position.id(scope)), "detail-type": .string(type), "source": "aws.ecs",
            "account": .string(scope.account), "time": .string(ISO8601.seconds(time.milliseconds)),
            "region": .string(scope.region), "resources": [.string(resource)], "detail": .object(try detail()),
        ]
    }

    private func detail(of task: TaskRecord, _ time: Timestamp) throws(JSONError) -> [String: JSONValue] {
        var shape = ECSShapes.Task(task, in: state) { _ in task.verdict.lostAt == nil }
        shape.tags = nil
        for index in (shape.attachments ?? []).indices { shape.attachments?[index].type = "eni" }
        return try Self.dated(shape, updatedAt: time)
    }

    private func detail(
        of instance: ContainerInstanceRecord, _ time: Timestamp
    ) throws(JSONError) -> [String: JSONValue] {
        var shape = ECSShapes.ContainerInstance(instance, isConnected: instance.lostAt == nil, tasks: [])
        shape.clearWhatTasksDecide()
        var members = try Self.dated(shape, updatedAt: time)
        members["clusterArn"] = instance.cluster.map { .string($0.arn) }
        return members
    }

    /// The shape's members with times as events write them.
    private static func dated(
        _ shape: some JSONWritable, updatedAt: Timestamp
    ) throws(JSONError) -> [String: JSONValue] {
        var members = try JSONValue(jsonBytes: shape.jsonBytes()).object ?? [:]
        for (name, value) in members where name.hasSuffix("At") {
            guard let seconds = value.number, let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
                continue
            }
            members[name] = .string(ISO8601.milliseconds(milliseconds))
        }
        members["updatedAt"] = .string(text(updatedAt))
        return members
    }

    private static func text(_ time: Timestamp) -> String { ISO8601.milliseconds(time.milliseconds) }
}

extension ECSShapes.ContainerInstance {
    fileprivate mutating func clearWhatTasksDecide() {
        remainingResources = nil
        runningTasksCount = nil
        pendingTasksCount = nil
        tags = nil
    }
}
