public import Domain
import Identifiers

/// - Source: Elastic Load Balancing API Reference, TargetGroupAttribute
public enum TargetGroupAttributes {
    private static let noZones = "load balancers have no zones here that DNS could leave out"
    private static let failsOpen = "traffic goes to all targets only when none is healthy here"
    private static let week = 604_800

    private static let common: [AttributeRule] = [
        AttributeRule("deregistration_delay.timeout_seconds", "300", .integer(0...3600)),
        AttributeRule(
            "load_balancing.cross_zone.enabled", "use_load_balancer_configuration",
            .oneOf(["true", "false", "use_load_balancer_configuration"])),
        AttributeRule("stickiness.enabled", "false", .boolean),
        AttributeRule(
            "target_group_health.dns_failover.minimum_healthy_targets.count", "1",
            .integer(1...BalancingLimits.targets, or: ["off"])
        ).onlyStandard(noZones),
        AttributeRule(
            "target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", .integer(1...100, or: ["off"])
        ).onlyStandard(noZones),
        AttributeRule(
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1",
            .integer(1...BalancingLimits.targets)
        ).onlyStandard(failsOpen),
        AttributeRule(
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off",
            .integer(1...100, or: ["off"])
        ).onlyStandard(failsOpen),
    ]

    private static let http: [AttributeRule] =
        common + [
            AttributeRule("stickiness.type", "lb_cookie", .oneOf(["lb_cookie", "app_cookie"])),
            AttributeRule("stickiness.lb_cookie.duration_seconds", "86400", .integer(1...week)),
            AttributeRule("stickiness.app_cookie.cookie_name", "", .text(0...256)),
            AttributeRule("stickiness.app_cookie.duration_seconds", "86400", .integer(1...week)),
            AttributeRule("slow_start.duration_seconds", "0", .integer(30...900, or: ["0"])),
            AttributeRule(
                "load_balancing.algorithm.type", "round_robin",
                .oneOf(["round_robin", "least_outstanding_requests", "weighted_random"])),
            AttributeRule("load_balancing.algorithm.anomaly_mitigation", "off", .oneOf(["on", "off"]))
                .onlyStandard("there is no anomaly mitigation here"),
        ]

    private static let tcp: [AttributeRule] =
        common + [
            AttributeRule("stickiness.type", "source_ip", .oneOf(["source_ip"])),
            AttributeRule("deregistration_delay.connection_termination.enabled", "false", .boolean),
            AttributeRule("preserve_client_ip.enabled", "false", .boolean)
                .onlyStandard(
                    "targets see the load balancer's address here; proxy_protocol_v2.enabled tells the client's"),
            AttributeRule("proxy_protocol_v2.enabled", "false", .boolean),
            AttributeRule("target_health_state.unhealthy.connection_termination.enabled", "true", .boolean),
            AttributeRule("target_health_state.unhealthy.draining_interval_seconds", "0", .integer(0...360_000))
                .onlyStandard("an unhealthy target gets no new traffic at once"),
        ]

    public static func rules(_ protocol: TrafficProtocol) -> [AttributeRule] { `protocol`.isHTTP ? http : tcp }
}

/// How long, and by what, a client stays with its target.
public enum TargetStickiness: Hashable, Sendable {
    /// A cookie that the load balancer makes. Seconds.
    case balancerCookie(duration: Int)
    /// As long as the target's own cookie, for that many seconds at most.
    case targetCookie(name: String, duration: Int)
    case sourceAddress
}

extension TargetGroupRecord {
    /// The value of an attribute, its standard when it was not set; nil when its protocol has no such attribute.
    public func attribute(_ key: String) -> String? {
        TargetGroupAttributes.rules(`protocol`).first { $0.key == key }.map { attributes[key] ?? $0.standard }
    }

    private func number(_ key: String) -> Int { attribute(key).flatMap(WholeNumber.read) ?? 0 }

    /// Seconds for which a target that is deregistered keeps the connections that it has.
    public var deregistrationDelay: Int { number("deregistration_delay.timeout_seconds") }

    /// Seconds over which the share of a new target grows; 0: it has all of it at once.
    public var slowStart: Int { number("slow_start.duration_seconds") }

    /// nil when it is switched off.
    public var stickiness: TargetStickiness? {
        guard attribute("stickiness.enabled") == "true" else { return nil }
        switch attribute("stickiness.type") {
        case "app_cookie":
            return .targetCookie(
                name: attribute("stickiness.app_cookie.cookie_name") ?? "",
                duration: number("stickiness.app_cookie.duration_seconds"))
        case "lb_cookie": return .balancerCookie(duration: number("stickiness.lb_cookie.duration_seconds"))
        default: return .sourceAddress
        }
    }

    /// Sets attributes by their names.
    ///
    /// - Throws: `validation`, `unsupported`, and `invalidConfiguration` for what does not go together; nothing is set
    ///   then.
    public mutating func set(_ pairs: [(key: String, value: String)]) throws(BalancingFault) {
        var new = self
        new.attributes = try TargetGroupAttributes.rules(`protocol`).setting(pairs, in: attributes, of: "Target group")
        try new.checkTogether()
        self = new
    }

    private func checkTogether() throws(BalancingFault) {
        if slowStart > 0, attribute("load_balancing.algorithm.type") != "round_robin" {
            throw BalancingFault(
                .invalidConfiguration, "Slow start goes with the algorithm 'round_robin' only")
        }
        guard case .targetCookie(let name, _)? = stickiness else { return }
        guard !name.isEmpty, name.utf8.allSatisfy(ASCII.isToken) else {
            throw BalancingFault(
                .invalidConfiguration,
                "Stickiness of the type 'app_cookie' needs 'stickiness.app_cookie.cookie_name', the name of a cookie")
        }
        for reserved in ["AWSALB", "AWSALBAPP", "AWSALBTG"] where name.hasPrefix(reserved) {
            throw BalancingFault(.validation, "The cookie name '\(name)' is reserved: it begins with \(reserved)")
        }
    }
}
