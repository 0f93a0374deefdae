import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The tags of any resource that has some, by its ARN.
struct ListTagsForResource: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListTagsForResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListTagsForResourceResponse {
        let text = request.resourceArn ?? ""
        guard let arn = ARN(text), arn.scope == call.scope else { throw .invalidParameter("Invalid arn syntax.") }
        let state = store.committed()
        let tags = try tags(of: arn, text, call, state)
        return ECSShapes.ListTagsForResourceResponse(tags: tags.tagShapes)
    }

    private func tags(of arn: ARN, _ text: String, _ call: APICall, _ state: StateSnapshot) throws(APIFault)
        -> [KeyValue]
    {
        switch (arn.type, arn.path.count) {
        case ("container-instance", 2):
            let id = ContainerInstanceID(scope: arn.scope, id: arn.path[1])
            try call.requireOwn(id, .listTagsForResource, on: text)
            guard let record = state.instances[id] else {
                throw .invalidParameter("The specified container instance is not found.")
            }
            return record.tags
        case ("task", 2):
            let record = TaskID(arn: text).flatMap { state.tasks[$0] }
            try call.requireOwn(record, .listTagsForResource, on: text)
            guard let record else { throw .invalidParameter("The specified task is not found.") }
            return record.tags
        default:
            try call.requireOwn(Optional<ContainerInstanceID>.none, .listTagsForResource, on: text)
            return try tagsOfPlans(arn, text, state)
        }
    }

    private func tagsOfPlans(_ arn: ARN, _ text: String, _ state: StateSnapshot) throws(APIFault) -> [KeyValue] {
        switch (arn.type, arn.path.count) {
        case ("cluster", 1):
            guard let record = state.clusters[ClusterID(scope: arn.scope, name: arn.path[0])] else {
                throw .clusterNotFound()
            }
            return record.tags
        case ("service", 2):
            let cluster = ClusterID(scope: arn.scope, name: arn.path[0])
            guard let record = state.services[ServiceID(cluster: cluster, name: arn.path[1])] else {
                throw .serviceNotFound()
            }
            return record.tags
        case ("service", 1): throw .invalidParameter("Long arn format must be used for tagging operations")
        case ("task-definition", 1):
            guard let id = TaskDefinitionID(arn: text), let record = state.taskDefinitions[id] else {
                throw .client("The specified task definition does not exist.")
            }
            return record.tags
        default: throw .invalidParameter("Invalid arn syntax.")
        }
    }
}
