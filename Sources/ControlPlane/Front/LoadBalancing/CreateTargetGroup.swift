import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Makes a target group; one of the same name and settings is shown instead.
struct CreateTargetGroup: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ELBShapes.CreateTargetGroupInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.CreateTargetGroupOutput {
        let asked = try checked(request, call)
        let shape = try await store.write { transaction throws(APIFault) -> ELBShapes.TargetGroup in
            if let old = transaction.state.targetGroup(named: asked.id.name, in: call.scope) {
                guard old.isAsAsked(asked) else { throw .duplicateTargetGroup(asked.id.name) }
                return old.shape(in: transaction.state)
            }
            guard transaction.state.targetGroups.count < BalancingLimits.targetGroups else {
                throw .tooMany("TargetGroups", limit: BalancingLimits.targetGroups)
            }
            transaction.put(asked)
            return asked.shape(in: transaction.state)
        }
        return ELBShapes.CreateTargetGroupOutput(targetGroups: [shape])
    }

    private func checked(
        _ request: ELBShapes.CreateTargetGroupInput, _ call: APICall
    ) throws(APIFault) -> TargetGroupRecord {
        let name = request.name ?? ""
        try balancing { () throws(BalancingFault) in try BalancingNames.checkTargetGroup(name) }
        let type = try TargetType(wire: request.targetType)
        guard let spokenWord = request.protocol else {
            throw .validation("A target group protocol must be specified")
        }
        let spoken = try TrafficProtocol(wire: spokenWord)
        guard let port = request.port else { throw .validation("A target group port must be specified") }
        guard let vpc = request.vpcId, !vpc.isEmpty else { throw .validation("A VPC ID must be specified") }
        if request.ipAddressType == "ipv6" {
            throw .unsupportedFeature("The IP address type 'ipv6' is not supported: targets have IPv4 addresses.")
        }
        guard request.targetControlPort == nil else {
            throw .unsupportedFeature("TargetControlPort is not supported: there is no target optimizer here.")
        }
        // Terraform says nothing with an empty word.
        let word = request.protocolVersion.flatMap { $0.isEmpty ? nil : $0 }
        let version = try version(word, of: spoken)
        var settings = try HealthCheckSettings(
            protocol: request.healthCheckProtocol, port: request.healthCheckPort, path: request.healthCheckPath,
            isEnabled: request.healthCheckEnabled, matcher: request.matcher, for: version)
        settings.interval = request.healthCheckIntervalSeconds
        settings.timeout = request.healthCheckTimeoutSeconds
        settings.healthyThreshold = request.healthyThresholdCount
        settings.unhealthyThreshold = request.unhealthyThresholdCount
        let asked = settings
        var record = TargetGroupRecord(
            id: TargetGroupID(scope: call.scope, name: name, suffix: ids.balancingSuffix()), type: type,
            protocol: spoken, protocolVersion: version, port: port, vpc: vpc,
            healthCheck: try balancing { () throws(BalancingFault) in try asked.check(of: spoken, version) },
            createdAt: call.now)
        record.tags = try BalancingTags.checked(request.tags)
        return record
    }

    private func version(
        _ word: String?, of spoken: TrafficProtocol
    ) throws(APIFault) -> TargetProtocolVersion? {
        guard spoken.isHTTP else {
            guard word == nil else {
                throw .invalidConfigurationRequest(
                    "A protocol version cannot be specified for target groups with the protocol '\(spoken.wire)'")
            }
            return nil
        }
        return try TargetProtocolVersion(wire: word ?? "HTTP1")
    }
}

extension TargetGroupRecord {
    fileprivate func isAsAsked(_ other: TargetGroupRecord) -> Bool {
        type == other.type && self.protocol == other.protocol && protocolVersion == other.protocolVersion
            && port == other.port && vpc == other.vpc && healthCheck == other.healthCheck
            && Set(tags) == Set(other.tags)
    }
}
