public import Domain
public import Identifiers

extension ServiceRecord {
    /// Which ports of a new deployment's tasks are behind which target groups.
    ///
    /// A revision that runs beside the one that serves gets the other group of two; one that replaces its tasks a few at a
    /// time gets the same.
    /// - Parameter lifecycle: of the new deployment, which is not in the record yet.
    public func ports(ofNewWith lifecycle: DeploymentLifecycle?) -> [ServiceLoadBalancer] {
        let serving = lifecycle.map { $0.blue } ?? primary?.id
        let old = serving.flatMap { id in deployments.first { $0.id == id } }?.loadBalancers ?? []
        return loadBalancers.map { port in
            guard port.shift != nil, let before = old.first(where: { $0.isOne(of: port) }) else { return port }
            let isElsewhere = before.targetGroup == port.swapped.targetGroup
            return isElsewhere == (lifecycle == nil) ? port.swapped : port
        }
    }

    /// The weights of the target groups of each rule by which traffic is shifted.
    ///
    /// Weights are percents; where those are no whole numbers, tenths of a percent.
    public var ruleWeights: [ListenerRuleReference: [TargetGroupID: Int]] {
        guard let primary else { return [:] }
        var weights: [ListenerRuleReference: [TargetGroupID: Int]] = [:]
        for port in primary.loadBalancers {
            guard let shift = port.shift else { continue }
            let green = productionWeight(of: primary.id)
            weights[shift.production, default: [:]].merge(Self.shares(green, port)) { $1 }
            guard let test = shift.test else { continue }
            // Outside of tests everything goes to where all production traffic goes.
            if testWeight(of: primary.id) > .none {
                weights[test, default: [:]].merge(Self.shares(.all, port)) { $1 }
            } else if green == .all || green == .none {
                weights[test, default: [:]].merge(Self.shares(green, port)) { $1 }
            }
        }
        return weights
    }

    private static func shares(_ own: TrafficWeight, _ port: ServiceLoadBalancer) -> [TargetGroupID: Int] {
        // An ELB weight is at most 999, so that the whole is told in percents.
        let unit = own.tenths % 10 == 0 ? 10 : 1
        return [port.targetGroup: own.tenths / unit, port.swapped.targetGroup: own.rest.tenths / unit]
    }
}

extension ServiceLoadBalancer {
    /// Whether its group is one of the two of `other`; it need not shift traffic itself.
    fileprivate func isOne(of other: ServiceLoadBalancer) -> Bool {
        targetGroup == other.targetGroup || targetGroup == other.swapped.targetGroup
    }
}
