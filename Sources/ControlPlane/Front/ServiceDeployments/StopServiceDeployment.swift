import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Asks for the end of an ongoing service deployment; the services controller carries it out.
struct StopServiceDeployment: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.StopServiceDeploymentRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.StopServiceDeploymentResponse {
        let arn = request.serviceDeploymentArn ?? ""
        let wanted: ServiceDeploymentStatus = request.stopType == "ABORT" ? .stopRequested : .rollbackRequested
        try await store.write { transaction throws(APIFault) in
            guard var record = try transaction.state.serviceDeployment(arn, call) else {
                throw .serviceDeploymentNotFound()
            }
            switch record.status {
            case .inProgress where record.stage == .cleanUp:
                throw .conflict(
                    "The service deployment is in stage \(LifecycleStage.cleanUp.wire): its old revision is leaving, and "
                        + "it cannot be stopped any more.", resourceIDs: [arn])
            case .pending, .inProgress:
                record.status = wanted
                record.updatedAt = call.now
                transaction.put(record)
            case .stopRequested, .rollbackRequested, .rollbackInProgress:
                return  // It stops already; the first request stands.
            case .successful, .stopped, .rollbackSuccessful, .rollbackFailed:
                throw .conflict(
                    "The service deployment is in status \(record.status.wire) and cannot be stopped.",
                    resourceIDs: [arn])
            }
        }
        return ECSShapes.StopServiceDeploymentResponse(serviceDeploymentArn: arn)
    }
}
