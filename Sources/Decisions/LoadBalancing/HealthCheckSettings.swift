public import Domain

/// What a caller says of a health check; what is nil is left as it is, or has its standard.
public struct HealthCheckSettings: Hashable, Sendable {
    public var `protocol`: TrafficProtocol?
    /// A number, or `traffic-port`.
    public var port: String?
    public var path: String?
    public var interval: Int?
    public var timeout: Int?
    public var healthyThreshold: Int?
    public var unhealthyThreshold: Int?
    public var matcher: String?

    public init() {}

    /// The health check of a new group.
    ///
    /// - Throws: `validation` and `invalidConfiguration` naming what is wrong.
    /// - Source: Elastic Load Balancing API Reference, CreateTargetGroup; User Guides, Health checks for your
    ///   target groups
    public func check(
        of group: TrafficProtocol, _ version: TargetProtocolVersion?
    ) throws(BalancingFault) -> TargetHealthCheck {
        let checked = self.protocol ?? (group.isHTTP ? .http : .tcp)
        let isTCP = checked == .tcp
        let timeout = group.isHTTP ? 5 : checked == .http ? 6 : 10
        let standard = TargetHealthCheck(
            protocol: checked, port: nil, path: isTCP ? nil : version == .grpc ? "/AWS.ALB/healthcheck" : "/",
            interval: 30, timeout: timeout, healthyThreshold: 5, unhealthyThreshold: 2,
            matcher: isTCP ? nil : version == .grpc ? "12" : group.isHTTP ? "200" : "200-399")
        return try changed(standard, of: group, version)
    }

    /// The health check after the change.
    ///
    /// - Throws: `validation` and `invalidConfiguration` naming what is wrong.
    public func changed(
        _ old: TargetHealthCheck, of group: TrafficProtocol, _ version: TargetProtocolVersion?
    ) throws(BalancingFault) -> TargetHealthCheck {
        var new = old
        if let checked = self.protocol {
            new.protocol = checked
            if checked == .tcp {
                (new.path, new.matcher) = (nil, nil)
            } else {
                new.path = new.path ?? "/"
                new.matcher = new.matcher ?? "200-399"
            }
        }
        if let port { new.port = try Self.port(port) }
        if let path { new.path = path }
        if let matcher { new.matcher = matcher }
        new.interval = interval ?? new.interval
        new.timeout = timeout ?? new.timeout
        new.healthyThreshold = healthyThreshold ?? new.healthyThreshold
        new.unhealthyThreshold = unhealthyThreshold ?? new.unhealthyThreshold
        try new.check(of: group, version)
        return new
    }

    private static func port(_ text: String) throws(BalancingFault) -> Int? {
        if text == "traffic-port" { return nil }
        guard let port = WholeNumber.read(text), (1...65535).contains(port) else {
            throw BalancingFault(
                .validation, "Health check port '\(text.prefix(64))' must be in the range 1-65535 or 'traffic-port'")
        }
        return port
    }
}

extension TargetHealthCheck {
    fileprivate func check(of group: TrafficProtocol, _ version: TargetProtocolVersion?) throws(BalancingFault) {
        guard self.protocol != .tls else {
            throw BalancingFault(.validation, "Health check protocol 'TLS' is not supported")
        }
        if group.isHTTP, self.protocol == .tcp {
            throw BalancingFault(
                .invalidConfiguration,
                "Health check protocol 'TCP' is not supported for target groups with the protocol HTTP or HTTPS")
        }
        try Self.check("Health check interval", interval, 5...300)
        try Self.check("Health check timeout", timeout, 2...120)
        try Self.check("Healthy threshold count", healthyThreshold, 2...10)
        try Self.check("Unhealthy threshold count", unhealthyThreshold, 2...10)
        guard timeout < interval else {
            throw BalancingFault(
                .validation,
                "Health check interval must be greater than the timeout (interval \(interval), timeout \(timeout))")
        }
        try checkPath()
        try checkMatcher(of: group, version)
    }

    private static func check(_ what: String, _ value: Int, _ range: ClosedRange<Int>) throws(BalancingFault) {
        guard !range.contains(value) else { return }
        throw BalancingFault(
            .validation, "\(what) '\(value)' must be between '\(range.lowerBound)' and '\(range.upperBound)'")
    }

    private func checkPath() throws(BalancingFault) {
        guard let path else { return }
        guard self.protocol != .tcp else {
            throw BalancingFault(
                .invalidConfiguration, "Health check path cannot be specified for the health check protocol 'TCP'")
        }
        let isPrintable = path.utf8.allSatisfy { (33...126).contains($0) }
        guard path.hasPrefix("/"), path.utf8.count <= 1024, isPrintable else {
            throw BalancingFault(
                .validation,
                "Health check path '\(path.prefix(200))' must begin with a '/' character, and can only contain "
                    + "printable ASCII characters, without spaces")
        }
    }

    private func checkMatcher(of group: TrafficProtocol, _ version: TargetProtocolVersion?) throws(BalancingFault) {
        guard let matcher else { return }
        guard self.protocol != .tcp else {
            throw BalancingFault(
                .invalidConfiguration, "A matcher cannot be specified for the health check protocol 'TCP'")
        }
        let codes = version == .grpc ? 0...99 : 200...(group.isHTTP ? 499 : 599)
        guard let ranges = StatusRanges(matcher),
            ranges.ranges.allSatisfy({ codes.contains($0.lowerBound) && codes.contains($0.upperBound) })
        else {
            throw BalancingFault(
                .validation,
                "Health check matcher '\(matcher.prefix(200))' must be codes or ranges of codes between "
                    + "\(codes.lowerBound) and \(codes.upperBound), separated by commas")
        }
    }
}

/// Statuses that count as success, such as `200,202` or `200-299`.
public struct StatusRanges: Hashable, Sendable {
    public var ranges: [ClosedRange<Int>]

    /// - Returns: nil for what is no list of codes and ranges.
    public init?(_ text: String) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { WholeNumber.read(String($0)) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last
            else {
                return nil
            }
            ranges.append(first...last)
        }
        // A line of the data plane's configuration holds them all.
        guard (1...64).contains(ranges.count) else { return nil }
        self.ranges = ranges
    }
}
