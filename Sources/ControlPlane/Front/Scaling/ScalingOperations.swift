import AWSWire
import Domain
import Identifiers
import ScalingShapes
import StateStore

/// The operations of Application Auto Scaling, for the desired count of services.
enum ScalingOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let (store, ids, settings) = (ports.store, ports.ids, ports.scaling)
        return [
            Operation(RegisterScalableTarget(store: store, ids: ids)),
            Operation(DeregisterScalableTarget(store: store)), Operation(DescribeScalableTargets(store: store)),
            Operation(PutScalingPolicy(store: store, ids: ids, settings: settings)),
            Operation(DeleteScalingPolicy(store: store)), Operation(DescribeScalingPolicies(store: store)),
            Operation(PutScheduledAction(store: store, ids: ids, settings: settings)),
            Operation(DeleteScheduledAction(store: store)), Operation(DescribeScheduledActions(store: store)),
            Operation(DescribeScalingActivities(store: store)),
            Operation(GetPredictiveScalingForecast(store: store)),
            Operation(TagScalableTarget(store: store)), Operation(UntagScalableTarget(store: store)),
            Operation(ListTagsOfScalableTarget(store: store)),
        ]
    }
}

/// What a request scales: the desired count of a service.
struct ScalingResource: Sendable {
    static let namespace = "ecs"
    static let dimension = "ecs:service:DesiredCount"

    let service: ServiceID

    /// - Throws: `ValidationException` for what is no service's desired count.
    init(_ namespace: String?, _ resource: String?, _ dimension: String?, _ call: APICall) throws(APIFault) {
        try Self.check(namespace, dimension)
        service = try Self.service(resource ?? "", call)
    }

    /// - Throws: `ValidationException` for namespaces and dimensions that are not those of ECS.
    static func check(_ namespace: String?, _ dimension: String?) throws(APIFault) {
        guard namespace == Self.namespace else {
            throw .validation(
                "Unsupported service namespace '\((namespace ?? "").prefix(100))': only ecs is scaled here.")
        }
        guard let dimension, dimension != Self.dimension else { return }
        throw .validation(
            "Unsupported scalable dimension '\(dimension.prefix(100))' for service namespace ecs: only "
                + "\(Self.dimension) is scaled here.")
    }

    static func service(_ text: String, _ call: APICall) throws(APIFault) -> ServiceID {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "service", ResourceName.isValid(parts[1]), ResourceName.isValid(parts[2])
        else {
            throw .validation(
                "Unsupported resource ID '\(text.prefix(300))' for service namespace ecs: it must be "
                    + "service/CLUSTER/SERVICE.")
        }
        return ServiceID(cluster: ClusterID(scope: call.scope, name: parts[1]), name: parts[2])
    }

    var text: String { service.scalingResource }
}

extension ServiceID {
    /// As Application Auto Scaling names it.
    var scalingResource: String { "service/\(cluster.name)/\(name)" }
}

extension StateSnapshot {
    /// - Throws: `ObjectNotFoundException` when the service has none.
    func scalableTarget(of service: ServiceID) throws(APIFault) -> ScalableTargetRecord {
        guard let target = scalableTargets[service] else {
            throw .objectNotFound(
                "No scalable target registered for service namespace: ecs, resource ID: \(service.scalingResource), "
                    + "scalable dimension: \(ScalingResource.dimension)")
        }
        return target
    }
}

extension Paging {
    /// - Throws: `ValidationException` and `InvalidNextTokenException`.
    static func ofScaling(_ maxResults: Int?, _ token: String?, standard: Int = 50) throws(APIFault) -> Paging {
        do throws(APIFault) {
            return try Paging(maxResults, token, standard: standard, limit: 50)
        } catch {
            // A token that is not one is the only other thing that is wrong.
            guard let maxResults, !(1...50).contains(maxResults) else { throw .invalidNextTokenException() }
            throw .validation("MaxResults must be between 1 and 50, got \(maxResults).")
        }
    }
}
