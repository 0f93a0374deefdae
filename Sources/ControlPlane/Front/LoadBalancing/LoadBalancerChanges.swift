import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Deletes a load balancer with its listeners and rules; one that is not there is no error.
struct DeleteLoadBalancer: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DeleteLoadBalancerInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DeleteLoadBalancerOutput {
        let arn = request.loadBalancerArn
        guard let id = LoadBalancerID(arn: arn ?? "") else { throw .notAnARN(arn, of: "load balancer") }
        try await store.write { transaction throws(APIFault) in
            guard let record = transaction.state.loadBalancers[id] else { return }
            guard !record.isProtected else {
                throw .operationNotPermitted(
                    "Load balancer '\(id.arn)' cannot be deleted because deletion protection is enabled")
            }
            transaction.deleteLoadBalancer(id)
        }
        return ELBShapes.DeleteLoadBalancerOutput()
    }
}

struct SetSubnets: OperationHandler {
    let store: any StateStore
    let addresses: AddressPool?

    func answer(
        _ request: ELBShapes.SetSubnetsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.SetSubnetsOutput {
        try BalancingSubnets.checkAddressType(request.ipAddressType)
        if request.enablePrefixForIpv6SourceNat == "on" {
            throw .unsupportedFeature(
                "EnablePrefixForIpv6SourceNat is not supported: load balancers have IPv4 addresses.")
        }
        let zones = try await store.write { transaction throws(APIFault) -> [ELBShapes.AvailabilityZone] in
            var record = try transaction.state.loadBalancer(request.loadBalancerArn)
            record.subnets = try BalancingSubnets.checked(request.subnets, request.subnetMappings, for: record.id.kind)
            transaction.put(record)
            return record.zones(addresses)
        }
        return ELBShapes.SetSubnetsOutput(availabilityZones: zones, ipAddressType: "ipv4")
    }
}

struct SetSecurityGroups: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.SetSecurityGroupsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.SetSecurityGroupsOutput {
        if request.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic != nil {
            throw .unsupportedFeature(
                "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic is not supported: there is no PrivateLink here.")
        }
        let groups = request.securityGroups ?? []
        try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.loadBalancer(request.loadBalancerArn)
            if record.id.kind == .network, record.securityGroups.isEmpty {
                throw .invalidConfigurationRequest(
                    "Security groups cannot be set on a Network Load Balancer that was created without one")
            }
            record.securityGroups = groups
            transaction.put(record)
        }
        return ELBShapes.SetSecurityGroupsOutput(securityGroupIds: groups)
    }
}

/// Load balancers have IPv4 addresses, so this changes none.
struct SetIpAddressType: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.SetIpAddressTypeInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.SetIpAddressTypeOutput {
        _ = try store.committed().loadBalancer(request.loadBalancerArn)
        try BalancingSubnets.checkAddressType(request.ipAddressType)
        return ELBShapes.SetIpAddressTypeOutput(ipAddressType: "ipv4")
    }
}
