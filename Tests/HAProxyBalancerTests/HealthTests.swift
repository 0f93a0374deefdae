import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Health at HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct HealthTests {
    @Test("a new target gets nothing before a check succeeded, over a reload too; one success is enough")
    func startsWithoutTraffic() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), bad = try real.target("bad", code: 500)
            let dead = TargetPlan(id: "dead", address: "127.0.0.1", port: RealHAProxy.freePort())
            try await real.apply(real.plan([RealHAProxy.group("g", [a])]))
            let load = try real.load()
            try await real.apply(real.plan([RealHAProxy.group("g", [a, dead, bad])]), until: nil)
            let first = try await real.balancer.observe()
            #expect(first.targets.map(\.state) == [.healthy, .initial, .initial])
            let seen = try await real.until("they are unhealthy") {
                $0.targets.map(\.state) == [.healthy, .unhealthy, .unhealthy]
            }
            #expect(seen.targets[0].failure == nil)
            guard case .connection(let words) = seen.targets[1].failure else {
                Issue.record("\(seen.targets[1])")
                return
            }
            #expect(words.contains("refused"))
            #expect(seen.targets[2].failure == .code(500))
            // A reload gives the next worker what this one knows.
            var changed = real.plan([RealHAProxy.group("g", [a, dead, bad])])
            changed.loadBalancers[0].idleTimeout = 61
            try await real.apply(changed, until: nil)
            #expect(try await real.balancer.observe().targets.map(\.state) == [.healthy, .unhealthy, .unhealthy])
            let counts = try load.counts()
            #expect(counts.keys.sorted() == ["200", "from a"], "\(counts)")
            _ = try RealHAProxy.curl(["http://127.0.0.1:\(bad.port)/set?code=200"])
            try await real.until("it recovers") { $0.targets[2].state == .healthy }
        }
    }

    @Test("one success makes a new target healthy, whatever the threshold")
    func raisesAtOnce() async throws {
        try await RealHAProxy.with { real in
            var group = RealHAProxy.group("g", [try real.target("a")])
            group.check.healthyThreshold = 1000
            try await real.apply(real.plan([group]))
        }
    }

    @Test("without a healthy target all get traffic, without any there is 503, as with new ones alone")
    func failsOpen() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a", code: 500), b = try real.target("b", code: 500)
            var group = RealHAProxy.group("g", [a, b], interval: 2)
            try await real.apply(real.plan([group]), until: nil)
            #expect(try real.curl("/").status == 503)
            try await real.until("they are unhealthy") { $0.targets.allSatisfy { $0.state == .unhealthy } }
            let names = try (0..<6).map { _ in try real.curl("/").name }
            #expect(Set(names) == ["a", "b"])
            _ = try RealHAProxy.curl(["http://127.0.0.1:\(a.port)/set?code=200"])
            try await real.until("one recovers") { $0.targets.contains { $0.state == .healthy } }
            for _ in 0..<6 { #expect(try real.curl("/").name == "a") }
            group.targets = []
            try await real.apply(real.plan([group]))
            #expect(try real.curl("/").status == 503)
        }
    }

    @Test("changed checks are heeded, a slow answer is a timeout")
    func changesChecks() async throws {
        try await RealHAProxy.with { real in
            var group = RealHAProxy.group("g", [try real.target("a")])
            try await real.apply(real.plan([group]))
            group.check.path = "/slow/3"
            try await real.apply(real.plan([group]), until: .unhealthy)
            #expect(try await real.balancer.observe().targets.first?.failure == .timeout)
            group.check = HealthCheckPlan(
                path: "/status/302", interval: 1, timeout: 1, healthyThreshold: 2, codes: [200...204, 302...302])
            try await real.apply(real.plan([group]))
        }
    }

    @Test("a target that became healthy gets its share little by little where the group starts slowly")
    func startsSlowly() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b")
            var group = RealHAProxy.group("g", [a])
            group.slowStart = 15
            try await real.apply(real.plan([group]))
            func share(of requests: Int) throws -> Double {
                var seen = 0
                for _ in 0..<requests { seen += try real.curl("/").name == "b" ? 1 : 0 }
                return Double(seen) / Double(requests)
            }
            #expect(try share(of: 8) == 0)
            group.targets = [a, b]
            let begun = ContinuousClock.now
            try await real.apply(real.plan([group]))
            // Few, so that they are over while it has just begun: its weight is the share of the time that has passed.
            let early = try share(of: 8)
            #expect(early <= max(0.25, (ContinuousClock.now - begun) / .seconds(group.slowStart) + 0.125))
            try await real.until("the other has its share") { _ in
                let share = try share(of: 20)
                return share > 0.4 && share < 0.6
            }
        }
    }

    @Test("a target that takes no connection or breaks one is 502, and others are tried for the first")
    func answersForTargets() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a")
            var group = RealHAProxy.group("g", [a])
            try await real.apply(real.plan([group]))
            #expect(try real.curl("/reset").status == 502)
            #expect(try real.curl("/status/503").status == 503)
            // It passes its checks elsewhere.
            let dead = TargetPlan(address: "127.0.0.1", port: RealHAProxy.freePort())
            group.check.port = a.port
            group.targets = [dead]
            try await real.apply(real.plan([group]))
            #expect(try real.curl("/").status == 502)
            group.targets = [dead, a]
            try await real.apply(real.plan([group]))
            for _ in 0..<6 { #expect(try real.curl("/").name == "a") }
        }
    }
}
