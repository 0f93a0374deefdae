import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore

/// What account settings, clusters, capacity providers, services, daemons and tasks ask for without effect, one row for each
/// setting.
struct AcceptedRows {
    private let state: StateSnapshot
    /// Many services and tasks use one definition.
    private var ofDefinition: [TaskDefinitionID: [InertSetting]] = [:]

    init(_ state: StateSnapshot) { self.state = state }

    mutating func rows(
        services: some Sequence<ServiceRecord>, tasks: some Sequence<TaskRecord>
    ) throws(APIFault) -> [JSONValue] {
        var rows: [JSONValue] = []
        for (id, setting) in state.accountSettings.values() {
            let inert = try AcceptedSettings.used(.account, in: JSONValue.object([id.name: .string(setting.value)]))
            rows += Self.rows(inert, of: "account \(id.principal)")
        }
        for (_, cluster) in state.clusters.values() where cluster.status == .active {
            rows += Self.rows(try inert(cluster), of: "cluster \(cluster.id.name)")
        }
        for (_, provider) in state.capacityProviders.values() where provider.status == .active {
            let shape = ECSShapes.CapacityProvider(provider, showsTags: false)
            rows += Self.rows(
                try AcceptedSettings.used(.capacityProvider, in: shape), of: "capacity provider \(provider.id.name)")
        }
        for service in services {
            for (name, network, definition) in Self.makers(service) {
                let inert = try AcceptedSettings.used(.service, in: Self.launch(network)) + self.inert(definition)
                rows += Self.rows(inert, of: name)
            }
            let inert = try AcceptedSettings.used(.express, in: Self.express(service))
            rows += Self.rows(inert, of: "service \(service.id.name)")
        }
        for (_, daemon) in state.daemons.values() {
            guard let revision = daemon.revision.flatMap({ state.daemonRevisions[$0] }) else { continue }
            rows += Self.rows(try inert(revision.definition), of: "daemon \(daemon.id.name)")
        }
        // Tasks of services and daemons say what those say already.
        for task in tasks where task.service == nil && task.daemonRevision == nil {
            var request = Self.launch(task.networkConfiguration)
            request.overrides = ECSShapes.TaskOverride(task.overrides, containers: [])
            let inert = try AcceptedSettings.used(.task, in: request) + self.inert(task.definition)
            rows += Self.rows(inert, of: "task \(task.id.id)")
        }
        return rows
    }

    /// What the tasks of a service are made of: what itself says, or each of its task sets.
    private static func makers(
        _ service: ServiceRecord
    ) -> [(name: String, network: NetworkConfiguration?, definition: TaskDefinitionID)] {
        guard service.controller == .external else {
            return service.taskDefinition.map { [("service \(service.id.name)", service.networkConfiguration, $0)] }
                ?? []
        }
        return service.taskSets.map { set in
            (
                "service \(service.id.name), task set \(set.id.rawValue)", set.deployment.networkConfiguration,
                set.deployment.taskDefinition
            )
        }
    }

    private func inert(_ cluster: ClusterRecord) throws(APIFault) -> [InertSetting] {
        var request = ECSShapes.CreateClusterRequest()
        request.settings = cluster.settings.map { ECSShapes.ClusterSetting(name: $0.key, value: $0.value) }
        request.configuration = cluster.configuration.map(ECSShapes.ClusterConfiguration.init)
        request.serviceConnectDefaults = cluster.serviceConnectNamespace.map {
            ECSShapes.ClusterServiceConnectDefaultsRequest(namespace: $0)
        }
        return try AcceptedSettings.used(.cluster, in: request)
    }

    private mutating func inert(_ id: TaskDefinitionID) throws(APIFault) -> [InertSetting] {
        if let known = ofDefinition[id] { return known }
        guard let record = state.taskDefinitions[id] ?? state.daemonTaskDefinitions[id]?.taskDefinition else {
            return []
        }
        let inert = try AcceptedSettings.reported(by: record)
        ofDefinition[id] = inert
        return inert
    }

    /// The members that services and tasks have in common, as a request carries them.
    private static func launch(_ network: NetworkConfiguration?) -> ECSShapes.RunTaskRequest {
        var request = ECSShapes.RunTaskRequest()
        request.networkConfiguration = network.map { ECSShapes.NetworkConfiguration($0) }
        return request
    }

    /// What an Express service asks for beyond its definition, as a request carries it; nothing for an ordinary service.
    private static func express(_ service: ServiceRecord) -> ECSShapes.CreateExpressGatewayServiceRequest {
        var request = ECSShapes.CreateExpressGatewayServiceRequest()
        guard let express = service.express else { return request }
        request.infrastructureRoleArn = express.infrastructureRoleARN
        return request
    }

    private static func rows(_ inert: [InertSetting], of resource: String) -> [JSONValue] {
        inert.filter { $0.verdict == .reported }
            .map { ["resource": .string(resource), "setting": .string($0.name), "reason": .string($0.reason)] }
    }
}
