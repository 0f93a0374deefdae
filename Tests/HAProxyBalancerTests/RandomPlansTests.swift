import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

/// Makes plans that follow from each other as load balancers change, from one seed.
private struct PlanMaker {
    private var state: UInt64
    let targets: [TargetPlan]
    let port: Int
    let other: Int

    init(seed: UInt64, targets: [TargetPlan], port: Int, other: Int) {
        state = seed &* 0x9e37_79b9_7f4a_7c15
        self.targets = targets
        self.port = port
        self.other = other
    }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: state >> 33) % max(bound, 1)
    }

    private mutating func group(_ id: String) -> TargetGroupPlan {
        var group = RealHAProxy.group(id, [], interval: 1 + below(2))
        for target in targets where below(2) == 0 {
            var target = target
            target.state = below(4) == 0 ? .draining : .active
            group.targets.append(target)
        }
        if below(6) == 0 {
            // More than there are places at first; nobody listens there.
            group.targets += (0..<20).map { TargetPlan(address: "127.0.0.2", port: 4000 + $0) }
        }
        group.algorithm = [.roundRobin, .leastOutstandingRequests, .random][below(3)]
        if below(4) == 0 { group.stickiness = .balancerCookie(seconds: 60) }
        return group
    }

    private mutating func forward(_ groups: [String]) -> BalancerAction {
        .forward(ForwardAction(groups.map { ForwardAction.Group($0, weight: below(3)) }))
    }

    /// The next after `plan`: targets and weights alone most of the time, else anything.
    mutating func next(after plan: BalancerPlan?) -> BalancerPlan {
        if var plan, below(3) != 0 {
            for index in plan.targetGroups.indices where below(2) == 0 {
                plan.targetGroups[index].targets = group(plan.targetGroups[index].id).targets
            }
            return plan
        }
        let groups = (0...below(3)).map { "g\($0)" }
        let rules = (0..<below(3)).map { number in
            RulePlan(
                id: "r\(number)", conditions: [.path(["/r\(number)*"])],
                action: below(2) == 0 ? .fixed(FixedResponse(status: 418, body: "r\(number)")) : forward(groups))
        }
        var listeners = [ListenerPlan(id: "l", port: port, rules: rules, defaultAction: forward(groups))]
        if below(2) == 0 { listeners.append(ListenerPlan(id: "m", port: other, defaultAction: forward(groups))) }
        return BalancerPlan(
            loadBalancers: [
                LoadBalancerPlan(id: "lb", addresses: ["127.0.0.1"], hasAccessLog: below(3) == 0, listeners: listeners)
            ], targetGroups: groups.map { group($0) })
    }
}

@Suite("Random plans at HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct RandomPlansTests {
    @Test("whatever came before, HAProxy is what the plan says", arguments: 1...6 as ClosedRange<UInt64>)
    func followsPlans(seed: UInt64) async throws {
        try await RealHAProxy.with { real in
            let targets =
                try ["a", "b", "c"].map { try real.target($0) } + [
                    // Nobody is there.
                    TargetPlan(address: "127.0.0.1", port: RealHAProxy.freePort())
                ]
            var maker = PlanMaker(seed: seed, targets: targets, port: real.port, other: RealHAProxy.freePort())
            var plan: BalancerPlan?
            for turn in 0..<14 {
                let next = maker.next(after: plan)
                plan = next
                let refusals = try await real.balancer.apply(next)
                #expect(refusals == [], "seed \(seed), turn \(turn)")
                let seen = try await real.balancer.observe()
                expectSeen(seen, next, "seed \(seed), turn \(turn)")
                try expectServers(real, next, "seed \(seed), turn \(turn)")
                try expectAnswers(real, next, "seed \(seed), turn \(turn)")
                switch maker.below(8) {
                case 0: try await real.startAnew()
                case 1: try await killHAProxy(real)
                default: break
                }
            }
        }
    }

    private func expectSeen(_ seen: BalancerObservation, _ plan: BalancerPlan, _ place: String) {
        #expect(seen.targets.map(\.group) == plan.targetGroups.flatMap { g in g.targets.map { _ in g.id } }, "\(place)")
        #expect(seen.targets.map(\.target) == plan.targetGroups.flatMap(\.targets), "\(place)")
        for health in seen.targets {
            #expect((health.state == .draining) == (health.target.state == .draining), "\(place): \(health)")
            // Nobody listens at the other address.
            #expect(health.target.address == "127.0.0.1" || health.state != .healthy, "\(place): \(health)")
        }
    }

    /// Its own account of its servers: each target once, taking traffic or not, and nothing else anywhere.
    private func expectServers(_ real: RealHAProxy, _ plan: BalancerPlan, _ place: String) throws {
        let worker = try real.balancer.master.workers().current
        let states = ServerStates(try real.balancer.master.ask("@!\(worker) show servers state"))
        for group in plan.targetGroups {
            let servers = (states.servers[Names.group(group.id)] ?? [:]).values.filter { $0.endpoint != .nowhere }
            let checked = servers.filter { $0.name.hasPrefix("s") }
            #expect(Set(checked.map(\.endpoint)) == Set(group.targets.map(Endpoint.init)), "\(place) \(group.id)")
            #expect(checked.count == group.targets.count && servers.count == 2 * checked.count, "\(place) \(group.id)")
            for target in group.targets {
                let server = checked.first { $0.endpoint == Endpoint(target) }
                #expect(server?.isOff == (target.state == .draining), "\(place) \(group.id) \(target)")
            }
        }
        let known = Set(plan.targetGroups.map { Names.group($0.id) })
        #expect(Set(states.servers.keys.filter { $0.hasPrefix("tg:") }) == known, "\(place)")
        let weights = Set(
            try real.balancer.master.ask("@!\(worker) show map \(real.balancer.files.weights)").split(separator: "\n")
                // Without any entry HAProxy says that it knows no such map.
                .filter { $0.hasPrefix("0x") }.map { $0.split(separator: " ").dropFirst().joined(separator: " ") })
        #expect(weights == Set(Weights.entries(of: plan).map { "\($0.key) \($0.value)" }), "\(place)")
    }

    /// Only who is in a group with weight, and does not drain, answers.
    private func expectAnswers(_ real: RealHAProxy, _ plan: BalancerPlan, _ place: String) throws {
        guard let listener = plan.loadBalancers.first?.listeners.first,
            case .forward(let forward) = listener.defaultAction
        else { return }
        let weighed = Set(forward.groups.filter { $0.weight > 0 }.map(\.group))
        let active = plan.targetGroups.filter { weighed.contains($0.id) }.flatMap(\.targets).filter {
            $0.state == .active
        }
        let answer = try real.curl("/")
        if answer.status == 200 {
            #expect(active.contains { $0.id == answer.name }, "\(place): \(answer.name)")
        } else {
            // None is healthy yet, or one of those that nobody is behind was tried.
            #expect([502, 503].contains(answer.status), "\(place): \(answer.status)")
        }
        for rule in listener.rules {
            guard case .fixed(let response) = rule.action else { continue }
            #expect(try real.curl("/\(rule.id)x").body == response.body, "\(place)")
        }
    }

    private func killHAProxy(_ real: RealHAProxy) async throws {
        let workers = try real.balancer.master.workers()
        for pid in [workers.master] + workers.all { kill(pid, SIGKILL) }
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? real.balancer.master.workers().master) ?? workers.master == workers.master {
            guard .now < deadline else { throw RealHAProxy.Late(what: "it runs again", seen: "\(workers)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
