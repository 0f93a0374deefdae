import AWSWire
import Domain
import Identifiers
import JSONBytes
import StateStore
import TaskLifecycle

/// Takes FARGATE_SPOT capacity back: one task's, or a whole managed host's, which then takes no new tasks until it is
/// returned.
///
/// Request: `target` (id, beginning of one, or ARN of a task or a managed host) and `return` (a host takes tasks again).
/// Answer: `host`, if it was one, and `tasks`, the ARNs of those that were interrupted by this call.
struct Interrupt: OperationHandler {
    let store: any StateStore

    /// With the host below what one commit holds.
    private static let together = 90

    private enum Target {
        case task(TaskID)
        case host(ContainerInstanceID)
    }

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let isReturn = request["return"]?.boolean ?? false
        switch try Self.target(request["target"]?.string ?? "", in: store.committed()) {
        case .task(let id):
            if isReturn { throw .invalidParameter("Only hosts can be returned; \(id.id) is a task.") }
            return ["tasks": .array(try await interrupt(id, call).map { .string($0.arn) })]
        case .host(let id):
            try await set(id, isReturn ? .active : .draining)
            let tasks = isReturn ? [] : try await interruptAll(on: id, call)
            return ["host": .string(id.id), "tasks": .array(tasks.map { .string($0.arn) })]
        }
    }

    private static func target(_ reference: String, in state: StateSnapshot) throws(APIFault) -> Target {
        let wanted = reference.split(separator: "/").last.map(String.init) ?? ""
        guard !wanted.isEmpty else { throw .invalidParameter("target must name a task or a managed host.") }
        let tasks = state.tasks.values().map(\.1).filter { $0.isLive && $0.id.id.hasPrefix(wanted) }.map(\.id)
        let hosts = state.instances.values().map(\.1).filter { $0.status != .inactive && $0.id.id.hasPrefix(wanted) }
        guard tasks.count + hosts.count <= 1 else {
            throw .invalidParameter("'\(reference)' begins the ids of \(tasks.count + hosts.count) tasks and hosts.")
        }
        if let task = tasks.first { return .task(task) }
        guard let host = hosts.first else {
            throw .invalidParameter("There is no live task and no host '\(reference)'.")
        }
        guard host.cluster == nil else {
            throw .invalidParameter(
                "\(host.id.id) is a container instance: FARGATE_SPOT tasks run on managed hosts only. Set it to DRAINING "
                    + "with UpdateContainerInstancesState.")
        }
        return .host(host.id)
    }

    private func interrupt(_ id: TaskID, _ call: APICall) async throws(APIFault) -> [TaskID] {
        try await store.write { transaction throws(APIFault) in
            guard let task = transaction.state.tasks[id], task.isLive else {
                throw .invalidParameter("The referenced task was not found.")
            }
            guard task.isInterruptible else {
                throw .invalidParameter(
                    "Task \(id.id) is not of the capacity provider FARGATE_SPOT: nothing else is interrupted.")
            }
            return Self.put(task.interrupted(now: call.now), over: task, &transaction)
        }
    }

    private func set(_ id: ContainerInstanceID, _ status: ContainerInstanceStatus) async throws(APIFault) {
        try await store.write { transaction throws(APIFault) in
            guard var host = transaction.state.instances[id], host.status != .inactive else {
                throw .invalidParameter("The host \(id.id) was deregistered.")
            }
            guard host.status != status else { return }
            host.status = status
            host.changeCount += 1
            transaction.put(host)
        }
    }

    /// The host takes no more: what is interrupted in several commits does not grow meanwhile.
    private func interruptAll(on host: ContainerInstanceID, _ call: APICall) async throws(APIFault) -> [TaskID] {
        var interrupted: [TaskID] = []
        while true {
            let some = try await store.write { transaction throws(APIFault) in
                let tasks = transaction.state.liveTasks(on: host)
                    .filter { $0.isInterruptible && $0.desiredStatus == .running }.prefix(Self.together)
                return tasks.flatMap { Self.put($0.interrupted(now: call.now), over: $0, &transaction) }
            }
            if some.isEmpty { return interrupted }
            interrupted += some
        }
    }

    private static func put(_ task: TaskRecord, over old: TaskRecord, _ transaction: inout Transaction) -> [TaskID] {
        guard task != old else { return [] }
        transaction.put(task)
        return [task.id]
    }
}
