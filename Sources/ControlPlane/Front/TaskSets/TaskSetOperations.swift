import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on task sets, which are there for services with the EXTERNAL deployment controller.
enum TaskSetOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(CreateTaskSet(store: ports.store, ids: ports.ids)),
            Operation(DescribeTaskSets(store: ports.store)),
            Operation(UpdateTaskSet(store: ports.store)),
            Operation(DeleteTaskSet(store: ports.store)),
            Operation(UpdateServicePrimaryTaskSet(store: ports.store)),
        ]
    }

    /// - Throws: `InvalidParameterException` unless there is a value from 0 to 100.
    static func scale(_ shape: ECSShapes.Scale?) throws(APIFault) -> Double {
        let value = shape?.value ?? 0
        guard value >= 0, value <= 100 else {
            throw .invalidParameter("scale.value must be between 0 and 100, got \(value).")
        }
        return value
    }
}

extension StateSnapshot {
    /// The service of a request about task sets.
    ///
    /// - Throws: `ClusterNotFoundException`, `ServiceNotFoundException`; `ServiceNotActiveException` for one that is gone.
    func serviceOfTaskSets(
        _ service: String?, in cluster: String?, _ scope: Scope
    ) throws(APIFault) -> ServiceRecord {
        let cluster = try self.cluster(cluster, scope)
        guard let id = cluster.id.service(service ?? ""), let record = services[id] else { throw .serviceNotFound() }
        guard record.status != .inactive else { throw .serviceNotActive() }
        return record
    }
}

extension ServiceRecord {
    /// The place of the task set that a request names by id or by ARN.
    func taskSetIndex(_ reference: String) -> Int? {
        taskSets.firstIndex { $0.id.rawValue == reference || $0.id.taskSetARN(of: id) == reference }
    }
}

extension DeploymentID {
    /// The ARN of the task set with this id.
    func taskSetARN(of service: ServiceID) -> String {
        ARN(
            scope: service.cluster.scope, type: "task-set", path: [service.cluster.name, service.name, rawValue]
        ).text
    }
}

extension APIFault {
    static func taskSetNotFound() -> APIFault {
        APIFault("TaskSetNotFoundException", message: "The specified task set does not exist.")
    }
}

struct DescribeTaskSets: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeTaskSetsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeTaskSetsResponse {
        let state = store.committed()
        let service = try state.serviceOfTaskSets(request.service, in: request.cluster, call.scope)
        let tasks = state.tasks(of: service.id)
        let showsTags = request.include?.contains("TAGS") == true
        var answer = ECSShapes.DescribeTaskSetsResponse(taskSets: [], failures: [])
        guard let references = request.taskSets, !references.isEmpty else {
            answer.taskSets = service.taskSets.map {
                ECSShapes.TaskSet($0, of: service, tasks, showsTags: showsTags)
            }
            return answer
        }
        if references.count > 10 { throw .invalidParameter("taskSets can not have more than 10 elements.") }
        for reference in references {
            if let index = service.taskSetIndex(reference) {
                answer.taskSets?.append(
                    ECSShapes.TaskSet(service.taskSets[index], of: service, tasks, showsTags: showsTags))
            } else {
                let isARN = reference.hasPrefix("arn:")
                answer.failures?.append(
                    .missing(isARN ? reference : DeploymentID(rawValue: reference).taskSetARN(of: service.id)))
            }
        }
        return answer
    }
}
