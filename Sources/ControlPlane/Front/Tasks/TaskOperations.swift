import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on tasks.
enum TaskOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(RunTask(launch: TaskLaunch(ports))),
            Operation(StartTask(store: ports.store, presence: ports.presence, ids: ports.ids)),
            Operation(StopTask(store: ports.store, presence: ports.presence)),
            Operation(DescribeTasks(store: ports.store, presence: ports.presence)),
            Operation(ListTasks(store: ports.store)), Operation(ExecuteCommand(store: ports.store)),
            Operation(UpdateTaskProtection(store: ports.store)), Operation(GetTaskProtection(store: ports.store)),
        ]
    }
}

struct DescribeTasks: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.DescribeTasksRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeTasksResponse {
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let references = request.tasks ?? []
        if references.isEmpty { throw .invalidParameter("Tasks cannot be empty.") }
        if references.count > 100 { throw .invalidParameter("Tasks can not have more than 100 elements.") }
        let showsTags = request.include?.contains("TAGS") == true
        var answer = ECSShapes.DescribeTasksResponse(tasks: [], failures: [])
        for reference in references {
            if let id = cluster.id.task(reference), let record = state.tasks[id] {
                var task = ECSShapes.Task(record, in: state, presence)
                if !showsTags { task.tags = [] }
                answer.tasks?.append(task)
            } else {
                let arn = reference.hasPrefix("arn:") ? reference : TaskID(cluster: cluster.id, id: reference).arn
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}

struct ListTasks: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListTasksRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListTasksResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        try checkFilters(request)
        let wanted: DesiredStatus? =
            switch request.desiredStatus {
            case "STOPPED": .stopped
            case "PENDING": nil
            default: .running
            }
        let launchType = request.launchType.flatMap { LaunchType(wire: $0) }
        let tasks = try candidates(request, cluster.id, state, after: paging.last).lazy.filter { task in
            task.shownDesiredStatus == wanted && task.id.cluster == cluster.id
                && (request.family.map { task.definition.family.name == $0 } ?? true)
                && (request.startedBy.map { task.startedBy == $0 } ?? true)
                && (request.launchType == nil || task.launchType == launchType)
        }
        let (page, token) = paging.page(tasks) { $0.id.id }
        return ECSShapes.ListTasksResponse(taskArns: page.map(\.id.arn), nextToken: token)
    }

    private func checkFilters(_ request: ECSShapes.ListTasksRequest) throws(APIFault) {
        guard request.startedBy != nil else { return }
        let others: [String?] = [
            request.family, request.serviceName, request.daemonName, request.containerInstance, request.launchType,
        ]
        if others.contains(where: { $0 != nil }) {
            throw .invalidParameter("startedBy cannot be combined with other filters.")
        }
    }

    /// The narrowest set of tasks that the indexes give, in order of the ids.
    private func candidates(
        _ request: ECSShapes.ListTasksRequest, _ cluster: ClusterID, _ state: StateSnapshot, after last: String?
    ) throws(APIFault) -> AnySequence<TaskRecord> {
        if let name = request.serviceName {
            guard let id = cluster.service(name), state.services[id] != nil else { throw .serviceNotFound() }
            let tasks = state.tasks(of: id)
            guard let instance = request.containerInstance else { return AnySequence(tasks) }
            let host = try host(instance, cluster, state)
            return AnySequence(tasks.filter { $0.placement?.instance == host })
        }
        if let name = request.daemonName {
            let id = DaemonID(cluster: cluster, name: name)
            let tasks = state.tasks(of: id)
            guard state.daemons[id] != nil || !tasks.isEmpty else {
                throw .invalidParameter("The referenced daemon was not found.")
            }
            guard let instance = request.containerInstance else { return AnySequence(tasks) }
            let host = try host(instance, cluster, state)
            return AnySequence(tasks.filter { $0.placement?.instance == host })
        }
        if let instance = request.containerInstance {
            return AnySequence(state.tasks(on: try host(instance, cluster, state)))
        }
        return AnySequence(state.tasks(in: cluster, from: last.map { TaskID(cluster: cluster, id: $0) }))
    }

    private func host(
        _ reference: String, _ cluster: ClusterID, _ state: StateSnapshot
    ) throws(APIFault) -> ContainerInstanceID {
        guard let host = state.instance(reference, in: cluster) else {
            throw .invalidParameter("The referenced container instance was not found.")
        }
        return host.id
    }
}
