import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Makes a load balancer; one of the same name and settings is shown instead.
struct CreateLoadBalancer: OperationHandler {
    let store: any StateStore
    let ids: any IDSource
    let addresses: AddressPool?

    func answer(
        _ request: ELBShapes.CreateLoadBalancerInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.CreateLoadBalancerOutput {
        let asked = try checked(request, call)
        let record = try await store.write { transaction throws(APIFault) -> LoadBalancerRecord in
            let state = transaction.state
            if let old = state.loadBalancer(named: asked.id.name, in: call.scope) {
                guard old.isAsAsked(asked) else { throw .duplicateLoadBalancer(asked.id.name) }
                return old
            }
            let count = state.loadBalancers.values().count { $0.0.kind == asked.id.kind }
            guard count < BalancingLimits.loadBalancers else {
                throw .tooMany("LoadBalancers", limit: BalancingLimits.loadBalancers)
            }
            var new = asked
            new.addressIndex = state.freeAddressIndex
            transaction.put(new)
            return new
        }
        return ELBShapes.CreateLoadBalancerOutput(loadBalancers: [record.shape(addresses)])
    }

    private func checked(
        _ request: ELBShapes.CreateLoadBalancerInput, _ call: APICall
    ) throws(APIFault) -> LoadBalancerRecord {
        let name = request.name ?? ""
        try balancing { () throws(BalancingFault) in try BalancingNames.checkLoadBalancer(name) }
        let kind = try LoadBalancerKind(wire: request.type)
        try BalancingSubnets.checkAddressType(request.ipAddressType)
        guard request.customerOwnedIpv4Pool == nil, request.ipamPools == nil else {
            throw .unsupportedFeature("Pools of addresses are not supported.")
        }
        if request.enablePrefixForIpv6SourceNat == "on" {
            throw .unsupportedFeature(
                "EnablePrefixForIpv6SourceNat is not supported: load balancers have IPv4 addresses.")
        }
        let subnets = try BalancingSubnets.checked(request.subnets, request.subnetMappings, for: kind)
        var record = LoadBalancerRecord(
            id: LoadBalancerID(scope: call.scope, kind: kind, name: name, suffix: ids.balancingSuffix()),
            scheme: LoadBalancerScheme(wire: request.scheme), createdAt: call.now, subnets: subnets,
            securityGroups: request.securityGroups ?? [], addressIndex: 0)
        record.tags = try BalancingTags.checked(request.tags)
        return record
    }
}

extension LoadBalancerRecord {
    /// Whether another request asks for what is there, for which a repeated call is answered alike.
    fileprivate func isAsAsked(_ other: LoadBalancerRecord) -> Bool {
        id.kind == other.id.kind && scheme == other.scheme && Set(subnets) == Set(other.subnets)
            && Set(securityGroups) == Set(other.securityGroups) && Set(tags) == Set(other.tags)
    }
}
