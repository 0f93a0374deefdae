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
        case .task(let task): envelope(event, [task.id.arn], position, time, .object(try detail(of: task, time)))
        case .instance(let instance):
            envelope(event, [instance.arn], position, time, .object(try detail(of: instance, time)))
        case .action(let service, let action, let at):
            envelope(event, [service.arn], position, time, detail(of: action, service, at))
        case .deployment(let service, let change):
            envelope(event, [service.arn], position, time, detail(of: change))
        case .hook(let deployment, let change):
            envelope(event, [deployment.arn], position, time, detail(of: change, deployment))
        case .alarm(let before, let alarm):
            envelope(event, [alarm.id.arn], position, time, AlarmEventDetail.json(before, alarm))
        case .user(_, let told):
            envelope(
                event, told.resources, position, told.time, try JSONValue(jsonBytes: Array(told.detail.utf8)))
        }
    }

    private func envelope(
        _ event: ResourceEvent, _ resources: [String], _ position: EventPosition, _ time: Timestamp, _ detail: JSONValue
    ) -> JSONValue {
        let scope = event.scope
        return [
            "version": "0", "id": .string(position.id(scope)), "detail-type": .string(event.detailType),
            "source": .string(event.source), "account": .string(scope.account),
            "time": .string(ISO8601.seconds(time.milliseconds)), "region": .string(scope.region),
            "resources": .array(resources.map { .string($0) }), "detail": detail,
        ]
    }

    private func detail(of action: ServiceAction, _ service: ServiceID, _ at: Timestamp) -> JSONValue {
        var members: [String: JSONValue] = [
            "eventType": .string(action.severity.rawValue), "eventName": .string(action.name.rawValue),
            "clusterArn": .string(service.cluster.arn), "createdAt": .string(Self.text(at)),
        ]
        members["reason"] = action.reason.map { .string($0) }
        return .object(members)
    }

    private func detail(of change: DeploymentChange) -> JSONValue {
        [
            "eventType": .string(change.state == .failed ? "ERROR" : "INFO"),
            "eventName": .string("SERVICE_DEPLOYMENT_" + change.state.wire),
            "deploymentId": .string(change.id.rawValue), "updatedAt": .string(Self.text(change.updatedAt)),
            "reason": .string(change.reason),
        ]
    }

    /// - Source: Amazon ECS Developer Guide, "Amazon ECS service deployment hook state change events", which shows `INFO` only
    private func detail(of change: HookChange, _ deployment: ServiceDeploymentID) -> JSONValue {
        [
            "eventType": "INFO", "eventName": .string("HOOK_" + change.hook.status.wire),
            "hookId": .string(change.hook.id), "hookType": "PAUSE",
            "expiresAt": .string(ISO8601.seconds(change.hook.expiresAt.milliseconds)),
            "lifecycleStage": .string(change.hook.stage.wire),
            "clusterArn": .string(deployment.service.cluster.arn), "serviceArn": .string(deployment.service.arn),
            "serviceDeploymentArn": .string(deployment.arn), "updatedAt": .string(Self.text(change.updatedAt)),
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
