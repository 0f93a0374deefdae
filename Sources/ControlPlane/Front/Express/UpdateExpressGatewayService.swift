import AWSWire
import Domain
import ECSShapes
import Identifiers
import Scaling
import StateStore

/// Changes an Express service: every update makes a revision of it and rolls that out. A definition is registered when the
/// request changes what the service has.
struct UpdateExpressGatewayService: OperationHandler {
    let store: any StateStore
    let ids: any IDSource
    let scaling: ScalingSettings

    func answer(
        _ request: ECSShapes.UpdateExpressGatewayServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateExpressGatewayServiceResponse {
        let inert = try AcceptedSettings.check(.express, request)
        guard let (found, _) = try store.committed().express(request.serviceArn, call) else { throw .serviceNotFound() }
        let events = ServiceRules.report(inert, of: found.id, ids: ids, now: call.now)
        let names = DeploymentNames(ids)
        let ingressNames = ExpressIngressNames(ids)
        let scalingNames = ExpressScalingNames(ids)
        let stored = try await store.write { transaction throws(APIFault) in
            guard var (service, settings) = try transaction.state.express(request.serviceArn, call) else {
                throw .serviceNotFound()
            }
            guard service.status == .active else { throw .serviceNotActive() }
            try settings.apply(healthCheckPath: request.healthCheckPath, request.scalingTarget)
            settings.updatedAt = call.now
            let before = try transaction.state.definition(of: service)
            let family = service.id.expressFamily
            let definition = try ExpressPlan(before, changedBy: request, call.scope).definition(family: family.name)
            let record =
                definition == before.definition ? before : transaction.register(definition, family: family, call)
            let bounds = ScalingBounds(minimum: settings.scaling.minimum, maximum: settings.scaling.maximum)
            service = service.desiring(.update(count: bounds.clamped(service.desiredCount)))
            if request.networkConfiguration != nil {
                service.networkConfiguration = try NetworkConfiguration(request.networkConfiguration)
            }
            try transaction.setIngress(of: &service, &settings, to: definition, ingressNames, now: call.now)
            service.taskDefinition = record.id
            service.express = settings
            service.events = Array((events + service.events).prefix(100))
            transaction.begin(&service, names, of: record, now: call.now)
            transaction.putExpressScaling(
                of: service.id, settings, period: scaling.period, scalingNames, now: call.now)
            return service
        }
        let state = store.committed()
        var answer = ECSShapes.UpdatedExpressGatewayService()
        answer.serviceArn = stored.id.arn
        answer.cluster = stored.id.cluster.name
        answer.serviceName = stored.id.name
        answer.status = ECSShapes.ExpressGatewayServiceStatus(stored)
        answer.targetConfiguration = stored.primary?.revision.flatMap { state.serviceRevisions[$0] }
            .flatMap { ECSShapes.ExpressGatewayServiceConfiguration($0, in: state) }
        answer.createdAt = stored.createdAt.wire
        answer.updatedAt = stored.express?.updatedAt.wire
        return ECSShapes.UpdateExpressGatewayServiceResponse(service: answer)
    }
}
