import AWSWire
import Domain
import ECSShapes
import StateStore

/// Shows one revision, inactive ones included.
struct DescribeTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeTaskDefinitionResponse {
        guard let record = store.committed().taskDefinition(request.taskDefinition ?? "", call.scope) else {
            throw .client("Unable to describe task definition.")
        }
        let showsTags = request.include?.contains("TAGS") == true
        return ECSShapes.DescribeTaskDefinitionResponse(
            taskDefinition: ECSShapes.TaskDefinition(record), tags: showsTags ? Tags.shown(record.tags) ?? [] : nil)
    }
}
