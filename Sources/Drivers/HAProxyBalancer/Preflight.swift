import Balancer

/// What the host would not let HAProxy listen on. One such address would fail the whole configuration.
enum Preflight {
    static func obstacles(of plan: BalancerPlan, bound: Set<String>) -> [BalancerRefusal.Subject: String] {
        var found: [BalancerRefusal.Subject: String] = [:]
        for balancer in plan.loadBalancers {
            for listener in balancer.listeners {
                found[.listener(listener.id)] = obstacle(balancer.addresses, listener.port, bound)
                guard !balancer.names.isEmpty else { continue }
                found[.shared(listener: listener.id)] = obstacle(plan.sharedAddresses, listener.port, bound)
            }
        }
        return found
    }

    private static func obstacle(_ addresses: [String], _ port: Int, _ bound: Set<String>) -> String? {
        for address in addresses {
            guard let word = try? Address.word(address, port), !bound.contains(word) else { continue }
            if let reason = Address.obstacle(address, port) { return "\(word): \(reason)" }
        }
        return nil
    }
}
