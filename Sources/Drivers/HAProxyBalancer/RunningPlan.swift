import Balancer

/// What the running HAProxy was told.
struct RunningPlan {
    /// Its configuration without targets.
    var skeleton = ""
    var plan = BalancerPlan()
    /// Whether `plan` is what was asked for; not so for what was found running.
    var isApplied = false
    /// What of the plan's structure HAProxy itself would not take.
    var rejected: [BalancerRefusal.Subject: String] = [:]
    var refusals: [BalancerRefusal] = []
    /// By group id.
    var slots: [String: Slots] = [:]
    var weights: [String: Int] = [:]
    /// Its servers when they were read last.
    var states = ServerStates()
    /// When targets came that had no check yet, by group and place.
    var arrivals: [String: [Int: ContinuousClock.Instant]] = [:]

    /// Addresses that it listens on: `address:port`.
    var bound: Set<String> {
        let binds = skeleton.split(separator: "\n").lazy.filter { $0.hasPrefix("    bind ") }
        return Set(binds.map { String($0.dropFirst(9).prefix { $0 != " " }) })
    }

    /// Whether `plan` differs in nothing but targets and weights.
    func isPrepared(for plan: BalancerPlan) -> Bool { !skeleton.isEmpty && plan.structure == self.plan.structure }
}

extension BalancerPlan {
    /// Whether all targets have addresses, so that commands can set them.
    var hasAddressableTargets: Bool {
        targetGroups.allSatisfy { group in
            group.targets.allSatisfy { (try? Address.word($0.address, $0.port)) != nil }
        }
    }

    /// The plan without what commands can change.
    var structure: BalancerPlan {
        var copy = self
        for index in copy.targetGroups.indices { copy.targetGroups[index].targets = [] }
        for index in copy.loadBalancers.indices {
            for listener in copy.loadBalancers[index].listeners.indices {
                copy.loadBalancers[index].listeners[listener].eraseWeights()
            }
        }
        return copy
    }
}

extension ListenerPlan {
    fileprivate mutating func eraseWeights() {
        defaultAction.eraseWeights()
        for index in rules.indices { rules[index].action.eraseWeights() }
    }
}

extension BalancerAction {
    /// The weight of a single group is 0 or not; only those of several are in the map.
    fileprivate mutating func eraseWeights() {
        guard case .forward(var forward) = self else { return }
        let isSingle = forward.groups.count == 1
        for index in forward.groups.indices {
            forward.groups[index].weight = isSingle ? min(forward.groups[index].weight, 1) : 0
        }
        self = .forward(forward)
    }
}
