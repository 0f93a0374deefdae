import Domain
import Identifiers
import LoadBalancing
import Testing

@Suite("Attributes of load balancers, listeners and target groups")
struct AttributeTests {
    static let scope = Scope(account: "000000000000", region: "us-east-1")

    static func loadBalancer(_ kind: LoadBalancerKind) -> LoadBalancerRecord {
        LoadBalancerRecord(
            id: LoadBalancerID(scope: scope, kind: kind, name: "web", suffix: "0a"), scheme: .internetFacing,
            createdAt: Timestamp(milliseconds: 0), subnets: [], securityGroups: [], addressIndex: 0)
    }

    static func group(_ protocol: TrafficProtocol) throws -> TargetGroupRecord {
        TargetGroupRecord(
            id: TargetGroupID(scope: scope, name: "web", suffix: "0b"), type: .ip, protocol: `protocol`,
            protocolVersion: nil, port: 80, vpc: "vpc-1",
            healthCheck: try HealthCheckSettings().check(of: `protocol`, nil), createdAt: Timestamp(milliseconds: 0))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var key: String
        var value: String
        /// nil: it is taken.
        var refusal: BalancingFault.Code?
        var testDescription: String { "\(key) = \(value)" }

        init(_ key: String, _ value: String, _ refusal: BalancingFault.Code? = nil) {
            self.key = key
            self.value = value
            self.refusal = refusal
        }
    }

