import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

extension ListenerRecord {
    /// Sets the protocol, if it is one of the load balancer's kind.
    ///
    /// - Throws: `ValidationError`, `UnsupportedFeature`.
    static func checkedProtocol(_ wire: String?, for kind: LoadBalancerKind) throws(APIFault) -> TrafficProtocol {
        guard let wire else { throw .validation("A listener protocol must be specified") }
        let own = kind == .application ? ["HTTP", "HTTPS"] : ["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"]
        guard own.contains(wire) else {
            throw .validation("Listener protocol '\(wire)' must be one of '\(own.joined(separator: ", "))'")
        }
        return try TrafficProtocol(wire: wire)
    }

    /// Sets what belongs to TLS: what is nil stays as it is.
    ///
    /// A protocol without TLS has none of it; one with it has a certificate and a policy.
    /// - Throws: `ValidationError`, `CertificateNotFound`, `SSLPolicyNotFound`, `ALPNPolicyNotFound`, and
    ///   `UnsupportedFeature` for mutual TLS.
    mutating func setEncryption(
        certificates given: [ELBShapes.Certificate]?, policy: String?, alpn: [String]?,
        mutual: ELBShapes.MutualAuthenticationAttributes?, in state: StateSnapshot
    ) throws(APIFault) {
        if let mode = mutual?.mode, mode != "off" {
            throw .unsupportedFeature("Mutual authentication is not supported.")
        }
        let word = self.protocol.wire
        guard self.protocol.isEncrypted else {
            guard given?.isEmpty ?? true, policy == nil else {
                throw .validation("Certificates and an SSL policy cannot be specified for \(word) listeners")
            }
            guard alpn?.isEmpty ?? true else {
                throw .validation("An ALPN policy can be specified for TLS listeners only")
            }
            (certificates, sslPolicy, alpnPolicy) = ([], nil, nil)
            return
        }
        if let given {
            guard given.count == 1 else { throw .validation("You must specify exactly one default certificate") }
            guard given[0].isDefault == nil else {
                throw .validation("IsDefault cannot be specified for a certificate")
            }
            let certificate = try state.certificate(given[0].certificateArn)
            certificates = [certificate] + certificates.dropFirst().filter { $0 != certificate }
        }
        guard !certificates.isEmpty else {
            throw .validation("A certificate must be specified for \(word) listeners")
        }
        let name = policy ?? sslPolicy ?? SSLPolicy.standard
        guard SSLPolicy.named(name) != nil else { throw .sslPolicyNotFound(name) }
        sslPolicy = name
        guard let alpn else { return }
        guard self.protocol == .tls else { throw .validation("An ALPN policy can be specified for TLS listeners only") }
        guard alpn.count <= 1 else { throw .validation("Only one ALPN policy can be specified") }
        // No policy and the policy `None` are the same.
        alpnPolicy = try alpn.first.map { name throws(APIFault) in try ALPNPolicy(wire: name) }
    }

    /// Whether the listener and another one were asked for alike.
    func isAsAsked(_ other: ListenerRecord) -> Bool {
        port == other.port && self.protocol == other.protocol && sslPolicy == other.sslPolicy
            && certificates.first == other.certificates.first && alpnPolicy == other.alpnPolicy
            && defaultActions == other.defaultActions && Set(tags) == Set(other.tags)
    }
}

extension StateSnapshot {
    /// - Throws: `CertificateNotFound`.
    func certificate(_ arn: String?) throws(APIFault) -> CertificateID {
        let arn = arn ?? ""
        guard let id = CertificateID(arn: arn), certificates[id] != nil else { throw .certificateNotFound(arn) }
        return id
    }

    /// Whether the actions of a listener's rule may go to their target groups.
    ///
    /// - Throws: `TargetGroupNotFound`; `IncompatibleProtocols`; `TargetGroupAssociationLimit` for a group that another
    ///   load balancer uses; `TooManyUniqueTargetGroupsPerLoadBalancer`.
    func checkForwarding(
        _ actions: [RuleAction], from protocol: TrafficProtocol, of loadBalancer: LoadBalancerID
    ) throws(APIFault) {
        let groups = actions.targetGroups
        guard !groups.isEmpty else { return }
        for id in groups {
            guard let group = targetGroups[id] else { throw .targetGroupsNotFound() }
            try group.checkListener(`protocol`)
            if loadBalancers(using: id).contains(where: { $0 != loadBalancer }) {
                throw .targetGroupAssociationLimit(id.arn)
            }
        }
        let all = targetGroups(of: loadBalancer).union(groups)
        guard all.count <= BalancingLimits.targetGroupsPerLoadBalancer else {
            throw .tooMany("UniqueTargetGroupsPerLoadBalancer", limit: BalancingLimits.targetGroupsPerLoadBalancer)
        }
    }

    /// The groups that a load balancer sends traffic to.
    func targetGroups(of loadBalancer: LoadBalancerID) -> Set<TargetGroupID> {
        var groups: Set<TargetGroupID> = []
        for listener in listeners(of: loadBalancer) {
            groups.formUnion(listener.targetGroups)
            for rule in rules(of: listener.id) { groups.formUnion(rule.targetGroups) }
        }
        return groups
    }
}

extension TargetGroupRecord {
    /// - Throws: `IncompatibleProtocols`.
    /// - Source: Elastic Load Balancing User Guides, Listener and target group protocols
    fileprivate func checkListener(_ listener: TrafficProtocol) throws(APIFault) {
        let goes = listener.isHTTP == self.protocol.isHTTP && !(listener == .tcp && self.protocol == .tls)
        guard goes else {
            throw .incompatibleProtocols(
                "Listener protocol '\(listener.wire)' is not supported with a target group with the protocol "
                    + "'\(self.protocol.wire)'")
        }
        guard listener == .http, let version = protocolVersion, version != .http1 else { return }
        throw .incompatibleProtocols(
            "Listener protocol 'HTTP' is not supported with a target group with the protocol-version '\(version.wire)'")
    }
}
