import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore
import TaskLifecycle

/// Starts one task on each host that the caller names: nothing chooses, but a host must admit its task.
struct StartTask: OperationHandler {
    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource

    private static let limit = 10

    func answer(
        _ request: ECSShapes.StartTaskRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.StartTaskResponse {
        try AcceptedSettings.check(.task, request)
        let references = request.containerInstances ?? []
        if references.isEmpty { throw .invalidParameter("Container instances cannot be empty.") }
        if references.count > Self.limit {
            throw .invalidParameter("Container instances can not have more than \(Self.limit) elements.")
        }
        let outcome = try await store.planned { state throws(APIFault) in
            try plan(request, references, call, state)
        } apply: { plan, transaction throws(APIFault) in
            for task in plan.tasks { transaction.put(task) }
            return plan
        }
        let state = store.committed()
        return ECSShapes.StartTaskResponse(
            tasks: outcome.tasks.map { ECSShapes.Task($0, in: state, presence) }, failures: outcome.failures)
    }

    /// The tasks with their hosts, and the hosts that got none.
    private struct Outcome: Sendable {
        var tasks: [TaskRecord] = []
        var failures: [ECSShapes.Failure] = []
    }

    private func plan(
        _ request: ECSShapes.StartTaskRequest, _ references: [String], _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) -> (Outcome, AggregateVersions) {
        let cluster = try state.cluster(request.cluster, call.scope)
        let definition = try state.runnableDefinition(request.taskDefinition, call.scope)
        var templates: [LaunchType: TaskTemplate] = [:]
        // A request that is wrong wherever it would run is refused even when no host is found.
        let compatibilities = definition.definition.compatibilities
        let usual: LaunchType =
            compatibilities.contains(.external) && !compatibilities.contains(.ec2) ? .external : .ec2
        templates[usual] = try template(request, definition, cluster.id, on: usual)
        var hosts: [ContainerInstanceID: PlacementSnapshot] = [:]
        var outcome = Outcome()
        for reference in references {
            guard let host = state.instance(reference, in: cluster.id) else {
                outcome.failures.append(.missing(cluster.id.instanceARN(reference)))
                continue
            }
            if templates[host.launchType] == nil {
                templates[host.launchType] = try template(request, definition, cluster.id, on: host.launchType)
            }
            guard let template = templates[host.launchType] else { continue }
            var free = hosts[host.id] ?? snapshot(of: host, in: state)
            for task in newTasks(1, of: template, ids: ids, now: call.now) {
                if let refusal = place(task, on: host, &free) {
                    outcome.failures.append(ECSShapes.Failure(arn: host.arn, reason: refusal))
                } else {
                    var placed = task
                    placed.placement = TaskPlacement(instance: host.id, placedAt: call.now)
                    outcome.tasks.append(placed)
                }
            }
            hosts[host.id] = free
        }
        let touched = hosts.keys.map { AggregateID.instance($0) } + [.cluster(cluster.id)]
        return (outcome, AggregateVersions(state, touched))
    }

    private func template(
        _ request: ECSShapes.StartTaskRequest, _ definition: TaskDefinitionRecord, _ cluster: ClusterID,
        on type: LaunchType
    ) throws(APIFault) -> TaskTemplate {
        try LaunchTarget.check(definition.definition, supports: type)
        return try TaskTemplate(request, definition, cluster: cluster, on: type)
    }

    /// The one host as placement sees it: it keeps count when the caller names it twice.
    private func snapshot(of host: ContainerInstanceRecord, in state: StateSnapshot) -> PlacementSnapshot {
        PlacementSnapshot(
            hosts: [
                PlacementHost(
                    record: host, isConnected: presence.isConnected(host.id), tasks: state.tasks(on: host.id))
            ])
    }

    /// - Returns: why the host does not admit the task; nil when it has it now.
    private func place(
        _ task: TaskRecord, on host: ContainerInstanceRecord, _ free: inout PlacementSnapshot
    ) -> String? {
        if host.status == .inactive { return PlacementRefusal.inactive.code }
        if let rejection = free.rejections(of: task).first { return rejection.refusal.code }
        var random = SeededGenerator(seed: ids.bits())
        _ = free.plan([task], using: &random)
        return nil
    }
}