    private func outcome(_ body: () throws -> Void) -> BalancingFault.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? BalancingFault)?.code }
    }

    @Test(
        "of an application load balancer",
        arguments: [
            Row("idle_timeout.timeout_seconds", "1"), Row("idle_timeout.timeout_seconds", "4000"),
            Row("idle_timeout.timeout_seconds", "0", .validation),
            Row("idle_timeout.timeout_seconds", "4001", .validation),
            Row("idle_timeout.timeout_seconds", "060", .validation),
            Row("idle_timeout.timeout_seconds", "99999999999999999999", .validation),
            Row("idle_timeout.timeout_seconds", "", .validation), Row("deletion_protection.enabled", "true"),
            Row("deletion_protection.enabled", "yes", .validation), Row("access_logs.s3.enabled", "false"),
            Row("access_logs.s3.enabled", "true", .invalidConfiguration),
            Row("waf.fail_open.enabled", "true", .unsupported),
            Row("connection_logs.s3.enabled", "true", .unsupported),
            Row("load_balancing.cross_zone.enabled", "false", .validation),
            Row("routing.http.xff_header_processing.mode", "remove"),
            Row("routing.http.xff_header_processing.mode", "drop", .validation),
            Row("dns_record.client_routing_policy", "any_availability_zone", .validation), Row("no", "x", .validation),
        ])
    func application(row: Row) {
        var record = Self.loadBalancer(.application)
        #expect(outcome { try record.set([(row.key, row.value)]) } == row.refusal)
        if row.refusal == nil {
            #expect(record.attribute(row.key) == row.value)
        } else {
            #expect(record.attributes.isEmpty)
        }
    }

    @Test(
        "of target groups over HTTP",
        arguments: [
            Row("deregistration_delay.timeout_seconds", "0"), Row("deregistration_delay.timeout_seconds", "3600"),
            Row("deregistration_delay.timeout_seconds", "3601", .validation),
            Row("slow_start.duration_seconds", "0"), Row("slow_start.duration_seconds", "30"),
            Row("slow_start.duration_seconds", "29", .validation), Row("stickiness.type", "app_cookie"),
            Row("stickiness.type", "source_ip", .validation), Row("proxy_protocol_v2.enabled", "true", .validation),
            Row("load_balancing.algorithm.type", "least_outstanding_requests"),
            Row("load_balancing.algorithm.anomaly_mitigation", "on", .unsupported),
            Row("target_group_health.dns_failover.minimum_healthy_targets.count", "off", .unsupported),
            Row("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
        ])
    func http(row: Row) throws {
        var record = try Self.group(.http)
        #expect(outcome { try record.set([(row.key, row.value)]) } == row.refusal)
        #expect((record.attribute(row.key) == row.value) == (row.refusal == nil))
    }

    @Test("that do not go together are refused, and none of them is set")
    func together() throws {
        var record = try Self.group(.http)
        #expect(throws: BalancingFault.self) {
            try record.set([("stickiness.enabled", "true"), ("stickiness.type", "app_cookie")])
        }
        #expect(throws: BalancingFault.self) {
            try record.set([
                ("stickiness.enabled", "true"), ("stickiness.type", "app_cookie"),
                ("stickiness.app_cookie.cookie_name", "AWSALBTG"),
            ])
        }
        #expect(throws: BalancingFault.self) {
            try record.set([
                ("slow_start.duration_seconds", "30"), ("load_balancing.algorithm.type", "weighted_random"),
            ])
        }
        #expect(throws: BalancingFault.self) {
            try record.set([("stickiness.enabled", "true"), ("stickiness.enabled", "true")])
        }
        #expect(record.attributes.isEmpty)
    }

    @Test("say how clients stick, for how long targets drain and how they start")
    func typed() throws {
        var record = try Self.group(.http)
        #expect(record.stickiness == nil)
        #expect((record.deregistrationDelay, record.slowStart) == (300, 0))
        try record.set([("stickiness.enabled", "true"), ("stickiness.lb_cookie.duration_seconds", "60")])
        #expect(record.stickiness == .balancerCookie(duration: 60))
        try record.set([("stickiness.type", "app_cookie"), ("stickiness.app_cookie.cookie_name", "SESSION")])
        #expect(record.stickiness == .targetCookie(name: "SESSION", duration: 86_400))
        try record.set([("deregistration_delay.timeout_seconds", "5"), ("slow_start.duration_seconds", "30")])
        #expect((record.deregistrationDelay, record.slowStart) == (5, 30))
        var plain = try Self.group(.tcp)
        try plain.set([("stickiness.enabled", "true")])
        #expect(plain.stickiness == .sourceAddress)
        #expect(Self.loadBalancer(.application).idleTimeout == 60)
    }

    @Test("have standards of their own form, each key once")
    func standards() {
        let tables = [
            LoadBalancerAttributes.rules(.application), LoadBalancerAttributes.rules(.network),
            ListenerAttributes.rules(.http), ListenerAttributes.rules(.https), ListenerAttributes.rules(.tcp),
            TargetGroupAttributes.rules(.http), TargetGroupAttributes.rules(.tls),
        ]
        for table in tables {
            #expect(Set(table.map(\.key)).count == table.count)
            for rule in table { #expect(outcome { try rule.check(rule.standard) } == nil, "\(rule.key)") }
        }
    }

    @Test("drain until their delay is over")
    func draining() throws {
        let group = try Self.group(.http)
        var target = TargetRecord(
            id: TargetID(group: group.id, id: "10.0.0.1", port: 80), registeredAt: Timestamp(milliseconds: 0))
        #expect(!target.isGone(group, now: Timestamp(milliseconds: .max)))
        target.drainingSince = Timestamp(milliseconds: 1000)
        #expect(target.goneAt(group) == Timestamp(milliseconds: 301_000))
        #expect(!target.isGone(group, now: Timestamp(milliseconds: 300_999)))
        #expect(target.isGone(group, now: Timestamp(milliseconds: 301_000)))
        let seen = TargetHealth(.healthy)
        #expect(TargetHealth(of: target, isUsed: true, seen: seen).state == .draining)
        target.drainingSince = nil
        #expect(TargetHealth(of: target, isUsed: true, seen: seen) == seen)
        #expect(TargetHealth(of: target, isUsed: true, seen: nil).reason == .registrationInProgress)
        #expect(TargetHealth(of: target, isUsed: false, seen: seen).reason == .notInUse)
        #expect(TargetHealth(of: nil, isUsed: true, seen: seen).reason == .notRegistered)
    }
}
