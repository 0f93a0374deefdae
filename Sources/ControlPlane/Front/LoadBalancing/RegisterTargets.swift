import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Adds targets to a group; one that is draining is registered again.
struct RegisterTargets: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.RegisterTargetsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.RegisterTargetsOutput {
        let shapes = request.targets ?? []
        guard !shapes.isEmpty else { throw .validation("At least one target must be specified") }
        try await store.write { transaction throws(APIFault) in
            let group = try transaction.state.targetGroup(request.targetGroupArn)
            for shape in shapes {
                let target = try group.checked(shape, call, in: transaction.state)
                if let old = transaction.state.targets[target.id], old.drainingSince == nil { continue }
                transaction.put(target)
            }
            guard
                transaction.state.targets(of: group.id).reduce(0, { count, _ in count + 1 }) <= BalancingLimits.targets
            else { throw .tooMany("Targets", limit: BalancingLimits.targets) }
        }
        return ELBShapes.RegisterTargetsOutput()
    }
}

extension TargetGroupRecord {
    /// - Throws: `ValidationError`; `InvalidTarget` for a host that is not there and what is no address of a host.
    fileprivate func checked(
        _ shape: ELBShapes.TargetDescription, _ call: APICall, in state: StateSnapshot
    ) throws(APIFault) -> TargetRecord {
        guard shape.quicServerId == nil else {
            throw .validation("A QUIC server ID cannot be specified for the protocol '\(self.protocol.wire)'")
        }
        let id = shape.id ?? ""
        switch type {
        case .instance:
            guard shape.availabilityZone == nil else {
                throw .validation("An Availability Zone cannot be specified for targets of the type 'instance'")
            }
            guard let host = state.instance(ec2: id, in: call.scope), host.status != .inactive else {
                throw .invalidTargets(
                    "The following targets are not in a running state and cannot be registered: '\(id.prefix(256))'")
            }
        case .ip:
            guard IPv4Text.isAddress(id), IPv4Text.isOfHost(id) else {
                throw .validation("The IP address '\(id.prefix(256))' is not a valid IPv4 address of a target")
            }
        }
        return TargetRecord(
            id: TargetID(group: self.id, id: id, port: shape.port ?? port), zone: shape.availabilityZone,
            registeredAt: call.now)
    }
}

/// Takes targets from a group: they drain, or are gone at once where the group gets no traffic.
struct DeregisterTargets: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DeregisterTargetsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DeregisterTargetsOutput {
        let shapes = request.targets ?? []
        guard !shapes.isEmpty else { throw .validation("At least one target must be specified") }
        try await store.write { transaction throws(APIFault) in
            let group = try transaction.state.targetGroup(request.targetGroupArn)
            let isUsed = transaction.state.rules(using: group.id).contains { _ in true }
            for shape in shapes {
                let id = TargetID(group: group.id, id: shape.id ?? "", port: shape.port ?? group.port)
                guard var target = transaction.state.targets[id] else { continue }
                if isUsed {
                    target.drainingSince = target.drainingSince ?? call.now
                    transaction.put(target)
                } else {
                    transaction.delete(.target(id))
                }
            }
        }
        return ELBShapes.DeregisterTargetsOutput()
    }
}
