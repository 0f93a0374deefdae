import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Changes what the caller names of a listener and leaves the rest.
struct ModifyListener: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyListenerInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyListenerOutput {
        let record = try await store.write { transaction throws(APIFault) -> ListenerRecord in
            let record = try Self.changed(request, in: transaction.state)
            transaction.put(record)
            return record
        }
        return ELBShapes.ModifyListenerOutput(listeners: [record.shape])
    }

    private static func changed(
        _ request: ELBShapes.ModifyListenerInput, in state: StateSnapshot
    ) throws(APIFault) -> ListenerRecord {
        var record = try state.listener(request.listenerArn)
        let loadBalancer = record.id.loadBalancer
        if let port = request.port, port != record.port {
            if state.listeners(of: loadBalancer).contains(where: { $0.port == port }) {
                throw .duplicateListener(port: port, on: loadBalancer.arn)
            }
            record.port = port
        }
        if let wire = request.protocol {
            let listened = try ListenerRecord.checkedProtocol(wire, for: loadBalancer.kind)
            // Settings of the other protocol have no meaning in the new one.
            if listened != record.protocol { record.keepAttributes(of: listened) }
            record.protocol = listened
        }
        try record.setEncryption(
            certificates: request.certificates, policy: request.sslPolicy, alpn: request.alpnPolicy,
            mutual: request.mutualAuthentication, in: state)
        if let actions = request.defaultActions {
            let setting = ActionSetting(kind: loadBalancer.kind, protocol: record.protocol)
            record.defaultActions = try balancing { () throws(BalancingFault) in
                try [RuleAction](checking: actions, for: setting)
            }
        }
        try state.checkForwarding(record.defaultActions, from: record.protocol, of: loadBalancer)
        if request.protocol != nil {
            for rule in state.rules(of: record.id) {
                try state.checkForwarding(rule.actions, from: record.protocol, of: loadBalancer)
            }
        }
        return record
    }
}

extension ListenerRecord {
    fileprivate mutating func keepAttributes(of other: TrafficProtocol) {
        let known = Set(ListenerAttributes.rules(other).map(\.key))
        attributes = attributes.filter { known.contains($0.key) }
    }
}

/// Deletes a listener with its rules.
struct DeleteListener: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DeleteListenerInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DeleteListenerOutput {
        try await store.write { transaction throws(APIFault) in
            transaction.deleteListener(try transaction.state.listener(request.listenerArn).id)
        }
        return ELBShapes.DeleteListenerOutput()
    }
}

struct DescribeListeners: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeListenersInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeListenersOutput {
        let state = store.committed()
        let arns = request.listenerArns ?? []
        guard (request.loadBalancerArn != nil) != !arns.isEmpty else {
            throw .validation("You must specify either listener ARNs or a load balancer ARN")
        }
        var records: [ListenerRecord] = []
        if let arn = request.loadBalancerArn { records = Array(state.listeners(of: try state.loadBalancer(arn).id)) }
        for arn in arns { records.append(try state.listener(arn)) }
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(records.sorted { $0.id.arn < $1.id.arn }) { $0.id.arn }
        return ELBShapes.DescribeListenersOutput(listeners: page.map(\.shape), nextMarker: marker)
    }
}
