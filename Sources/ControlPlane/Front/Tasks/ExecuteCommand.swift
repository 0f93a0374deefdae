import AWSWire
import Domain
import ECSShapes
import StateStore

/// Opens a session in a container. Sessions are not built: what could have one gets the answer of a target whose agent is
/// not connected.
struct ExecuteCommand: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ExecuteCommandRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ExecuteCommandResponse {
        if request.command?.isEmpty != false { throw .invalidParameter("Command cannot be empty.") }
        guard request.interactive == true else {
            throw .invalidParameter("Interactive is the only mode supported currently.")
        }
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        guard let id = cluster.id.task(request.task ?? ""), let task = state.tasks[id] else {
            throw .invalidParameter("The referenced task was not found.")
        }
        try Self.check(request.container, of: task)
        guard task.enableExecuteCommand, task.lastStatus == .running, task.desiredStatus == .running else {
            throw .invalidParameter(
                "The execute command failed because execute command was not enabled when the task was run or the "
                    + "execute command agent isn’t running. Wait and try again or run a new task with execute command "
                    + "enabled and try again.")
        }
        throw APIFault(
            "TargetNotConnectedException",
            message: "The execute command failed due to an internal error. Try again later.")
    }

    private static func check(_ container: String?, of task: TaskRecord) throws(APIFault) {
        guard let container, !container.isEmpty else {
            if task.containers.count > 1 {
                throw .invalidParameter(
                    "container must be specified: the task has \(task.containers.count) containers.")
            }
            return
        }
        if !task.containers.contains(where: { $0.name == container }) {
            throw .invalidParameter("Container '\(container.prefix(255))' is not a container of the task.")
        }
    }
}
