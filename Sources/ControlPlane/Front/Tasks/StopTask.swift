import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore
import TaskLifecycle

/// Asks a task to stop. Returns at once: the host stops it and reports.
struct StopTask: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.StopTaskRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.StopTaskResponse {
        let cluster = try store.committed().cluster(request.cluster, call.scope)
        guard let id = cluster.id.task(request.task ?? "") else {
            throw .invalidParameter("The referenced task was not found.")
        }
        let asked = request.reason ?? ""
        let reason = asked.isEmpty ? "Task stopped by user" : asked
        if reason.unicodeScalars.count > 1024 { throw .invalidParameter("reason can have at most 1024 characters.") }
        let task = try await store.write { transaction throws(APIFault) in
            guard let task = transaction.state.tasks[id] else {
                throw .invalidParameter("The referenced task was not found.")
            }
            var stopped = task.requestingStop(.userInitiated, reason: reason, now: call.now)
            guard stopped != task else { return task }
            // ECS forgets the tags of a task that was asked to stop.
            stopped.tags = []
            transaction.put(stopped)
            return transaction.state.tasks[id] ?? stopped
        }
        return ECSShapes.StopTaskResponse(task: ECSShapes.Task(task, in: store.committed(), presence))
    }
}
