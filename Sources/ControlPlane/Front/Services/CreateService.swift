import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore

/// Stores a service with its first deployment; the services controller starts the tasks.
struct CreateService: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.CreateServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateServiceResponse {
        let inert = try AcceptedSettings.check(.service, request)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let record = try service(request, cluster, inert, call, state)
        let names = DeploymentNames(ids)
        let stored = try await store.write { transaction throws(APIFault) in
            _ = try transaction.state.cluster(request.cluster, call.scope)
            let definition = try transaction.state.runnableDefinition(record.taskDefinition.arn, call.scope)
            if let existing = transaction.state.services[record.id] {
                switch existing.status {
                case .active:
                    guard existing.isSameIntent(as: record) else {
                        throw .invalidParameter("Creation of service was not idempotent.")
                    }
                    return existing
                case .draining: throw .invalidParameter("Unable to Start a service that is still Draining.")
                case .inactive: break
                }
            }
            var service = record
            transaction.begin(&service, names, of: definition, now: call.now)
            return service
        }
        return ECSShapes.CreateServiceResponse(
            service: ECSShapes.Service(stored, in: store.committed(), showsTags: true))
    }

    private func service(
        _ request: ECSShapes.CreateServiceRequest, _ cluster: ClusterRecord, _ inert: [InertSetting], _ call: APICall,
        _ state: StateSnapshot
    ) throws(APIFault) -> ServiceRecord {
        let name = request.serviceName ?? ""
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("service name")) }
        let definition = try state.runnableDefinition(request.taskDefinition, call.scope)
        let mode = definition.definition.effectiveNetworkMode
        let target = try LaunchTarget(
            launchType: request.launchType, strategy: request.capacityProviderStrategy,
            platformVersion: request.platformVersion, cluster: cluster, definition: definition.definition)
        let rules = try PlacementRules(
            request.placementConstraints, request.placementStrategy, definition: definition.definition,
            on: target.launchType)
        let network = try NetworkConfiguration.checked(
            request.networkConfiguration, for: mode, on: target.launchType)
        var configuration = DeploymentConfiguration()
        try configuration.apply(request.deploymentConfiguration)
        var service = ServiceRecord(
            id: ServiceID(cluster: cluster.id, name: name), taskDefinition: definition.id,
            desiredCount: try ServiceRules.desiredCount(request.desiredCount), launchType: target.launchType,
            configuration: configuration, deployments: [], createdAt: call.now, createdBy: call.callerARN)
        service.capacityProviderStrategy = target.strategy
        service.platformVersion = target.platformVersion
        service.networkConfiguration = network
        service.placementConstraints = rules.constraints
        service.placementStrategy = rules.strategy
        service.healthCheckGracePeriod = try ServiceRules.gracePeriod(request.healthCheckGracePeriodSeconds)
        service.clientToken = try ServiceRules.clientToken(request.clientToken)
        service.availabilityZoneRebalancing = request.availabilityZoneRebalancing != "DISABLED"
        service.enableECSManagedTags = request.enableECSManagedTags ?? false
        service.propagateTags = request.propagateTags == "NONE" ? nil : request.propagateTags
        service.tags = try Tags.checked(request.tags)
        let ofDefinition = try AcceptedSettings.reported(by: definition)
        service.events = ServiceRules.report(inert + ofDefinition, of: service.id, ids: ids, now: call.now)
        return service
    }
}

extension ServiceRecord {
    /// Whether a second request asks for what the first made: everything but ids, times and progress.
    func isSameIntent(as other: ServiceRecord) -> Bool {
        var mine = self
        mine.deployments = other.deployments
        mine.events = other.events
        mine.createdAt = other.createdAt
        mine.createdBy = other.createdBy
        mine.isSteady = other.isSteady
        return mine == other
    }
}

/// Rules that creating and updating a service share.
enum ServiceRules {
    /// More tasks than a cell holds.
    static let maximumDesiredCount = 100_000

    static func desiredCount(_ count: Int?) throws(APIFault) -> Int {
        guard let count else { throw .invalidParameter("The desired count must be specified.") }
        guard (0...maximumDesiredCount).contains(count) else {
            throw .invalidParameter("desiredCount must be between 0 and \(maximumDesiredCount), got \(count).")
        }
        return count
    }

    static func gracePeriod(_ seconds: Int?) throws(APIFault) -> Int? {
        if let seconds, seconds < 0 { throw .invalidParameter("healthCheckGracePeriodSeconds must be 0 or more.") }
        return seconds
    }

    static func clientToken(_ token: String?) throws(APIFault) -> String? {
        if let token, token.utf8.count > 36 || !token.utf8.allSatisfy({ (33...126).contains($0) }) {
            throw .invalidParameter("clientToken can have up to 36 ASCII characters in the range 33-126.")
        }
        return token
    }

    /// The event that tells which settings of the request have no effect here.
    static func report(
        _ inert: [InertSetting], of service: ServiceID, ids: any IDSource, now: Timestamp
    ) -> [ServiceEvent] {
        let reported = inert.filter { $0.verdict == .reported }
        guard !reported.isEmpty else { return [] }
        let list = reported.map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
        return [
            ServiceEvent(
                id: ids.uuid(), at: now,
                message: "(service \(service.name)) has settings that have no effect here: \(list).")
        ]
    }
}
