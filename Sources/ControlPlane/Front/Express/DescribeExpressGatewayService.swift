import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

struct DescribeExpressGatewayService: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeExpressGatewayServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeExpressGatewayServiceResponse {
        let state = store.committed()
        guard let (service, settings) = try state.express(request.serviceArn, call) else {
            throw .resourceNotFound("Service not found.")
        }
        let showsTags = request.include?.contains("TAGS") == true
        return ECSShapes.DescribeExpressGatewayServiceResponse(
            service: ECSShapes.ECSExpressGatewayService(service, settings, in: state, showsTags: showsTags))
    }
}

/// Begins the end of an Express service: it drains, whatever it runs.
struct DeleteExpressGatewayService: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteExpressGatewayServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteExpressGatewayServiceResponse {
        let (service, settings) = try await store.write { transaction throws(APIFault) in
            guard let (service, settings) = try transaction.state.express(request.serviceArn, call) else {
                throw .serviceNotFound()
            }
            guard service.status == .active else { throw .serviceNotActive() }
            let draining = service.desiring(.deletion)
            transaction.put(draining)
            return (draining, settings)
        }
        return ECSShapes.DeleteExpressGatewayServiceResponse(
            service: ECSShapes.ECSExpressGatewayService(service, settings, in: store.committed(), showsTags: true))
    }
}
