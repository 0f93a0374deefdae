import Balancer
import Foundation
import Glibc
import Testing

@testable import HAProxyBalancer

@Suite("HAProxy and the driver", .serialized, .enabled(if: RealHAProxy.isThere))
struct LifecycleTests {
    @Test("HAProxy serves on without the driver, and the next one finds it with all it was told")
    func isAdopted() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b")
            let groups = [RealHAProxy.group("g", [a]), RealHAProxy.group("h", [b])]
            func plan(_ weight: Int, _ targets: [TargetPlan]) -> BalancerPlan {
                var groups = groups
                groups[0].targets = targets
                return real.plan(
                    groups,
                    action: .forward(ForwardAction([.init("g", weight: weight), .init("h", weight: 1 - weight)])))
            }
            try await real.apply(plan(1, [a]))
            #expect(try real.curl("/").name == "a")
            _ = try await real.balancer.observe()
            let before = try real.balancer.master.workers()
            let pid = await real.balancer.living()
            let load = try real.load(method: "GET")
            try await real.startAnew {
                for _ in 0..<20 {
                    let name = try real.curl("/counted").name
                    #expect(name == "a")
                }
            }
            try await real.apply(plan(1, [a]))
            try await real.apply(plan(1, [a, b]))
            var draining = a
            draining.state = .draining
            try await real.apply(plan(1, [draining, b]))
            try await real.apply(plan(0, [draining, b]))
            for _ in 0..<6 { #expect(try real.curl("/").name == "b") }
            #expect(await real.balancer.living() == pid)
            #expect(try real.balancer.master.workers() == before)
            let counts = try load.counts()
            #expect(counts.keys.allSatisfy { $0 == "200" || $0.hasPrefix("from ") }, "\(counts)")
            let wanted = (counts["200"] ?? 0) + 1 + 20 + 6
            // HAProxy writes a request's line once its answer is sent.
            let seen = try await real.until("the last line is read") {
                ($0.loadBalancers["lb"]?.targetResponses.total ?? 0) >= wanted
            }
            #expect(seen.loadBalancers["lb"]?.requests == wanted)
            #expect(seen.loadBalancers["lb"]?.targetResponses.successful == wanted)
            #expect(seen.targetGroups.values.reduce(0) { $0 + $1.responses.successful } == wanted)
        }
    }

    @Test(
        "a HAProxy that is killed is started again with the last plan and what it knew of its targets",
        arguments: ["master", "worker"])
    func isRestarted(_ victim: String) async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), bad = try real.target("bad", code: 500)
            let plan = real.plan([RealHAProxy.group("g", [a, bad])])
            try await real.apply(plan, until: nil)
            try await real.until("both are known") { $0.targets.map(\.state) == [.healthy, .unhealthy] }
            #expect(try real.curl("/").name == "a")
            let counted = try await real.balancer.observe().loadBalancers["lb"]?.requests
            let first = try #require(await real.balancer.living())
            let workers = try real.balancer.master.workers()
            kill(victim == "master" ? first.pid : workers.current, SIGKILL)
            while first.isAlive { usleep(1000) }
            let deadline = ContinuousClock.now + .seconds(20)
            while (try? real.curl("/").status) != 200 {
                try #require(ContinuousClock.now < deadline)
            }
            for _ in 0..<6 { #expect(try real.curl("/").name == "a") }
            #expect(await real.balancer.living() != first)
            try await real.until("counts go on") { $0.loadBalancers["lb"]?.requests == (counted ?? 0) + 7 }
        }
    }

    @Test("another process that has the recorded id is left alone")
    func leavesOthers() async throws {
        try await RealHAProxy.with { real in
            try await real.apply(real.plan([], action: .fixed(FixedResponse(status: 200))))
            let first = try #require(await real.balancer.living())
            let other = getpid()
            try await real.startAnew {
                try first.end()
                try "\(other) \(first.startTime)".write(
                    toFile: real.directory + "/haproxy.pid", atomically: true, encoding: .utf8)
            }
            try await real.apply(real.plan([], action: .fixed(FixedResponse(status: 200))))
            #expect(try real.curl("/").status == 200)
            #expect(await real.balancer.living()?.pid != other)
        }
    }

    @Test("a HAProxy that nobody had time to record is found by its socket")
    func findsUnrecorded() async throws {
        try await RealHAProxy.with { real in
            try await real.apply(real.plan([], action: .fixed(FixedResponse(status: 200))))
            let first = await real.balancer.living()
            try await real.startAnew { try FileManager.default.removeItem(atPath: real.directory + "/haproxy.pid") }
            try await real.apply(real.plan([], action: .fixed(FixedResponse(status: 201))))
            #expect(try real.curl("/").status == 201)
            #expect(await real.balancer.living() == first)
        }
    }

    @Test("what HAProxy or the host does not take is left out with its reason, and all else is in force")
    func refuses() async throws {
        try await RealHAProxy.with { real in
            let taken = RealHAProxy.freePort()
            let server = try Program("backend.py", "\(taken)", "other", "200")
            defer { server.end() }
            var plan = real.plan([RealHAProxy.group("g", [try real.target("a")])])
            let fixed = BalancerAction.fixed(FixedResponse(status: 200))
            let broken = TLSPlan(certificates: ["no certificate"])
            plan.loadBalancers[0].listeners += [
                ListenerPlan(id: "taken", port: taken, defaultAction: fixed),
                ListenerPlan(id: "tls", port: RealHAProxy.freePort(), transport: .tls(broken), defaultAction: fixed),
            ]
            plan.loadBalancers[0].listeners[0].rules = [
                RulePlan(id: "bad", conditions: [.header(name: "x y", values: ["a"])], action: fixed),
                RulePlan(id: "good", conditions: [.path(["/good"])], action: fixed),
            ]
            plan.loadBalancers.append(
                LoadBalancerPlan(
                    id: "away", addresses: ["192.0.2.1"],
                    listeners: [ListenerPlan(id: "a", port: 80, defaultAction: fixed)]))
            plan.targetGroups.append(
                TargetGroupPlan(id: "odd", targets: [TargetPlan(address: "not\nan address", port: 80)]))
            let refusals = try await real.balancer.apply(plan)
            #expect(
                refusals.map(\.subject) == [
                    .rule("bad", listener: "l"), .listener("taken"), .listener("tls"), .listener("a"),
                    .targetGroup("odd"),
                ])
            #expect(refusals.map(\.reason).filter { $0.contains("another program listens there") }.count == 1)
            #expect(refusals.map(\.reason).filter { $0.contains("does not have this address") }.count == 1)
            #expect(try real.curl("/good").status == 200)
            try await real.until("the target is healthy") { $0.targets.first?.state == .healthy }
            #expect(try real.curl("/").name == "a")
            server.end()
            #expect(try await real.balancer.apply(plan).map(\.subject).contains(.listener("taken")) == false)
            #expect(try RealHAProxy.curl(["http://127.0.0.1:\(taken)/"]).status == 200)
        }
    }
}
