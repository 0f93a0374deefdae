import AWSWire
import Domain
import Identifiers
import StateStore

/// A stored resource with its tags, and how other tags are put to it.
struct TaggedResource: Sendable {
    var tags: [KeyValue]
    /// The host whose agent may read the tags; nil for what belongs to no host.
    var host: ContainerInstanceID?
    /// Why it has no tags any more; nil while it lives.
    var ended: APIFault?
    let put: @Sendable ([KeyValue], inout Transaction) -> Void

    init(_ tags: [KeyValue], put: @escaping @Sendable ([KeyValue], inout Transaction) -> Void) {
        self.tags = tags
        self.put = put
    }
}

/// One kind of resource that carries tags, as ARNs name it.
struct TaggableKind: Sendable {
    /// The first word of the ARN's resource, such as `service`.
    let type: String
    /// How many parts follow the word.
    let parts: Int
    /// The resource of an ARN with that many parts; nil when there is none.
    let find: @Sendable (ARN, StateSnapshot) -> TaggedResource?
    /// What callers are told when there is none.
    let missing: APIFault
}

/// Every kind of resource that carries tags: a new kind is one more element.
extension TaggableKind {
    static let all: [TaggableKind] = [
        cluster, capacityProvider, service, taskSet, task, taskDefinition, containerInstance, daemon,
        daemonTaskDefinition,
    ]

    private static let cluster = TaggableKind(
        type: "cluster", parts: 1,
        find: { arn, state in
            guard let record = state.clusters[ClusterID(scope: arn.scope, name: arn.path[0])] else { return nil }
            var resource = TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
            if record.status != .active {
                resource.ended = .invalidParameter(
                    "The specified cluster is inactive. Specify an active cluster and try again.")
            }
            return resource
        }, missing: .clusterNotFound())

    /// The built-in providers carry no tags.
    private static let capacityProvider = TaggableKind(
        type: "capacity-provider", parts: 1,
        find: { arn, state in
            let id = CapacityProviderID(scope: arn.scope, name: arn.path[0])
            guard let record = state.capacityProviders[id], record.status == .active else { return nil }
            return TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
        }, missing: .invalidParameter("The specified capacity provider does not exist."))

    private static let service = TaggableKind(
        type: "service", parts: 2,
        find: { arn, state in
            let cluster = ClusterID(scope: arn.scope, name: arn.path[0])
            guard let record = state.services[ServiceID(cluster: cluster, name: arn.path[1])] else { return nil }
            var resource = TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
            if record.status == .inactive {
                resource.ended = .invalidParameter(
                    "The specified service is inactive. Specify an active service and try again.")
            }
            return resource
        }, missing: .invalidParameter("The specified service does not exist."))

    private static let taskSet = TaggableKind(
        type: "task-set", parts: 4,
        find: { arn, state in
            let cluster = ClusterID(scope: arn.scope, name: arn.path[0])
            guard let record = state.services[ServiceID(cluster: cluster, name: arn.path[1])],
                let index = record.taskSetIndex(arn.text)
            else { return nil }
            return TaggedResource(record.taskSets[index].tags) { tags, transaction in
                var record = record
                record.taskSets[index].tags = tags
                transaction.put(record)
            }
        }, missing: .taskSetNotFound())

    private static let task = TaggableKind(
        type: "task", parts: 2,
        find: { arn, state in
            guard let record = TaskID(arn: arn.text).flatMap({ state.tasks[$0] }) else { return nil }
            var resource = TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
            if !record.isLive {
                resource.ended = .invalidParameter(
                    "The specified task is stopped. Specify a running task and try again.")
            }
            resource.host = record.placement?.instance
            return resource
        }, missing: .invalidParameter("The specified task does not exist."))

    private static let taskDefinition = TaggableKind(
        type: "task-definition", parts: 1,
        find: { arn, state in
            guard let record = TaskDefinitionID(arn: arn.text).flatMap({ state.taskDefinitions[$0] }) else {
                return nil
            }
            return TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
        }, missing: .client("The specified task definition does not exist."))

    private static let containerInstance = TaggableKind(
        type: "container-instance", parts: 2,
        find: { arn, state in
            let id = ContainerInstanceID(scope: arn.scope, id: arn.path[1])
            guard let record = state.instances[id], record.arn == arn.text else { return nil }
            var resource = TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                record.changeCount += 1
                transaction.put(record)
            }
            if record.status == .inactive {
                resource.ended = .invalidParameter(
                    "The specified container instance is inactive. Specify an active container instance and try again.")
            }
            resource.host = id
            return resource
        }, missing: .invalidParameter("The specified container instance does not exist."))

    private static let daemon = TaggableKind(
        type: "daemon", parts: 2,
        find: { arn, state in
            guard let record = DaemonID(arn: arn.text).flatMap({ state.daemons[$0] }) else { return nil }
            return TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
        }, missing: .invalidParameter("The specified daemon does not exist."))

    private static let daemonTaskDefinition = TaggableKind(
        type: FamilyID.Kind.daemon.arnType, parts: 1,
        find: { arn, state in
            guard let id = TaskDefinitionID(arn: arn.text), let record = state.daemonTaskDefinitions[id] else {
                return nil
            }
            var resource = TaggedResource(record.tags) { tags, transaction in
                var record = record
                record.tags = tags
                transaction.put(record)
            }
            if record.status == .deleted {
                resource.ended = .client("The specified daemon task definition is deleted.")
            }
            return resource
        }, missing: .client("The specified daemon task definition does not exist."))
}
