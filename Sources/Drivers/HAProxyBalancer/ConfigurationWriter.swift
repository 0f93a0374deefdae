import Balancer

/// Writes `haproxy.cfg` from a plan. Equal input gives equal text.
struct ConfigurationWriter {
    let files: BalancerFiles
    let plan: BalancerPlan
    /// Places by group id.
    var slots: [String: Slots]
    /// What HAProxy itself, or the host, would not take: left out with these reasons.
    var excluded: [BalancerRefusal.Subject: String] = [:]
    /// By group id: the idle timeout of the load balancer that forwards there.
    let timeouts: [String: Int]
    let groups: [String: TargetGroupPlan]

    init(
        files: BalancerFiles, plan: BalancerPlan, slots: [String: Slots],
        excluded: [BalancerRefusal.Subject: String] = [:]
    ) {
        self.files = files
        self.plan = plan
        self.slots = slots
        self.excluded = excluded
        groups = Dictionary(plan.targetGroups.map { ($0.id, $0) }) { first, _ in first }
        var timeouts: [String: Int] = [:]
        for balancer in plan.loadBalancers {
            for case (_, .forward(let forward)) in balancer.listeners.lazy.flatMap(\.actions) {
                for group in forward.groups { timeouts[group.group] = balancer.idleTimeout }
            }
        }
        self.timeouts = timeouts
    }

    func write() -> ConfigurationText {
        var text = ConfigurationText()
        prelude(&text)
        var bound = Set<String>()
        for balancer in plan.loadBalancers {
            for listener in balancer.listeners { write(listener, of: balancer, &bound, &text) }
        }
        shared(&bound, &text)
        for group in plan.targetGroups { write(group, &text) }
        return text
    }

    /// A group that forwards of `kind` can go to.
    func group(_ id: String, for kind: LoadBalancerPlan.Kind) throws(Unwritable) -> TargetGroupPlan? {
        guard let group = groups[id] else { return nil }
        guard group.kind == kind else {
            throw Unwritable("target group \(id) serves load balancers of the kind \(group.kind.rawValue)")
        }
        return group
    }

    private func prelude(_ text: inout ConfigurationText) {
        text.section("global")
        text.add(
            // ELB's longest deregistration delay: no old worker lives longer.
            "hard-stop-after 3600s",
            // Headers of 30 KiB, half of ELB's limit; larger costs speed, and memory per connection.
            "tune.bufsize 32768",
            "tune.maxrewrite 2048",
            "tune.http.maxhdr 200",
            "server-state-file \(files.serverState)",
            "tune.ssl.default-dh-param 2048",
            "ssl-default-bind-options prefer-client-ciphers",
            // A pipe that its reader may leave and find again. Longer lines would not be written whole.
            "log stdout len 4096 format raw local0")
        text.section("defaults")
        text.add(
            "mode http",
            "load-server-state-from-file global",
            // One repetition of a lost SYN; then another target is tried.
            "timeout connect 4s",
            "timeout client 60s",
            "timeout server 60s",
            // Only a connection that was never made is tried again: a request that was sent is not.
            // Each at another target: with half of them gone, one request in a thousand or fewer finds none that lives. More
            // would keep clients of a single dead target waiting, a second each.
            "retries 6",
            "retry-on conn-failure",
            "option redispatch 1",
            "option idle-close-on-response")
        text.section("backend \(Names.nowhere)")
        text.add("http-request return status 503")
        text.section("backend \(Names.sharedNowhere)")
        text.add(
            "http-request return status 404 content-type text/plain string no\\x20load\\x20balancer\\x20of\\x20this\\x20name"
        )
        // HAProxy does not start without any listener, as load balancers have none at first.
        text.section("frontend \(Names.idle)")
        text.add("bind unix@\(files.directory)/idle.sock mode 600", "default_backend \(Names.nowhere)")
        text.section("backend \(Names.nowhereTCP)")
        text.add("mode tcp", "tcp-request content reject")
    }
}
