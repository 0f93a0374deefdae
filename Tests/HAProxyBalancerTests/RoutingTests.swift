import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Requests through HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct RoutingTests {
    @Test("go to healthy targets with what ELB adds to their headers")
    func addsHeaders() async throws {
        try await RealHAProxy.with { real in
            try await real.apply(real.plan([RealHAProxy.group("g", [try real.target("a")])]))
            let answer = try real.curl("/x?y=1", "-H", "X-Forwarded-For: 9.9.9.9", "-H", "X-Forwarded-Proto: gopher")
            #expect(answer.status == 200)
            #expect(answer.body.contains("GET /x?y=1 0"))
            #expect(answer.forwarded("X-Forwarded-For") == "9.9.9.9, 127.0.0.1")
            #expect(answer.forwarded("X-Forwarded-Proto") == "http")
            #expect(answer.forwarded("X-Forwarded-Port") == "\(real.port)")
            #expect(answer.forwarded("Host") == "127.0.0.1:\(real.port)")
            let trace = try #require(answer.forwarded("X-Amzn-Trace-Id"))
            #expect(trace.wholeMatch(of: /Root=1-[0-9a-f]{8}-[0-9a-f]{24}/) != nil)
            let own = try real.curl("/", "-H", "X-Amzn-Trace-Id: Root=1-5-6;Sampled=1").forwarded("X-Amzn-Trace-Id")
            #expect(own?.wholeMatch(of: /Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-5-6;Sampled=1/) != nil)
        }
    }

    private static let conditions: [(String, [RuleCondition], yes: [[String]], no: [[String]])] = [
        (
            "host", [.host(["*.example.com", "EXACT.org"])],
            [["/", "-H", "Host: A.EXAMPLE.com:80"], ["/", "-H", "Host: exact.ORG"]],
            [["/", "-H", "Host: example.com"], ["/", "-H", "Host: exactxorg"]]
        ),
        (
            "path", [.path(["/img/*", "/a?c", "/x*y/z"])], [["/img/"], ["/img/b?q"], ["/abc"], ["/x1/2y/z"]],
            [["/IMG/b"], ["/ac"], ["/abcd"], ["/pre/img/"], ["/a/c/d"]]
        ),
        (
            "header", [.header(name: "X-Test", values: ["*one*", "a.b"])],
            [
                ["/", "-H", "x-test: is ONE of"], ["/", "-H", "X-Test: a.b"],
                ["/", "-H", "X-Test: no", "-H", "X-Test: a.b"],
            ],
            [["/"], ["/", "-H", "X-Test: axb"], ["/", "-H", "X-Other: one"]]
        ),
        ("method", [.method(["POST", "PUT"])], [["/", "-X", "PUT"]], [["/"], ["/", "-X", "put"]]),
        (
            "query", [.query([QueryPattern(key: "v", value: "1*"), QueryPattern(value: "te?t")])],
            [["/?v=1"], ["/?a=b&V=12&c=d"], ["/?q=test"], ["/?TEXT"]],
            [["/?xv=1"], ["/?v=21"], ["/?q=testing"], ["/v=1"]]
        ),
        ("source", [.sourceIP(["10.0.0.0/8", "127.0.0.0/8"])], [["/"]], []),
        ("other source", [.sourceIP(["10.0.0.0/8"])], [], [["/"]]),
        (
            "all of several", [.path(["/p*"]), .method(["GET"]), .host(["h"])], [["/p", "-H", "Host: h"]],
            [["/p"], ["/", "-H", "Host: h"], ["/p", "-X", "PUT", "-H", "Host: h"]]
        ),
    ]

    @Test("are told apart by each kind of condition")
    func routes() async throws {
        try await RealHAProxy.with { real in
            for (name, conditions, yes, no) in Self.conditions {
                let rule = RulePlan(
                    id: "r", conditions: conditions, action: .fixed(FixedResponse(status: 200, body: "rule")))
                try await real.apply(
                    real.plan([], rules: [rule], action: .fixed(FixedResponse(status: 404, body: "default"))))
                for request in yes {
                    let answer = try RealHAProxy.curl(
                        ["http://127.0.0.1:\(real.port)" + request[0]] + request.dropFirst())
                    #expect(answer.body == "rule", "\(name): \(request)")
                }
                for request in no {
                    let answer = try RealHAProxy.curl(
                        ["http://127.0.0.1:\(real.port)" + request[0]] + request.dropFirst())
                    #expect(answer.body == "default", "\(name): \(request)")
                }
            }
        }
    }

    @Test("take the first rule that holds, whatever it does")
    func takesFirst() async throws {
        try await RealHAProxy.with { real in
            let groups = [
                RealHAProxy.group("g", [try real.target("a")]), RealHAProxy.group("h", [try real.target("b")]),
            ]
            let rules = [
                RulePlan(id: "1", conditions: [.path(["/f*"])], action: .forward(ForwardAction(to: "h"))),
                RulePlan(id: "2", conditions: [.path(["/fixed"])], action: .fixed(FixedResponse(status: 418))),
                RulePlan(id: "3", conditions: [.path(["/gone"])], action: .forward(ForwardAction(to: "unknown"))),
                RulePlan(
                    id: "4", conditions: [.path(["/old/*"])],
                    action: .redirect(
                        RedirectAction(
                            protocol: "HTTPS", host: "new.#{host}", port: "443", path: "/100%/#{path}",
                            isPermanent: true))),
                RulePlan(id: "5", conditions: [.path(["/*"])], action: .redirect(RedirectAction(query: "x=1"))),
            ]
            try await real.apply(real.plan(groups, rules: rules))
            #expect(try real.curl("/fixed").name == "b")
            #expect(try real.curl("/gone").status == 503)
            let permanent = try real.curl("/old/p?q=1")
            #expect(permanent.status == 301)
            #expect(permanent["Location"] == ["https://new.127.0.0.1:443/100%/old/p?q=1"])
            #expect(try real.curl("/old/p")["Location"] == ["https://new.127.0.0.1:443/100%/old/p"])
            let found = try real.curl("/z?q=1")
            #expect(found.status == 302)
            #expect(found["Location"] == ["http://127.0.0.1:\(real.port)/z?x=1"])
        }
    }

    @Test("share out by weights, which change without a reload")
    func weighs() async throws {
        try await RealHAProxy.with { real in
            let groups = [
                RealHAProxy.group("g", [try real.target("a")]), RealHAProxy.group("h", [try real.target("b")]),
            ]
            func plan(_ first: Int, _ second: Int) -> BalancerPlan {
                real.plan(
                    groups,
                    action: .forward(ForwardAction([.init("g", weight: first), .init("h", weight: second)])))
            }
            try await real.apply(plan(90, 10))
            let master = real.balancer.master
            let before = try master.workers()
            for (weights, range) in [((90, 10), 0.86...0.94), ((1, 3), 0.21...0.29), ((0, 5), 0...0), ((5, 0), 1...1)] {
                try await real.apply(plan(weights.0, weights.1))
                let load = try real.load(clients: 16, method: "GET")
                let start = try await real.balancer.observe().loadBalancers["lb"]?.requests ?? 0
                try await real.until("3,000 requests") { ($0.loadBalancers["lb"]?.requests ?? 0) > start + 3000 }
                let counts = try load.counts()
                let first = Double(counts["from a"] ?? 0), second = Double(counts["from b"] ?? 0)
                #expect(range.contains(first / (first + second)), "\(weights): \(counts)")
                #expect(counts.keys.allSatisfy { $0 == "200" || $0.hasPrefix("from") })
            }
            try await real.apply(plan(0, 0))
            #expect(try real.curl("/").status == 503)
            #expect(try master.workers() == before)
        }
    }
}
