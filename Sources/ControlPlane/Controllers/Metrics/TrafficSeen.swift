import Balancer
import Domain
import Identifiers
import Synchronization

/// What the data plane saw of traffic up to one moment, by our names.
struct TrafficSeen: Sendable {
    struct Group: Sendable {
        /// nil while no load balancer sends to it.
        var loadBalancer: LoadBalancerID?
        var healthy = 0
        var unhealthy = 0
        var statistics = TargetGroupStatistics()
    }

    var at: Timestamp
    var loadBalancers: [LoadBalancerID: LoadBalancerStatistics] = [:]
    var groups: [TargetGroupID: Group] = [:]

    init(at: Timestamp) { self.at = at }

    /// - Parameter users: which load balancer sends to a group.
    init(_ seen: BalancerObservation, users: [TargetGroupID: LoadBalancerID], at: Timestamp) {
        self.at = at
        for (arn, statistics) in seen.loadBalancers {
            if let id = LoadBalancerID(arn: arn) { loadBalancers[id] = statistics }
        }
        for (arn, statistics) in seen.targetGroups {
            if let id = TargetGroupID(arn: arn) { groups[id, default: Group()].statistics = statistics }
        }
        for target in seen.targets {
            guard let id = TargetGroupID(arn: target.group) else { continue }
            switch target.state {
            case .healthy: groups[id, default: Group()].healthy += 1
            case .unhealthy: groups[id, default: Group()].unhealthy += 1
            case .initial, .draining: continue
            }
        }
        for (group, user) in users { groups[group, default: Group()].loadBalancer = user }
    }
}

/// The newest that the balancing controller saw of traffic, for whoever makes metrics of it.
public final class TrafficBoard: Sendable {
    private let seen = Mutex<TrafficSeen?>(nil)

    public init() {}

    func put(_ new: TrafficSeen) { seen.withLock { $0 = new } }

    /// nil when nothing was seen since the call before.
    func take() -> TrafficSeen? {
        seen.withLock { seen in
            defer { seen = nil }
            return seen
        }
    }
}
