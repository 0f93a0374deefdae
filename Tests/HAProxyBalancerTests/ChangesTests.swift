import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Changes at HAProxy under load", .serialized, .enabled(if: RealHAProxy.isThere))
struct ChangesTests {
    private func expectAllAnswered(_ counts: [String: Int]) {
        #expect((counts["200"] ?? 0) > 100)
        #expect(counts.keys.filter { $0 != "200" && !$0.hasPrefix("from ") } == [], "\(counts)")
    }

    @Test("of targets lose no request of clients that keep their connections, and need no reload")
    func changesTargets() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b"), c = try real.target("c")
            try await real.apply(real.plan([RealHAProxy.group("g", [a, b])]))
            let before = try real.balancer.master.workers()
            let load = try real.load()
            for turn in 0..<12 {
                let (leaves, comes) = [(a, c), (b, a), (c, b)][turn % 3]
                let stays = [b, c, a][turn % 3]
                var draining = leaves
                draining.state = .draining
                try await real.apply(real.plan([RealHAProxy.group("g", [draining, stays, comes])]))
                try await real.until("nothing is under way") { _ in try self.isIdle(real, leaves) }
                try await real.apply(real.plan([RealHAProxy.group("g", [stays, comes])]))
            }
            let counts = try load.counts()
            expectAllAnswered(counts)
            #expect(["from a", "from b", "from c"].allSatisfy { (counts[$0] ?? 0) > 0 })
            #expect(try real.balancer.master.workers() == before)
        }
    }

    private func isIdle(_ real: RealHAProxy, _ target: TargetPlan) throws -> Bool {
        let table = StatTable(try real.balancer.master.ask("@!\(real.balancer.master.workers().current) show stat"))
        return table.rows.filter { table.text($0, "addr").hasSuffix(":\(target.port)") }
            .allSatisfy { table.number($0, "scur") == 0 }
    }

    @Test("of listeners, rules and checks lose no request either")
    func reloads() async throws {
        try await RealHAProxy.with { real in
            let targets = [try real.target("a"), try real.target("b")]
            try await real.apply(real.plan([RealHAProxy.group("g", targets)]))
            let load = try real.load()
            for turn in 0..<10 {
                let rule = RulePlan(
                    id: "r", conditions: [.path(["/only-\(turn)"])], action: .fixed(FixedResponse(status: 299)))
                var group = RealHAProxy.group("g", targets)
                group.check.interval = 1 + turn % 2
                try await real.apply(real.plan([group], rules: [rule]))
                #expect(try real.curl("/only-\(turn)").status == 299)
            }
            expectAllAnswered(try load.counts())
            #expect(try real.balancer.master.workers().reloads == 10)
            try await real.until("old workers end") { _ in (try? real.balancer.master.workers().old) == [] }
        }
    }

    @Test("to more targets than there are places make room by one reload, twice the room at once")
    func grows() async throws {
        try await RealHAProxy.with { real in
            let port = try real.target("a").port
            func targets(_ count: Int) -> [TargetPlan] {
                (1...count).map { TargetPlan(address: "127.0.0.\($0)", port: port) }
            }
            try await real.apply(real.plan([RealHAProxy.group("g", targets(16))]))
            let load = try real.load()
            try await real.apply(real.plan([RealHAProxy.group("g", targets(17))]))
            try await real.apply(real.plan([RealHAProxy.group("g", targets(32))]))
            expectAllAnswered(try load.counts())
            #expect(try real.balancer.master.workers().reloads == 1)
        }
    }

    @Test("to draining let requests end and take no new one, not even a sticky one, old workers' connections included")
    func drains() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b")
            func plan(_ targets: [TargetPlan], _ rule: String) -> BalancerPlan {
                var group = RealHAProxy.group("g", targets)
                group.stickiness = .balancerCookie(seconds: 60)
                let rule = RulePlan(
                    id: rule, conditions: [.path(["/none"])], action: .fixed(FixedResponse(status: 200)))
                return real.plan([group], rules: [rule])
            }
            try await real.apply(plan([a], "1"))
            let cookie = try #require(try real.curl("/")["Set-Cookie"].first?.prefix { $0 != ";" })
            try await real.apply(plan([a, b], "1"))
            for _ in 0..<6 { #expect(try real.curl("/", "-b", String(cookie)).name == "a") }
            let socket = try TestSocket(real.port)
            try socket.send("GET /slow/1.5 HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n")
            try await real.until("it is under way") { ($0.targetGroups["g"]?.activeConnections ?? 0) == 1 }
            // A worker of an earlier configuration has the connection now.
            try await real.apply(plan([a, b], "2"))
            var draining = a
            draining.state = .draining
            try await real.apply(plan([draining, b], "2"))
            for _ in 0..<6 { #expect(try real.curl("/", "-b", String(cookie)).name == "b") }
            #expect(try socket.receive(until: "\na\n").contains("200"))
            try await real.until("it is drained") { $0.targets.first?.state == .draining }
        }
    }

    @Test("that take a target away close its connections, in old workers too")
    func closes() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b")
            try await real.apply(real.plan([RealHAProxy.group("g", [a])]))
            let socket = try TestSocket(real.port)
            try socket.openWebsocket()
            try socket.send("hello")
            #expect(try socket.receive(until: "hello") == "hello")
            var changed = real.plan([RealHAProxy.group("g", [a, b])])
            changed.loadBalancers[0].idleTimeout = 61
            try await real.apply(changed)
            try socket.send("again")
            #expect(try socket.receive(until: "again") == "again")
            changed.targetGroups[0].targets = [b]
            try await real.apply(changed)
            #expect(try socket.receive(until: "never") == "")
        }
    }
}
