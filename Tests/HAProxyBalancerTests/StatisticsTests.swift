import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Statistics of HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct StatisticsTests {
    @Test("are exact across reloads, with requests in old workers")
    func countsAcrossReloads() async throws {
        try await RealHAProxy.with { real in
            let targets = [try real.target("a"), try real.target("b")]
            try await real.apply(real.plan([RealHAProxy.group("g", targets)]))
            let load = try real.load()
            let slow = try TestSocket(real.port)
            try slow.send("GET /slow/3 HTTP/1.1\r\nHost: a\r\n\r\n")
            for turn in 0..<6 {
                let rule = RulePlan(
                    id: "r\(turn)", conditions: [.path(["/x"])], action: .fixed(FixedResponse(status: 200)))
                try await real.apply(real.plan([RealHAProxy.group("g", targets)], rules: [rule]))
                try await real.until("more requests") { ($0.loadBalancers["lb"]?.requests ?? 0) > 200 * turn }
            }
            let counts = try load.counts()
            let answered = try slow.receive(until: "\n/slow/3")
            #expect(answered.contains("200"))
            #expect(counts.keys.allSatisfy { $0 == "200" || $0.hasPrefix("from ") }, "\(counts)")
            let wanted = (counts["200"] ?? 0) + 1
            try await real.until("old workers end") { _ in (try? real.balancer.master.workers().old) == [] }
            // Gone workers are folded in after some polls, and their last lines come when the pipe is read.
            try await real.until("all are counted") { $0.targetGroups["g"]?.latency.count == wanted }
            for _ in 0..<6 { _ = try await real.balancer.observe() }
            let seen = try await real.balancer.observe()
            #expect(seen.loadBalancers["lb"]?.requests == wanted)
            #expect(seen.loadBalancers["lb"]?.targetResponses.successful == wanted)
            #expect(seen.loadBalancers["lb"]?.ownResponses.total == 0)
            let group = try #require(seen.targetGroups["g"])
            #expect(group.responses.successful == wanted)
            #expect(group.latency.count == wanted)
            #expect(group.latency.percentile(1).map { $0 >= 2800 && $0 <= 4000 } == true)
            #expect(group.activeConnections == 0)
        }
    }

    @Test("tell targets' answers from the load balancer's own, by class")
    func tellsApart() async throws {
        try await RealHAProxy.with { real in
            let rules = [
                RulePlan(id: "f", conditions: [.path(["/fixed"])], action: .fixed(FixedResponse(status: 404))),
                RulePlan(id: "r", conditions: [.path(["/moved"])], action: .redirect(RedirectAction(path: "/"))),
                RulePlan(id: "n", conditions: [.path(["/none"])], action: .forward(ForwardAction(to: "none"))),
            ]
            try await real.apply(real.plan([RealHAProxy.group("g", [try real.target("a")])], rules: rules))
            for path in [
                "/", "/status/201", "/status/302", "/status/404", "/status/500", "/status/503", "/fixed", "/fixed",
            ]
                + ["/moved", "/none", "/reset"]
            {
                _ = try real.curl(path)
            }
            // The last one broke off, which only its line tells, written once its answer is sent.
            let seen = try await real.until("all are counted") {
                $0.loadBalancers["lb"]?.requests == 11 && $0.loadBalancers["lb"]?.ownErrors.badGateway == 1
            }
            let statistics = try #require(seen.loadBalancers["lb"])
            #expect(statistics.targetResponses.successful == 2)
            #expect(statistics.targetResponses.redirected == 1)
            #expect(statistics.targetResponses.clientError == 1)
            #expect(statistics.targetResponses.serverError == 2)
            #expect(statistics.ownResponses.clientError == 2)
            #expect(statistics.ownResponses.redirected == 1)
            #expect(statistics.ownResponses.serverError == 2)
            // Nowhere to go, and a target that broke off; what targets answer with the same codes is theirs.
            #expect(statistics.ownErrors.unavailable == 1 && statistics.ownErrors.badGateway == 1)
            #expect(statistics.ownErrors.internalError == 0 && statistics.ownErrors.timedOut == 0)
            #expect(statistics.fixedResponses == 2)
            #expect(statistics.redirects == 1)
            #expect(statistics.newConnections == 11)
            #expect(statistics.activeConnections == 0)
            #expect(statistics.bytesIn > 0 && statistics.bytesOut > 0)
            #expect(seen.targetGroups["g"]?.responses.total == 6)
            #expect(seen.targetGroups["g"]?.requests == 7)
        }
    }

    @Test("have the lines of an access log when it is wanted, whatever a client sends")
    func logsAccess() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a")
            var plan = real.plan([RealHAProxy.group("g", [a])])
            try await real.apply(plan)
            _ = try real.curl("/before")
            plan.loadBalancers[0].hasAccessLog = true
            try await real.apply(plan)
            _ = try real.curl("/status/404?q=%41", "-A", "agent \"R 1 2\"\tx")
            var lines: [AccessLogEntry] = []
            try await real.until("the line is there") { _ in
                lines += try await real.balancer.takeAccessLog()
                return !lines.isEmpty
            }
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(line.loadBalancer == "lb" && line.listener == "l" && line.targetGroup == "g")
            #expect(line.target == "127.0.0.1:\(a.port)")
            #expect(line.client.hasPrefix("127.0.0.1:"))
            #expect(line.status == 404 && line.targetStatus == 404)
            #expect(line.request.hasPrefix("GET http://127.0.0.1:\(real.port)/status/404?q=%41"))
            #expect(line.action == .forward && line.rule == nil && line.redirect.isEmpty)
            #expect(line.request.hasSuffix(" HTTP/1.1"))
            #expect(line.userAgent == "agent \"R 1 2\"\tx")
            #expect(line.traceID.wholeMatch(of: /1-[0-9a-f]{8}-[0-9a-f]{24}/) != nil)
            #expect(line.targetTime >= 0 && line.requestTime >= 0)
            #expect(abs(line.time - Int(Date().timeIntervalSince1970 * 1000)) < 60_000)
            #expect(line.createdAt <= line.time && line.time - line.createdAt < 10_000)
        }
    }
}
