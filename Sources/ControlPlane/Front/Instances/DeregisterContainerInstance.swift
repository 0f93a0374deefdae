import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore
import TaskLifecycle

/// Takes a host out of its cluster. By force its tasks are given up: services replace them.
///
/// The host becomes INACTIVE first; then its tasks go in steps. What a crash leaves of them, a second call or the
/// lost-hosts controller gives up.
struct DeregisterContainerInstance: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.DeregisterContainerInstanceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeregisterContainerInstanceResponse {
        let id = try instance(request, call)
        let isForced = request.force ?? false
        let record = try await store.write { transaction throws(APIFault) in
            guard var record = transaction.state.instances[id] else {
                throw .invalidParameter("Referenced container instance \(id.id) not found.")
            }
            if record.status == .inactive { return record }
            if transaction.state.liveTaskCount(on: id) > 0, !isForced {
                throw .invalidParameter("Found running tasks on the instance.")
            }
            Self.giveUp(tasksOn: id, &transaction, now: call.now)
            record.status = .inactive
            record.addressBlock = nil
            record.tags = []
            record.deregisteredAt = call.now
            record.changeCount += 1
            transaction.put(record)
            return record
        }
        while store.committed().liveTaskCount(on: id) > 0 {
            _ = try await store.write { transaction throws(APIFault) in
                Self.giveUp(tasksOn: id, &transaction, now: call.now)
            }
        }
        return ECSShapes.DeregisterContainerInstanceResponse(
            containerInstance: ECSShapes.ContainerInstance(record, in: store.committed(), presence))
    }

    private static func giveUp(tasksOn id: ContainerInstanceID, _ transaction: inout Transaction, now: Timestamp) {
        for task in transaction.state.liveTasks(on: id).prefix(TaskRecord.givenUpAtOnce) {
            transaction.put(task.deregistered(now: now))
        }
    }

    private func instance(
        _ request: ECSShapes.DeregisterContainerInstanceRequest, _ call: APICall
    ) throws(APIFault) -> ContainerInstanceID {
        let reference = request.containerInstance ?? ""
        let state = store.committed()
        let notFound = APIFault.invalidParameter("Referenced container instance \(reference.prefix(200)) not found.")
        if case .node(let own) = call.principal {
            let named =
                ContainerInstanceID.parse(arn: reference)?.id ?? ContainerInstanceID(scope: call.scope, id: reference)
            try call.requireOwn(named, .deregisterContainerInstance, on: reference)
            return own
        }
        // Managed hosts are in no cluster; root names them by their ARN.
        if let (id, cluster) = ContainerInstanceID.parse(arn: reference),
            cluster == ContainerInstanceRecord.managedClusterName, state.instances[id]?.cluster == nil
        {
            return id
        }
        let cluster = try state.cluster(request.cluster, call.scope)
        guard let record = state.instance(reference, in: cluster.id) else { throw notFound }
        return record.id
    }
}

/// Lets hosts drain, or takes them into service again.
struct UpdateContainerInstancesState: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.UpdateContainerInstancesStateRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateContainerInstancesStateResponse {
        let references = request.containerInstances ?? []
        guard (1...10).contains(references.count) else {
            throw .invalidParameter("Between 1 and 10 container instances must be given.")
        }
        let wanted: ContainerInstanceStatus
        switch request.status {
        case "ACTIVE": wanted = .active
        case "DRAINING": wanted = .draining
        default: throw .invalidParameter("Container instances can be set to ACTIVE and DRAINING only.")
        }
        let cluster = try store.committed().cluster(request.cluster, call.scope)
        for reference in references {
            let named = cluster.id.local(reference, type: "container-instance")
                .map { ContainerInstanceID(scope: call.scope, id: $0) }
            try call.requireOwn(named, .updateContainerInstancesState, on: reference)
        }
        let (records, failures) = try await store.write { transaction throws(APIFault) in
            var records: [ContainerInstanceRecord] = []
            var failures: [ECSShapes.Failure] = []
            for reference in references {
                guard var record = transaction.state.instance(reference, in: cluster.id) else {
                    failures.append(.missing(cluster.id.instanceARN(reference)))
                    continue
                }
                if record.status == .inactive {
                    failures.append(ECSShapes.Failure(arn: record.arn, reason: "INACTIVE"))
                    continue
                }
                if record.status != wanted {
                    record.status = wanted
                    record.changeCount += 1
                    transaction.put(record)
                }
                records.append(record)
            }
            return (records, failures)
        }
        let state = store.committed()
        return ECSShapes.UpdateContainerInstancesStateResponse(
            containerInstances: records.map { ECSShapes.ContainerInstance($0, in: state, presence) },
            failures: failures)
    }
}
