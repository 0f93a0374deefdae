public import Domain
public import Identifiers

/// - Source: Elastic Load Balancing API Reference, LoadBalancerAttribute
public enum LoadBalancerAttributes {
    private static let noLogs = "load balancers write no logs to S3 here"

    private static let common: [AttributeRule] = [
        AttributeRule("deletion_protection.enabled", "false", .boolean),
        // They are kept on this machine, whatever bucket is named.
        AttributeRule("access_logs.s3.enabled", "false", .boolean),
        AttributeRule("access_logs.s3.bucket", "", .text(0...1024)),
        AttributeRule("access_logs.s3.prefix", "", .text(0...1024)),
        AttributeRule("ipv6.deny_all_igw_traffic", "false", .boolean),
        AttributeRule("zonal_shift.config.enabled", "false", .boolean).onlyStandard("there is no zonal shift here"),
    ]

    private static let application: [AttributeRule] =
        common + [
            AttributeRule("load_balancing.cross_zone.enabled", "true", .oneOf(["true"])),
            AttributeRule("idle_timeout.timeout_seconds", "60", .integer(1...4000)),
            AttributeRule("client_keep_alive.seconds", "3600", .integer(60...604_800))
                .onlyStandard("connections of clients have no longest life here"),
            AttributeRule("connection_logs.s3.enabled", "false", .boolean).onlyStandard(noLogs),
            AttributeRule("connection_logs.s3.bucket", "", .text(0...1024)),
            AttributeRule("connection_logs.s3.prefix", "", .text(0...1024)),
            AttributeRule("health_check_logs.s3.enabled", "false", .boolean).onlyStandard(noLogs),
            AttributeRule("health_check_logs.s3.bucket", "", .text(0...1024)),
            AttributeRule("health_check_logs.s3.prefix", "", .text(0...1024)),
            AttributeRule(
                "routing.http.desync_mitigation_mode", "defensive", .oneOf(["monitor", "defensive", "strictest"])
            ).onlyStandard("requests that two readers could take differently are always refused here"),
            AttributeRule("routing.http.drop_invalid_header_fields.enabled", "false", .boolean),
            AttributeRule("routing.http.preserve_host_header.enabled", "false", .boolean)
                .onlyStandard("the Host header goes on as it came in any case here"),
            AttributeRule("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", .boolean),
            AttributeRule("routing.http.xff_client_port.enabled", "false", .boolean),
            AttributeRule(
                "routing.http.xff_header_processing.mode", "append", .oneOf(["append", "preserve", "remove"])),
            AttributeRule("routing.http2.enabled", "true", .boolean),
            AttributeRule("waf.fail_open.enabled", "false", .boolean).onlyStandard("there is no WAF here"),
        ]

    private static let network: [AttributeRule] =
        common + [
            AttributeRule("load_balancing.cross_zone.enabled", "false", .boolean),
            AttributeRule(
                "dns_record.client_routing_policy", "any_availability_zone",
                .oneOf(["availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone"])),
            AttributeRule("secondary_ips.auto_assigned.per_subnet", "0", .integer(0...7))
                .onlyStandard("a load balancer has one address here"),
        ]

    public static func rules(_ kind: LoadBalancerKind) -> [AttributeRule] {
        kind == .application ? application : network
    }
}

extension LoadBalancerRecord {
    /// The value of an attribute, its standard when it was not set; nil when its kind has no such attribute.
    public func attribute(_ key: String) -> String? {
        LoadBalancerAttributes.rules(id.kind).first { $0.key == key }.map { attributes[key] ?? $0.standard }
    }

    public var isProtected: Bool { attribute("deletion_protection.enabled") == "true" }

    public var writesAccessLog: Bool { attribute("access_logs.s3.enabled") == "true" }

    /// Seconds without a byte after which a connection is closed; of an application load balancer.
    public var idleTimeout: Int { attribute("idle_timeout.timeout_seconds").flatMap(WholeNumber.read) ?? 60 }

    /// Sets attributes by their names.
    ///
    /// - Throws: `validation` and `unsupported`; nothing is set then.
    public mutating func set(_ pairs: [(key: String, value: String)]) throws(BalancingFault) {
        let new = try LoadBalancerAttributes.rules(id.kind).setting(pairs, in: attributes, of: "Load balancer")
        guard new["access_logs.s3.enabled"] != "true" || new["access_logs.s3.bucket"]?.isEmpty == false else {
            throw BalancingFault(
                .invalidConfiguration, "Access logs need the attribute 'access_logs.s3.bucket' to be enabled.")
        }
        attributes = new
    }
}
