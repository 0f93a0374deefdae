import Balancer
import Foundation
import Testing

@testable import HAProxyBalancer

@Suite("Protocols through HAProxy", .serialized, .enabled(if: RealHAProxy.isThere))
struct ProtocolTests {
    private let fixed = { (text: String) in BalancerAction.fixed(FixedResponse(status: 200, body: text)) }

    private static func certificate(_ name: String) throws -> String {
        let text = try Program.output(
            of: "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj",
                "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", "-", "-out", "-",
            ])
        // The certificate goes first.
        let parts = text.components(separatedBy: "-----BEGIN CERTIFICATE-----")
        return "-----BEGIN CERTIFICATE-----" + (parts.last ?? "") + (parts.first ?? "")
    }

    @Test("TLS chooses the certificate by SNI and offers HTTP/2; targets may speak TLS and HTTP/2")
    func speaksTLS() async throws {
        try await RealHAProxy.with { real in
            let certificates = [try Self.certificate("one.test"), try Self.certificate("two.test")]
            let back = RealHAProxy.freePort(), front = RealHAProxy.freePort()
            var plan = real.plan([], action: fixed("plain"))
            plan.loadBalancers[0].http.forwardsTLSParameters = true
            plan.loadBalancers[0].listeners = [
                ListenerPlan(
                    id: "front", port: front, transport: .tls(TLSPlan(certificates: certificates)),
                    defaultAction: .forward(ForwardAction(to: "tls"))),
                ListenerPlan(
                    id: "back", port: back, transport: .tls(TLSPlan(certificates: certificates, alpn: ["h2"])),
                    rules: [
                        RulePlan(
                            id: "1",
                            conditions: [
                                .header(name: "x-amzn-tls-version", values: ["TLSv1.3"]), .path(["/echo"]),
                                .header(name: "X-Forwarded-Proto", values: ["https"]),
                            ], action: fixed("through"))
                    ], defaultAction: fixed("two")),
            ]
            var group = TargetGroupPlan(
                id: "tls", transport: .tls, version: .http2,
                check: HealthCheckPlan(kind: .https, interval: 1, timeout: 1),
                targets: [TargetPlan(address: "127.0.0.1", port: back)])
            plan.targetGroups = [group]
            try await real.apply(plan)
            for (name, shown) in [("one.test", "one.test"), ("two.test", "two.test"), ("other.test", "one.test")] {
                let answer = try Program.output(
                    of: "curl",
                    [
                        "-skv", "--stderr", "-", "--http2", "--resolve", "\(name):\(front):127.0.0.1",
                        "https://\(name):\(front)/echo",
                    ])
                #expect(answer.contains("subject: CN=\(shown)"), "\(name)")
                #expect(answer.contains("server accepted h2"))
                #expect(answer.contains("through"))
            }
            plan.loadBalancers[0].http.hasHTTP2 = false
            group.check.kind = .tcp
            plan.targetGroups = [group]
            try await real.apply(plan)
            let answer = try RealHAProxy.curl(["https://127.0.0.1:\(front)/echo", "--http2", "-w", "%{http_version}"])
            #expect(answer.body == "through1.1")
        }
    }

    @Test("gRPC goes as HTTP/2 to targets that are found healthy by grpc-status")
    func speaksGRPC() async throws {
        try await RealHAProxy.with { real in
            let port = RealHAProxy.freePort()
            let server = try HTTP2Target(port, in: "/tmp/h2-\(port).cfg")
            defer { server.end() }
            let front = RealHAProxy.freePort()
            var plan = real.plan([
                TargetGroupPlan(
                    id: "grpc", version: .grpc,
                    check: HealthCheckPlan(path: "/AWS.ALB/healthcheck", interval: 1, timeout: 1, codes: [12...12]),
                    targets: [TargetPlan(address: "127.0.0.1", port: port)])
            ])
            plan.loadBalancers[0].listeners.append(
                ListenerPlan(
                    id: "tls", port: front, transport: .tls(TLSPlan(certificates: [try Self.certificate("a.test")])),
                    defaultAction: .forward(ForwardAction(to: "grpc"))))
            try await real.apply(plan)
            let answer = try RealHAProxy.curl([
                "https://127.0.0.1:\(front)/pkg.Service/Method", "--http2", "-H", "Content-Type: application/grpc",
                "-H",
                "TE: trailers", "--data-binary", "x",
            ])
            #expect(answer["grpc-status"] == ["12"], "\(answer)")
            #expect(answer["x-version"] == ["2.0"])
            plan.targetGroups[0].check.codes = [0...11]
            try await real.apply(plan, until: .unhealthy)
        }
    }

    @Test("websockets stay open through a reload and are counted as one answer")
    func speaksWebsockets() async throws {
        try await RealHAProxy.with { real in
            var plan = real.plan([RealHAProxy.group("g", [try real.target("a")])])
            try await real.apply(plan)
            let socket = try TestSocket(real.port)
            try socket.openWebsocket()
            plan.loadBalancers[0].idleTimeout = 61
            try await real.apply(plan)
            try socket.send("still here")
            #expect(try socket.receive(until: "here") == "still here")
        }
    }

    @Test("shared addresses tell load balancers apart by host and by SNI, and refuse what has neither")
    func shares() async throws {
        try await RealHAProxy.with { real in
            let port = RealHAProxy.freePort(), secure = RealHAProxy.freePort()
            func balancer(_ name: String, _ address: String) throws -> LoadBalancerPlan {
                let tls = TLSPlan(certificates: [try Self.certificate("\(name).localhost")])
                let rule = RulePlan(id: "h", conditions: [.path(["/g"])], action: .forward(ForwardAction(to: "g")))
                return LoadBalancerPlan(
                    id: name, addresses: [address], names: ["\(name).localhost"],
                    listeners: [
                        ListenerPlan(id: name + "-plain", port: port, rules: [rule], defaultAction: fixed(name)),
                        ListenerPlan(id: name + "-tls", port: secure, transport: .tls(tls), defaultAction: fixed(name)),
                    ])
            }
            var network = LoadBalancerPlan(
                id: "net", kind: .network, addresses: ["127.0.0.13"], names: ["net.localhost"],
                listeners: [ListenerPlan(id: "tcp", port: port, defaultAction: .forward(ForwardAction(to: "none")))])
            network.idleTimeout = 350
            var plan = BalancerPlan(
                sharedAddresses: ["127.0.0.1"],
                loadBalancers: [try balancer("one", "127.0.0.11"), try balancer("two", "127.0.0.12")],
                targetGroups: [RealHAProxy.group("g", [try real.target("a")])])
            plan.loadBalancers.append(network)
            let refusals = try await real.balancer.apply(plan)
            #expect(refusals.map(\.subject) == [.shared(listener: "tcp")])
            for name in ["one", "two"] {
                #expect(try RealHAProxy.curl(["http://\(name).localhost:\(port)/"]).body == name)
                let answer = try Program.output(
                    of: "curl", ["-skv", "--stderr", "-", "https://\(name).localhost:\(secure)/"])
                #expect(answer.contains("\(name)* Connection") && answer.contains("subject: CN=\(name).localhost"))
            }
            #expect(try RealHAProxy.curl(["http://127.0.0.12:\(port)/"]).body == "two")
            #expect(try RealHAProxy.curl(["http://other.localhost:\(port)/"]).status == 404)
            try await real.until("the target is healthy") { $0.targets.first?.state == .healthy }
            let answer = try RealHAProxy.curl(["http://one.localhost:\(port)/g"])
            #expect(answer.forwarded("X-Forwarded-For") == "127.0.0.1")
            #expect(answer.forwarded("X-Forwarded-Port") == "\(port)")
        }
    }

    @Test("network load balancers pass bytes on, with weights, source stickiness and TLS at both ends")
    func balancesTCP() async throws {
        try await RealHAProxy.with { real in
            let secure = RealHAProxy.freePort()
            let tls = TLSPlan(certificates: [try Self.certificate("net.test")])
            func group(_ id: String, _ name: String) throws -> TargetGroupPlan {
                TargetGroupPlan(
                    id: id, kind: .network, stickiness: .sourceIP,
                    check: HealthCheckPlan(kind: .tcp, interval: 1, timeout: 1), targets: [try real.target(name)])
            }
            var plan = BalancerPlan(
                loadBalancers: [
                    LoadBalancerPlan(
                        id: "net", kind: .network, addresses: ["127.0.0.1"], idleTimeout: 350,
                        listeners: [
                            ListenerPlan(
                                id: "tcp", port: real.port,
                                defaultAction: .forward(ForwardAction([.init("g", weight: 0), .init("h", weight: 5)]))),
                            ListenerPlan(
                                id: "tls", port: secure, transport: .tls(tls),
                                defaultAction: .forward(ForwardAction(to: "g"))),
                        ])
                ], targetGroups: [try group("g", "a"), try group("h", "b")])
            plan.loadBalancers[0].hasAccessLog = true
            try await real.apply(plan)
            var lines: [AccessLogEntry] = []
            for _ in 0..<5 { #expect(try real.curl("/").name == "b") }
            plan.loadBalancers[0].listeners[0].defaultAction = .forward(
                ForwardAction([.init("g", weight: 1), .init("h", weight: 0)]))
            try await real.apply(plan)
            for _ in 0..<5 { #expect(try real.curl("/").name == "a") }
            #expect(try RealHAProxy.curl(["https://127.0.0.1:\(secure)/"]).name == "a")
            // Those before were fetched while the weights changed.
            let seen = try await real.until("connections are counted") {
                lines += try await real.balancer.takeAccessLog()
                return $0.loadBalancers["net"]?.newConnections == 11 && lines.count >= 6
            }
            #expect(seen.loadBalancers["net"]?.requests == 0)
            #expect(seen.targetGroups["g"]?.requests == 6)
            #expect(lines.filter { $0.tlsProtocol == "TLSv1.3" }.map(\.listener) == ["tls"])
            #expect(
                lines.allSatisfy { $0.loadBalancer == "net" && $0.status == nil && $0.bytesOut > 0 && $0.target != nil }
            )
        }
    }

    @Test("cookies keep a client at its target and at its group")
    func sticks() async throws {
        try await RealHAProxy.with { real in
            var group = RealHAProxy.group("g", [try real.target("a"), try real.target("b")])
            group.stickiness = .balancerCookie(seconds: 77)
            let other = RealHAProxy.group("h", [try real.target("c")])
            func plan(_ first: Int, _ second: Int) -> BalancerPlan {
                real.plan(
                    [group, other],
                    action: .forward(
                        ForwardAction([.init("g", weight: first), .init("h", weight: second)], stickiness: 88)))
            }
            try await real.apply(plan(1, 0))
            let first = try real.curl("/")
            let cookies = first["Set-Cookie"]
            #expect(cookies.contains { $0.hasPrefix("AWSALB=") && $0.contains("Max-Age=77") })
            #expect(cookies.contains { $0.hasPrefix("AWSALBTG=") && $0.contains("Max-Age=88") })
            let cookie = cookies.map { String($0.prefix { $0 != ";" }) }.joined(separator: "; ")
            for _ in 0..<6 { #expect(try real.curl("/", "-b", cookie).name == first.name) }
            try await real.apply(plan(0, 1))
            #expect(try real.curl("/").name == "c")
            #expect(try real.curl("/", "-b", cookie).name == first.name)
            for value in ["b1", "s99", "s1;x", "%00", "'\""] {
                #expect(try real.curl("/", "-b", "AWSALB=\(value); \(cookie)").status == 200)
            }
            group.stickiness = .applicationCookie(name: "session", seconds: 60)
            try await real.apply(plan(1, 0))
            #expect(try real.curl("/")["Set-Cookie"].contains { $0.hasPrefix("AWSALBAPP") } == false)
            let login = try real.curl("/login")
            let app = try #require(login["Set-Cookie"].first { $0.hasPrefix("AWSALBAPP-0=") }?.prefix { $0 != ";" })
            for _ in 0..<6 { #expect(try real.curl("/", "-b", String(app)).name == login.name) }
        }
    }

    @Test("headers are treated as the load balancer's attributes say")
    func treatsHeaders() async throws {
        try await RealHAProxy.with { real in
            var plan = real.plan([RealHAProxy.group("g", [try real.target("a")])])
            let options = ["-H", "X-Forwarded-For: 9.9.9.9", "-H", "under_score: x", "-H", "X-Plain: y"]
            func answer() throws -> Answer { try RealHAProxy.curl(["http://127.0.0.1:\(real.port)/"] + options) }
            plan.loadBalancers[0].http.forwardedFor = .preserve
            try await real.apply(plan)
            #expect(try answer().forwarded("X-Forwarded-For") == "9.9.9.9")
            #expect(try answer().forwarded("under_score") == "x")
            plan.loadBalancers[0].http.forwardedFor = .remove
            plan.loadBalancers[0].http.dropsInvalidHeaders = true
            try await real.apply(plan)
            #expect(try answer().forwarded("X-Forwarded-For") == nil)
            #expect(try answer().forwarded("under_score") == nil)
            #expect(try answer().forwarded("X-Plain") == "y")
            plan.loadBalancers[0].http.forwardedFor = .append
            plan.loadBalancers[0].http.forwardsClientPort = true
            try await real.apply(plan)
            #expect(try answer().forwarded("X-Forwarded-For")?.wholeMatch(of: /9.9.9.9, 127.0.0.1:\d+/) != nil)
        }
    }

    @Test("a connection that was idle over a reload finds targets that came after it")
    func passesOn() async throws {
        try await RealHAProxy.with { real in
            let a = try real.target("a"), b = try real.target("b")
            var plan = real.plan([RealHAProxy.group("g", [a])])
            try await real.apply(plan)
            let socket = try TestSocket(real.port)
            try socket.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try socket.receive(until: "\r\n\r\na\n").contains("200"))
            plan.loadBalancers[0].idleTimeout = 61
            plan.targetGroups[0].targets = [b]
            try await real.apply(plan)
            try socket.send("GET /second HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n")
            let answer = try socket.receive(until: "x-amzn-trace-id: Root=")
            #expect(answer.contains("\r\n\r\nb\n"))
            #expect(answer.contains("x-forwarded-for: 9.9.9.9, 127.0.0.1\n"))
            #expect(answer.lowercased().contains("connection: close"))
            try await real.until("both are counted once") { $0.loadBalancers["lb"]?.requests == 2 }
        }
    }
}

/// A target that speaks HTTP/2 without TLS and answers gRPC's "unimplemented"; another HAProxy.
private struct HTTP2Target {
    private let process = Process()
    private let path: String

    init(_ port: Int, in path: String) throws {
        self.path = path
        let text = """
            defaults
                mode http
                timeout client 60s
            frontend f
                bind 127.0.0.1:\(port) proto h2
                http-request wait-for-body time 5s
                http-request return status 200 content-type application/grpc hdr grpc-status 12 hdr x-version %[req.ver]

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: HAProxyProcess.program)
        process.arguments = ["-db", "-f", path]
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
        unlink(path)
    }
}
