import Domain
import Identifiers
import LoadBalancing
import TestKit
import Testing

@Suite("Health checks of target groups")
struct HealthCheckTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var group: TrafficProtocol = .http
        var version: TargetProtocolVersion? = .http1
        var settings: HealthCheckSettings
        /// nil: it is taken.
        var refusal: BalancingFault.Code?
        var testDescription: String { name }

        init(
            _ name: String, _ group: TrafficProtocol = .http, _ refusal: BalancingFault.Code? = nil,
            version: TargetProtocolVersion? = nil, _ change: (inout HealthCheckSettings) -> Void
        ) {
            self.name = name
            self.group = group
            self.version = version
            self.refusal = refusal
            settings = HealthCheckSettings()
            change(&settings)
        }
    }

    static let table = [
        Row("the longest") { ($0.interval, $0.timeout) = (300, 120) },
        Row("interval of 4", .http, .validation) { $0.interval = 4 },
        Row("interval of 301", .http, .validation) { $0.interval = 301 },
        Row("timeout of 1", .http, .validation) { $0.timeout = 1 },
        Row("timeout of 121", .http, .validation) { ($0.interval, $0.timeout) = (300, 121) },
        Row("timeout as long as the interval", .http, .validation) { ($0.interval, $0.timeout) = (5, 5) },
        Row("threshold of 1", .http, .validation) { $0.healthyThreshold = 1 },
        Row("threshold of 11", .http, .validation) { $0.unhealthyThreshold = 11 },
        Row("TCP for a group over HTTP", .http, .invalidConfiguration) { $0.protocol = .tcp },
        Row("TLS", .tls, .validation) { $0.protocol = .tls },
        Row("HTTP for a group over TCP", .tcp) { ($0.protocol, $0.path, $0.matcher) = (.http, "/up", "200-599") },
        Row("a path for TCP", .tcp, .invalidConfiguration) { $0.path = "/" },
        Row("a matcher for TCP", .tcp, .invalidConfiguration) { $0.matcher = "200" },
        Row("a path without its slash", .http, .validation) { $0.path = "up" },
        Row("a path with a line's end", .http, .validation) { $0.path = "/a\nb" },
        Row("a path with a space", .http, .validation) { $0.path = "/a b" },
        Row("a port") { $0.port = "8080" }, Row("port 0", .http, .validation) { $0.port = "0" },
        Row("a port that is no number", .http, .validation) { $0.port = "http" },
        Row("the traffic's port") { $0.port = "traffic-port" },
        Row("codes and ranges") { $0.matcher = "200,204-299,302" },
        Row("500 over HTTP", .http, .validation) { $0.matcher = "200-500" },
        Row("a range backwards", .http, .validation) { $0.matcher = "299-200" },
        Row("no code", .http, .validation) { $0.matcher = "" },
        Row("a code and a comma", .http, .validation) { $0.matcher = "200," },
        Row("codes of gRPC", .https, version: .grpc) { $0.matcher = "0-99" },
        Row("a code of HTTP for gRPC", .https, .validation, version: .grpc) { $0.matcher = "200" },
    ]

    @Test("are taken or refused", arguments: table)
    func rows(row: Row) {
        let outcome = Result { try row.settings.check(of: row.group, row.version) }
        switch outcome {
        case .success: #expect(row.refusal == nil)
        case .failure(let error): #expect((error as? BalancingFault)?.code == row.refusal)
        }
    }

    @Test("have AWS's standards")
    func standards() throws {
        let http = try HealthCheckSettings().check(of: .http, .http1)
        #expect((http.interval, http.timeout, http.healthyThreshold, http.unhealthyThreshold) == (30, 5, 5, 2))
        #expect((http.protocol, http.path, http.matcher, http.port) == (.http, "/", "200", nil))
        let grpc = try HealthCheckSettings().check(of: .https, .grpc)
        #expect((grpc.path, grpc.matcher) == ("/AWS.ALB/healthcheck", "12"))
        let tcp = try HealthCheckSettings().check(of: .tls, nil)
        #expect((tcp.protocol, tcp.path, tcp.matcher, tcp.timeout) == (.tcp, nil, nil, 10))
        var settings = HealthCheckSettings()
        settings.protocol = .http
        let overTCP = try settings.check(of: .tcp, nil)
        #expect((overTCP.matcher, overTCP.timeout) == ("200-399", 6))
    }

    @Test("change what is named, and leave the rest")
    func changes() throws {
        let old = try HealthCheckSettings().check(of: .tcp, nil)
        var change = HealthCheckSettings()
        change.protocol = .http
        change.interval = 11
        let new = try change.changed(old, of: .tcp, nil)
        #expect((new.path, new.matcher, new.interval, new.timeout) == ("/", "200-399", 11, 10))
        change = HealthCheckSettings()
        change.protocol = .tcp
        let back = try change.changed(new, of: .tcp, nil)
        #expect((back.path, back.matcher, back.interval) == (nil, nil, 11))
    }

    @Test("that are taken keep every bound", arguments: [1, 2, 3] as [UInt64])
    func property(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var settings = HealthCheckSettings()
            settings.interval = Bool.random(using: &generator) ? nil : .random(in: -1...310, using: &generator)
            settings.timeout = Bool.random(using: &generator) ? nil : .random(in: -1...130, using: &generator)
            settings.healthyThreshold = .random(in: 0...12, using: &generator)
            settings.unhealthyThreshold = .random(in: 0...12, using: &generator)
            settings.port =
                Bool.random(using: &generator) ? nil : String(Int.random(in: -1...70_000, using: &generator))
            let group: TrafficProtocol = [.http, .https, .tcp, .tls].randomElement(using: &generator) ?? .http
            guard let check = try? settings.check(of: group, nil) else { continue }
            #expect((5...300).contains(check.interval) && (2...120).contains(check.timeout))
            #expect(check.timeout < check.interval)
            #expect((2...10).contains(check.healthyThreshold) && (2...10).contains(check.unhealthyThreshold))
            #expect(check.port.map { (1...65535).contains($0) } ?? true)
            #expect((check.protocol == .tcp) == (check.path == nil))
            #expect(try HealthCheckSettings().changed(check, of: group, nil) == check)
        }
    }
}
