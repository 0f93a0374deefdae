import AWSWire
import ELBShapes
import LoadBalancing

struct DescribeSSLPolicies: OperationHandler {
    func answer(
        _ request: ELBShapes.DescribeSSLPoliciesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeSSLPoliciesOutput {
        var policies = SSLPolicy.all
        if let names = request.names, !names.isEmpty {
            for name in names where SSLPolicy.named(name) == nil { throw .sslPolicyNotFound(name) }
            policies.removeAll { !names.contains($0.name) }
        }
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(policies.sorted { $0.name < $1.name }) { $0.name }
        return ELBShapes.DescribeSSLPoliciesOutput(sslPolicies: page.map(\.shape), nextMarker: marker)
    }
}

extension SSLPolicy {
    fileprivate var shape: ELBShapes.SslPolicy {
        ELBShapes.SslPolicy(
            sslProtocols: protocols,
            ciphers: ciphers.enumerated().map { ELBShapes.Cipher(name: $0.element, priority: $0.offset + 1) },
            name: name, supportedLoadBalancerTypes: ["application", "network"])
    }
}

struct DescribeAccountLimits: OperationHandler {
    private static let limits: [(name: String, most: Int)] = [
        ("application-load-balancers", BalancingLimits.loadBalancers),
        ("certificates-per-application-load-balancer", BalancingLimits.certificates),
        ("condition-values-per-alb-rule", BalancingLimits.conditionValues),
        ("condition-wildcards-per-alb-rule", BalancingLimits.conditionWildcards),
        ("listeners-per-application-load-balancer", BalancingLimits.listeners),
        ("listeners-per-network-load-balancer", BalancingLimits.listeners),
        ("network-load-balancers", BalancingLimits.loadBalancers),
        ("rules-per-application-load-balancer", BalancingLimits.rules),
        ("target-groups", BalancingLimits.targetGroups),
        ("target-groups-per-action-on-application-load-balancer", BalancingLimits.targetGroupsPerAction),
        ("target-groups-per-action-on-network-load-balancer", BalancingLimits.targetGroupsPerAction),
        ("target-groups-per-application-load-balancer", BalancingLimits.targetGroupsPerLoadBalancer),
        ("targets-per-target-group", BalancingLimits.targets),
    ]

    func answer(
        _ request: ELBShapes.DescribeAccountLimitsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeAccountLimitsOutput {
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(Self.limits) { $0.name }
        return ELBShapes.DescribeAccountLimitsOutput(
            limits: page.map { ELBShapes.Limit(name: $0.name, max: String($0.most)) }, nextMarker: marker)
    }
}
