import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

extension TrafficProtocol {
    var wire: String { rawValue.uppercased() }

    /// - Throws: `UnsupportedFeature` for what the data plane does not carry.
    init(wire: String) throws(APIFault) {
        guard let known = TrafficProtocol(rawValue: wire.lowercased()) else {
            throw .unsupportedFeature("The protocol '\(wire)' is not supported: HTTP, HTTPS, TCP and TLS are.")
        }
        self = known
    }
}

extension ALPNPolicy {
    private static let words: [(ALPNPolicy, String)] = [
        (.http1Only, "HTTP1Only"), (.http2Only, "HTTP2Only"), (.http2Optional, "HTTP2Optional"),
        (.http2Preferred, "HTTP2Preferred"), (.none, "None"),
    ]

    var wire: String { Self.words.first { $0.0 == self }?.1 ?? "" }

    /// - Throws: `ALPNPolicyNotFound`.
    init(wire: String) throws(APIFault) {
        guard let known = Self.words.first(where: { $0.1 == wire })?.0 else {
            throw APIFault("ALPNPolicyNotFound", message: "ALPN policy '\(wire.prefix(64))' is not supported")
        }
        self = known
    }
}

extension ListenerRecord {
    var shape: ELBShapes.Listener {
        ELBShapes.Listener(
            listenerArn: id.arn, loadBalancerArn: id.loadBalancer.arn, port: port, protocol: self.protocol.wire,
            certificates: certificates.first.map { [ELBShapes.Certificate(certificateArn: $0.arn)] },
            sslPolicy: sslPolicy, defaultActions: defaultActions.map(\.shape), alpnPolicy: alpnPolicy.map { [$0.wire] },
            mutualAuthentication: self.protocol == .https
                ? ELBShapes.MutualAuthenticationAttributes(mode: "off") : nil)
    }

    /// The default rule as the list of rules shows it.
    var defaultRuleShape: ELBShapes.Rule {
        ELBShapes.Rule(
            ruleArn: defaultRuleID.arn, priority: "default", conditions: [], actions: defaultActions.map(\.shape),
            isDefault: true, transforms: [])
    }
}

extension ListenerRuleRecord {
    var shape: ELBShapes.Rule {
        ELBShapes.Rule(
            ruleArn: id.arn, priority: String(priority), conditions: conditions.map(\.shape),
            actions: actions.map(\.shape), isDefault: false, transforms: [])
    }
}
