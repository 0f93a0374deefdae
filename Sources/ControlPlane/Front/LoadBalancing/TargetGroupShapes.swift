import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

extension TargetProtocolVersion {
    var wire: String { rawValue.uppercased() }

    /// - Throws: `ValidationError`.
    init(wire: String) throws(APIFault) {
        guard let known = TargetProtocolVersion(rawValue: wire.lowercased()), known.wire == wire else {
            throw .validation("Protocol version '\(wire.prefix(64))' must be one of 'HTTP1, HTTP2, GRPC'")
        }
        self = known
    }
}

extension TargetType {
    /// - Throws: `UnsupportedFeature` for what is no host and no address.
    init(wire: String?) throws(APIFault) {
        guard let known = TargetType(rawValue: wire ?? "instance") else {
            throw .unsupportedFeature("The target type '\(wire ?? "")' is not supported: instance and ip are.")
        }
        self = known
    }
}

extension TargetHealthReason {
    var wire: String {
        switch self {
        case .registrationInProgress: "Elb.RegistrationInProgress"
        case .initialHealthChecking: "Elb.InitialHealthChecking"
        case .internalError: "Elb.InternalError"
        case .responseCodeMismatch: "Target.ResponseCodeMismatch"
        case .timeout: "Target.Timeout"
        case .failedHealthChecks: "Target.FailedHealthChecks"
        case .notRegistered: "Target.NotRegistered"
        case .notInUse: "Target.NotInUse"
        case .deregistrationInProgress: "Target.DeregistrationInProgress"
        case .invalidState: "Target.InvalidState"
        case .ipUnusable: "Target.IpUnusable"
        case .healthCheckDisabled: "Target.HealthCheckDisabled"
        }
    }
}

extension TargetGroupRecord {
    func shape(in state: StateSnapshot) -> ELBShapes.TargetGroup {
        let check = healthCheck
        return ELBShapes.TargetGroup(
            targetGroupArn: id.arn, targetGroupName: id.name, protocol: self.protocol.wire, port: port, vpcId: vpc,
            healthCheckProtocol: check.protocol.wire, healthCheckPort: check.port.map(String.init) ?? "traffic-port",
            healthCheckEnabled: true, healthCheckIntervalSeconds: check.interval,
            healthCheckTimeoutSeconds: check.timeout, healthyThresholdCount: check.healthyThreshold,
            unhealthyThresholdCount: check.unhealthyThreshold, healthCheckPath: check.path,
            matcher: check.matcher.map { codes in
                protocolVersion == .grpc ? ELBShapes.Matcher(grpcCode: codes) : ELBShapes.Matcher(httpCode: codes)
            }, loadBalancerArns: state.loadBalancers(using: id).map(\.arn), targetType: type.rawValue,
            protocolVersion: protocolVersion?.wire, ipAddressType: "ipv4")
    }
}

extension HealthCheckSettings {
    /// - Throws: `ValidationError` for a matcher of another protocol than the group's, and a check that is switched
    ///   off.
    init(
        protocol: String?, port: String?, path: String?, isEnabled: Bool?, matcher: ELBShapes.Matcher?,
        for version: TargetProtocolVersion?
    ) throws(APIFault) {
        self.init()
        if let word = `protocol` {
            guard let known = TrafficProtocol(rawValue: word.lowercased()), known != .tls else {
                throw .validation("Health check protocol '\(word)' must be one of 'HTTP, HTTPS, TCP'")
            }
            self.protocol = known
        }
        if isEnabled == false {
            throw .validation("Health check enabled must be true for target groups with target type 'instance' or 'ip'")
        }
        self.port = port
        self.path = path
        guard let matcher else { return }
        let (own, other) =
            version == .grpc ? (matcher.grpcCode, matcher.httpCode) : (matcher.httpCode, matcher.grpcCode)
        guard other == nil else {
            throw .validation("A matcher of HTTP codes goes with HTTP1 and HTTP2, one of gRPC codes with GRPC only")
        }
        self.matcher = own
    }
}
