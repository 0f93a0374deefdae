import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Takes the word for a deployment that waits at a lifecycle hook; the services controller carries it out.
struct ContinueServiceDeployment: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ContinueServiceDeploymentRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ContinueServiceDeploymentResponse {
        let arn = request.serviceDeploymentArn ?? ""
        let hook = request.hookId ?? ""
        let action = LifecycleHook.Action(wire: request.action, standard: .proceed)
        try await store.write { transaction throws(APIFault) in
            guard var record = try transaction.state.serviceDeployment(arn, call) else {
                throw .serviceDeploymentNotFound()
            }
            // One that is being stopped already waits for nothing.
            guard record.status == .inProgress,
                record.hooks?.contains(where: { $0.id == hook && $0.status == .awaitingAction }) == true
            else {
                throw .invalidParameter(
                    "The service deployment is not paused at a lifecycle hook with hookId '\(hook)'.")
            }
            // The first word stands.
            guard record.hookAnswers?.contains(where: { $0.hook == hook }) != true else { return }
            record.hookAnswers = (record.hookAnswers ?? []) + [LifecycleHookAnswer(hook: hook, action: action)]
            record.updatedAt = call.now
            transaction.put(record)
        }
        return ECSShapes.ContinueServiceDeploymentResponse(serviceDeploymentArn: arn)
    }
}
