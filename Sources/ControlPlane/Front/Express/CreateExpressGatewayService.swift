import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Stores an Express service: a definition of its own and an ordinary service on managed capacity.
struct CreateExpressGatewayService: OperationHandler {
    let store: any StateStore
    let ids: any IDSource
    let scaling: ScalingSettings

    func answer(
        _ request: ECSShapes.CreateExpressGatewayServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateExpressGatewayServiceResponse {
        let inert = try AcceptedSettings.check(.express, request)
        let name = request.serviceName ?? "express-\(ids.hexID().prefix(12))"
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("service name")) }
        var settings = ExpressSettings(
            infrastructureRoleARN: request.infrastructureRoleArn ?? "", updatedAt: call.now)
        try settings.apply(healthCheckPath: request.healthCheckPath, request.scalingTarget)
        let checked = settings
        let network = try NetworkConfiguration(request.networkConfiguration)
        let tags = try Tags.checked(request.tags)
        let cluster = try store.committed().cluster(request.cluster, call.scope).id
        let id = ServiceID(cluster: cluster, name: name)
        let definition = try ExpressPlan(request, call.scope).definition(family: id.expressFamily.name)
        let events = ServiceRules.report(inert, of: id, ids: ids, now: call.now)
        let names = DeploymentNames(ids)
        let ingressNames = ExpressIngressNames(ids)
        let scalingNames = ExpressScalingNames(ids)
        let stored = try await store.write { transaction throws(APIFault) in
            _ = try transaction.state.cluster(request.cluster, call.scope)
            switch transaction.state.services[id]?.status {
            case .active: throw .invalidParameter("Creation of service was not idempotent.")
            case .draining: throw .invalidParameter("Unable to Start a service that is still Draining.")
            case .inactive, nil: break
            }
            let record = transaction.register(definition, family: id.expressFamily, call)
            var express = checked
            let port = try transaction.makeIngress(
                of: id, &express, to: definition, network.subnets, ingressNames, now: call.now)
            var service = ServiceRecord(
                id: id, taskDefinition: record.id, desiredCount: express.scaling.minimum, launchType: .fargate,
                // Whoever does not see the deployment must not be left with one that fails.
                configuration: DeploymentConfiguration(circuitBreaker: .init(enable: true, rollback: true)),
                deployments: [], createdAt: call.now, createdBy: call.callerARN)
            service.createdLaunchType = .fargate
            service.platformVersion = "LATEST"
            service.networkConfiguration = network
            service.tags = tags
            service.express = express
            service.loadBalancers = [port]
            service.events = events
            transaction.begin(&service, names, of: record, now: call.now)
            transaction.putExpressScaling(of: id, express, period: scaling.period, scalingNames, now: call.now)
            return service
        }
        return ECSShapes.CreateExpressGatewayServiceResponse(
            service: ECSShapes.ECSExpressGatewayService(
                stored, stored.express ?? checked, in: store.committed(), showsTags: true))
    }
}
