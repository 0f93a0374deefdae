import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Makes a listener; one of the same settings is shown instead.
struct CreateListener: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ELBShapes.CreateListenerInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.CreateListenerOutput {
        let (suffix, rule) = (ids.balancingSuffix(), ids.balancingSuffix())
        let tags = try BalancingTags.checked(request.tags)
        let record = try await store.write { transaction throws(APIFault) -> ListenerRecord in
            let state = transaction.state
            let loadBalancer = try state.loadBalancer(request.loadBalancerArn).id
            var new = try Self.checked(request, on: loadBalancer, suffix, rule, call, in: state)
            new.tags = tags
            let others = Array(state.listeners(of: loadBalancer))
            if let old = others.first(where: { $0.port == new.port }) {
                guard old.isAsAsked(new) else { throw .duplicateListener(port: new.port, on: loadBalancer.arn) }
                return old
            }
            guard others.count < BalancingLimits.listeners else {
                throw .tooMany("Listeners", limit: BalancingLimits.listeners)
            }
            transaction.put(new)
            return new
        }
        return ELBShapes.CreateListenerOutput(listeners: [record.shape])
    }

    private static func checked(
        _ request: ELBShapes.CreateListenerInput, on loadBalancer: LoadBalancerID, _ suffix: String, _ rule: String,
        _ call: APICall, in state: StateSnapshot
    ) throws(APIFault) -> ListenerRecord {
        let listened = try ListenerRecord.checkedProtocol(request.protocol, for: loadBalancer.kind)
        guard let port = request.port else { throw .validation("A listener port must be specified") }
        let setting = ActionSetting(kind: loadBalancer.kind, protocol: listened)
        let actions = try balancing { () throws(BalancingFault) in
            try [RuleAction](checking: request.defaultActions ?? [], for: setting)
        }
        var record = ListenerRecord(
            id: ListenerID(loadBalancer: loadBalancer, suffix: suffix), port: port, protocol: listened,
            defaultActions: actions, defaultRule: rule, createdAt: call.now)
        try record.setEncryption(
            certificates: request.certificates, policy: request.sslPolicy, alpn: request.alpnPolicy,
            mutual: request.mutualAuthentication, in: state)
        try state.checkForwarding(actions, from: listened, of: loadBalancer)
        return record
    }
}
