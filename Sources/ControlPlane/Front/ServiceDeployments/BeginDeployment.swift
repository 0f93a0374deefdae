import Deployments
import Domain
import Identifiers
import StateStore

/// The ids that a new deployment of a service needs; drawn before the transaction that uses them.
struct DeploymentNames: Sendable {
    let deployment: DeploymentID
    let revision: String
    let serviceDeployment: String

    init(_ ids: some IDSource) {
        deployment = ids.deploymentID()
        revision = ids.decimalID()
        serviceDeployment = ids.shortID()
    }
}

extension Transaction {
    /// Makes a new primary deployment of what the service says, with its revision and its service deployment, and puts
    /// all three. Deployments that were there become ACTIVE until their tasks are gone.
    ///
    /// Each deployment has a revision of its own, a forced one of an unchanged service too: its images are resolved anew.
    mutating func begin(
        _ service: inout ServiceRecord, _ names: DeploymentNames, of definition: TaskDefinitionRecord, now: Timestamp
    ) {
        var sources: [ServiceRevisionID] = []
        for revision in service.deployments.compactMap(\.revision) where !sources.contains(revision) {
            sources.append(revision)
        }
        let lifecycle = service.newLifecycle(now: now)
        let ports = service.ports(ofNewWith: lifecycle)
        for index in service.deployments.indices { service.deployments[index].status = .active }
        var deployment = DeploymentRecord(
            id: names.deployment, taskDefinition: definition.id, createdAt: now, launchType: service.launchType)
        deployment.capacityProviderStrategy = service.capacityProviderStrategy
        deployment.platformVersion = service.platformVersion
        deployment.networkConfiguration = service.networkConfiguration
        deployment.loadBalancers = ports
        deployment.lifecycle = lifecycle
        let target = ServiceRevisionID(service: service.id, number: names.revision)
        deployment.revision = target
        service.deployments.insert(deployment, at: 0)
        service.isSteady = false
        put(service)
        var revision = ServiceRevisionRecord(
            id: target, of: deployment,
            images: definition.definition.containers.map {
                ServiceRevisionRecord.Image(container: $0.name, image: $0.image)
            })
        revision.express = service.express
        put(revision)
        put(
            ServiceDeploymentRecord(
                id: ServiceDeploymentID(service: service.id, id: names.serviceDeployment), deployment: deployment,
                target: target, sources: sources, configuration: service.configuration,
                breaker: ServiceDeploymentRecord.Breaker(
                    status: service.configuration.circuitBreaker?.enable == true ? .monitoring : .disabled,
                    threshold: DeploymentConfiguration.CircuitBreaker.threshold(desired: service.desiredCount))))
    }
}
