import AWSWire
import Deployments
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Protects tasks of services from scale-in and deployments for a time, or ends that.
struct UpdateTaskProtection: OperationHandler {
    let store: any StateStore

    /// Minutes; ECS's own.
    private static let standard = 120
    private static let range = 1...2880
    private static let limit = 10

    func answer(
        _ request: ECSShapes.UpdateTaskProtectionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateTaskProtectionResponse {
        let references = try TaskProtection.references(request.tasks, limit: Self.limit)
        let minutes = request.expiresInMinutes ?? Self.standard
        guard Self.range.contains(minutes) else {
            throw .invalidParameter("expiresInMinutes must be between 1 and 2880, got \(minutes).")
        }
        let protection =
            request.protectionEnabled == true
            ? TaskProtection(expiresAt: call.now.adding(.seconds(minutes * 60))) : nil
        return try await store.write { transaction throws(APIFault) in
            let cluster = try transaction.state.cluster(request.cluster, call.scope).id
            var answer = ECSShapes.UpdateTaskProtectionResponse(protectedTasks: [], failures: [])
            for reference in references {
                switch TaskProtection.task(reference, in: cluster, transaction.state) {
                case .failure(let failure): answer.failures?.append(failure.shape)
                case .success(var task):
                    if protection != nil, Self.isBlocked(task, transaction.state, now: call.now) {
                        answer.failures?.append(TaskProtection.blocked(task.id))
                        continue
                    }
                    task.protection = protection
                    transaction.put(task)
                    answer.protectedTasks?.append(ECSShapes.ProtectedTask(task, now: call.now))
                }
            }
            return answer
        }
    }

    /// Whether protecting one more task would only prolong that the service is stuck. What is protected already may be
    /// prolonged.
    private static func isBlocked(_ task: TaskRecord, _ state: StateSnapshot, now: Timestamp) -> Bool {
        guard let service = task.service.flatMap({ state.services[$0] }), !task.isProtected(at: now) else {
            return false
        }
        return service.isBlockedByProtection(state.liveTasks(of: service.id), now: now)
    }
}

/// Shows which tasks are protected, and until when.
struct GetTaskProtection: OperationHandler {
    let store: any StateStore

    private static let limit = 100

    func answer(
        _ request: ECSShapes.GetTaskProtectionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.GetTaskProtectionResponse {
        let references = try TaskProtection.references(request.tasks, limit: Self.limit)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope).id
        var answer = ECSShapes.GetTaskProtectionResponse(protectedTasks: [], failures: [])
        for reference in references {
            switch TaskProtection.task(reference, in: cluster, state) {
            case .failure(let failure): answer.failures?.append(failure.shape)
            case .success(let task): answer.protectedTasks?.append(ECSShapes.ProtectedTask(task, now: call.now))
            }
        }
        return answer
    }
}

extension TaskProtection {
    /// Why a task cannot be protected.
    fileprivate struct Refusal: Error {
        var shape: ECSShapes.Failure
    }

    fileprivate static func references(_ tasks: [String]?, limit: Int) throws(APIFault) -> [String] {
        let tasks = tasks ?? []
        if tasks.isEmpty { throw .invalidParameter("Tasks cannot be empty.") }
        if tasks.count > limit { throw .invalidParameter("Tasks can not have more than \(limit) elements.") }
        return tasks
    }

    /// The live task of a service that a request names.
    fileprivate static func task(
        _ reference: String, in cluster: ClusterID, _ state: StateSnapshot
    ) -> Result<TaskRecord, Refusal> {
        guard let id = cluster.task(reference), let task = state.tasks[id], task.isLive else {
            let arn = reference.hasPrefix("arn:") ? reference : TaskID(cluster: cluster, id: reference).arn
            return .failure(Refusal(shape: .missing(arn)))
        }
        guard task.service != nil else {
            return .failure(
                Refusal(
                    shape: ECSShapes.Failure(
                        arn: id.arn, reason: "TASK_NOT_VALID",
                        detail:
                            "The specified task isn't part of an Amazon ECS service. Only Amazon ECS service-managed "
                            + "tasks can be protected.")))
        }
        return .success(task)
    }

    fileprivate static func blocked(_ task: TaskID) -> ECSShapes.Failure {
        ECSShapes.Failure(
            arn: task.arn, reason: "DEPLOYMENT_BLOCKED",
            detail: "Unable to set task protection because one or more protected tasks is preventing the service "
                + "deployment from reaching a steady state. Unset the protection of the existing tasks or wait until "
                + "it expires.")
    }
}

extension ECSShapes.ProtectedTask {
    fileprivate init(_ task: TaskRecord, now: Identifiers.Timestamp) {
        let isProtected = task.isProtected(at: now)
        self.init(
            taskArn: task.id.arn, protectionEnabled: isProtected,
            expirationDate: isProtected ? task.protection?.expiresAt.wire : nil)
    }
}
