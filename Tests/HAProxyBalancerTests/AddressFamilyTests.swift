import Balancer
import Glibc
import Testing

@testable import HAProxyBalancer

@Suite("IPv6 at HAProxy", .serialized, .enabled(if: RealHAProxy.isThere && hasIPv6))
struct AddressFamilyTests {
    @Test("clients and targets may have either, and rules tell clients apart")
    func mixes() async throws {
        try await RealHAProxy.with { real in
            var six = try real.target("six", also: "::1")
            // The same address, written otherwise.
            six.address = "0:0:0:0:0:0:0:1"
            let four = try real.target("four")
            var plan = real.plan(
                [RealHAProxy.group("six", [six]), RealHAProxy.group("four", [four])],
                rules: [
                    RulePlan(
                        // Not the clients of IPv4.
                        id: "v6", conditions: [.sourceIP(["::/0"])], action: .forward(ForwardAction(to: "four")))
                ])
            plan.loadBalancers[0].addresses.append("::1")
            plan.loadBalancers[0].hasAccessLog = true
            try await real.apply(plan)
            let answer = try real.curl("/")
            #expect(answer.name == "six" && answer.forwarded("X-Forwarded-For") == "127.0.0.1")
            let other = try RealHAProxy.curl(["http://[::1]:\(real.port)/"])
            #expect(other.name == "four" && other.forwarded("X-Forwarded-For") == "::1")
            var lines: [AccessLogEntry] = []
            try await real.until("both are written down") { _ in
                lines += try await real.balancer.takeAccessLog()
                return lines.count >= 2
            }
            #expect(lines.map(\.target) == ["::1:\(six.port)", "127.0.0.1:\(four.port)"])
            #expect(lines.map(\.rule) == [nil, "v6"])
            #expect(lines.last?.client.hasPrefix("::1:") == true)
            #expect(lines.last?.request == "GET http://[::1]:\(real.port)/ HTTP/1.1")
        }
    }
}

private let hasIPv6 =
    access("/proc/net/if_inet6", R_OK) == 0 && Address.obstacle("::1", RealHAProxy.freePort()) == nil
