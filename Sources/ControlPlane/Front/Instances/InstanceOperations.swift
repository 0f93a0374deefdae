import AWSWire
import AgentGateway
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on container instances, and what their agents report.
enum InstanceOperations {
    static func all(_ ports: FrontPorts, _ reports: AgentReports) -> [Operation] {
        [
            Operation(
                ECSOperation.registerContainerInstance,
                RegisterContainerInstance(
                    store: ports.store, presence: ports.presence, ids: ports.ids)),
            Operation(DeregisterContainerInstance(store: ports.store, presence: ports.presence)),
            Operation(UpdateContainerInstancesState(store: ports.store, presence: ports.presence)),
            Operation(DescribeContainerInstances(store: ports.store, presence: ports.presence)),
            Operation(ListContainerInstances(store: ports.store, presence: ports.presence)),
            Operation(UpdateContainerAgent(store: ports.store)), Operation(DiscoverPollEndpoint(store: ports.store)),
            Operation(ECSOperation.submitTaskStateChange, SubmitTaskStateChange(store: ports.store, reports: reports)),
            Operation(SubmitContainerStateChange(store: ports.store, reports: reports)),
            Operation(SubmitAttachmentStateChanges(store: ports.store, reports: reports)),
        ]
    }
}

struct DescribeContainerInstances: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.DescribeContainerInstancesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeContainerInstancesResponse {
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let references = request.containerInstances ?? []
        if references.isEmpty { throw .invalidParameter("Container instances cannot be empty.") }
        if references.count > 100 {
            throw .invalidParameter("Container instances can not have more than 100 elements.")
        }
        let include = request.include ?? []
        var answer = ECSShapes.DescribeContainerInstancesResponse(containerInstances: [], failures: [])
        for reference in references {
            guard let record = state.instance(reference, in: cluster.id) else {
                answer.failures?.append(.missing(cluster.id.instanceARN(reference)))
                continue
            }
            var instance = ECSShapes.ContainerInstance(record, in: state, presence)
            if !include.contains("TAGS") { instance.tags = [] }
            if include.contains("CONTAINER_INSTANCE_HEALTH") {
                let isHeard = instance.agentConnected == true
                instance.healthStatus = ECSShapes.ContainerInstanceHealthStatus(
                    overallStatus: isHeard ? "OK" : "INSUFFICIENT_DATA", details: [])
            }
            answer.containerInstances?.append(instance)
        }
        return answer
    }
}

struct DiscoverPollEndpoint: OperationHandler {
    let store: any StateStore

    /// Agents open their sockets where they reached the API.
    func answer(
        _ request: ECSShapes.DiscoverPollEndpointRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DiscoverPollEndpointResponse {
        if let arn = request.containerInstance {
            try call.requireOwn(
                ContainerInstanceID.parse(arn: arn)?.id, .discoverPollEndpoint, on: arn)
        }
        return ECSShapes.DiscoverPollEndpointResponse(endpoint: call.origin, telemetryEndpoint: call.origin)
    }
}

extension ClusterID {
    /// The full ARN of what a request names by short id or ARN.
    func instanceARN(_ reference: String) -> String {
        reference.hasPrefix("arn:")
            ? reference : ARN(scope: scope, type: "container-instance", path: [name, reference]).text
    }
}
