import Domain
public import Identifiers

/// A group of records whose version moves together, so that a plan made from it notices any change, additions included.
public enum AggregateID: Hashable, Codable, Sendable {
    /// The service, all its tasks, its revisions and its service deployments.
    case service(ServiceID)
    /// The daemon, its revisions and deployments, and all its tasks.
    case daemon(DaemonID)
    /// The host and all tasks placed on it.
    case instance(ContainerInstanceID)
    /// The family and all its revisions.
    case family(FamilyID)
    /// The cluster's own record.
    case cluster(ClusterID)
    /// The capacity provider's own record.
    case capacityProvider(CapacityProviderID)
    /// One task's own record.
    case task(TaskID)
    /// The installation's record, keys, tokens, account settings and remembered requests.
    case installation
}

/// The versions a plan was made from. An aggregate that did not exist has version zero.
public struct AggregateVersions: Hashable, Sendable {
    public var versions: [AggregateID: Revision] = [:]

    public init() {}

    public init(_ snapshot: StateSnapshot, _ aggregates: some Sequence<AggregateID>) {
        for aggregate in aggregates { versions[aggregate] = snapshot.version(of: aggregate) }
    }

    /// The first aggregate, in their order, that has another version in `state` than here.
    func firstMoved(in state: StateSnapshot) -> AggregateID? {
        versions.filter { state.version(of: $0.key) != $0.value }.keys.min()
    }
}

extension AggregateID: Comparable {
    public static func < (lhs: AggregateID, rhs: AggregateID) -> Bool {
        switch (lhs, rhs) {
        case (.service(let lhs), .service(let rhs)): lhs < rhs
        case (.daemon(let lhs), .daemon(let rhs)): lhs < rhs
        case (.instance(let lhs), .instance(let rhs)): lhs < rhs
        case (.family(let lhs), .family(let rhs)): lhs < rhs
        case (.cluster(let lhs), .cluster(let rhs)): lhs < rhs
        case (.capacityProvider(let lhs), .capacityProvider(let rhs)): lhs < rhs
        case (.task(let lhs), .task(let rhs)): lhs < rhs
        default: lhs.rank < rhs.rank
        }
    }

    private var rank: Int {
        switch self {
        case .installation: 0
        case .cluster: 1
        case .family: 2
        case .service: 3
        case .instance: 4
        case .task: 5
        case .daemon: 6
        case .capacityProvider: 7
        }
    }
}

extension Record {
    /// The aggregates this record belongs to.
    public var aggregates: [AggregateID] {
        switch self {
        case .installation, .accessKey, .joinToken, .idempotency, .accountSetting: return [.installation]
        // No plan is made from usage: it is added to, in transactions on the newest state.
        case .usage: return []
        // Changed only in transactions on the newest state, which check what they change.
        case .eventRule, .eventDelivery, .putEvents, .eventCursor: return []
        case .loadBalancer, .listener, .listenerRule, .targetGroup, .target, .certificate: return []
        case .alarm, .alarmHistory, .scalableTarget, .scalingPolicy, .scheduledAction, .scalingActivity: return []
        case .cluster(let record): return [.cluster(record.id)]
        case .capacityProvider(let record): return [.capacityProvider(record.id)]
        case .family(let record): return [.family(record.id)]
        case .taskDefinition(let record): return [.family(record.id.family)]
        case .daemonTaskDefinition(let record): return [.family(record.id.family)]
        case .daemon(let record): return [.daemon(record.id)]
        case .daemonRevision(let record): return [.daemon(record.id.daemon)]
        case .daemonDeployment(let record): return [.daemon(record.id.daemon)]
        case .service(let record): return [.service(record.id)]
        case .serviceRevision(let record): return [.service(record.id.service)]
        case .serviceDeployment(let record): return [.service(record.id.service)]
        case .instance(let record): return [.instance(record.id)]
        case .task(let record):
            var aggregates: [AggregateID] = [.task(record.id)]
            if let service = record.service { aggregates.append(.service(service)) }
            if let revision = record.daemonRevision { aggregates.append(.daemon(revision.daemon)) }
            if let placement = record.placement { aggregates.append(.instance(placement.instance)) }
            return aggregates
        }
    }
}
