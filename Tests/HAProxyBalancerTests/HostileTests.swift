import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Hostile clients and targets at HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct HostileTests {
    @Test("slow, huge and broken requests end with their own connection, and others are served meanwhile")
    func standsClients() async throws {
        try await RealHAProxy.with { real in
            var plan = real.plan([RealHAProxy.group("g", [try real.target("a")])])
            plan.loadBalancers[0].idleTimeout = 2
            try await real.apply(plan)
            let load = try real.load()
            let slow = try (0..<50).map { _ in try TestSocket(real.port) }
            for socket in slow { try socket.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ") }
            let bomb = try TestSocket(real.port)
            try? bomb.send(
                "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X-Bomb: aaaaaaaaaaaaaaaa\r\n", count: 20_000))
            #expect(["", "HTTP/1.1 4"].contains(String(try bomb.receive(until: "\r\n\r\n").prefix(10))))
            let long = String(repeating: "a", count: 16_000)
            #expect(try real.curl("/", "-H", "X-Long: \(long)").forwarded("X-Long") == long)
            for text in [
                "\u{1}\u{2}\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            ] {
                let socket = try TestSocket(real.port)
                try socket.send(text)
                #expect(try socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 400"))
            }
            for socket in slow { #expect(try socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 408")) }
            let counts = try load.counts()
            #expect((counts["200"] ?? 0) > 100)
            #expect(counts.keys.allSatisfy { $0 == "200" || $0.hasPrefix("from ") }, "\(counts)")
        }
    }

    @Test("a target that hangs is 504 after the idle timeout")
    func standsTargets() async throws {
        try await RealHAProxy.with { real in
            var plan = real.plan([RealHAProxy.group("g", [try real.target("a")])])
            plan.loadBalancers[0].idleTimeout = 1
            try await real.apply(plan)
            #expect(try real.curl("/slow/5").status == 504)
        }
    }
}
