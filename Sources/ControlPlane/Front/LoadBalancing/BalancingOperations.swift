import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// The operations of Elastic Load Balancing on load balancers, listeners, rules, target groups and targets.
enum BalancingOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let (store, ids, addresses) = (ports.store, ports.ids, ports.loadBalancers)
        return [
            Operation(CreateLoadBalancer(store: store, ids: ids, addresses: addresses)),
            Operation(DescribeLoadBalancers(store: store, addresses: addresses)),
            Operation(DeleteLoadBalancer(store: store)), Operation(SetSubnets(store: store, addresses: addresses)),
            Operation(SetSecurityGroups(store: store)), Operation(SetIpAddressType(store: store)),
            Operation(DescribeLoadBalancerAttributes(store: store)),
            Operation(ModifyLoadBalancerAttributes(store: store)), Operation(DescribeCapacityReservation(store: store)),
            Operation(CreateListener(store: store, ids: ids)), Operation(DescribeListeners(store: store)),
            Operation(ModifyListener(store: store)), Operation(DeleteListener(store: store)),
            Operation(DescribeListenerAttributes(store: store)), Operation(ModifyListenerAttributes(store: store)),
            Operation(AddListenerCertificates(store: store)), Operation(RemoveListenerCertificates(store: store)),
            Operation(DescribeListenerCertificates(store: store)),
            Operation(CreateRule(store: store, ids: ids)), Operation(DescribeRules(store: store)),
            Operation(ModifyRule(store: store)), Operation(DeleteListenerRule(store: store)),
            Operation(SetRulePriorities(store: store)),
            Operation(CreateTargetGroup(store: store, ids: ids)), Operation(DescribeTargetGroups(store: store)),
            Operation(ModifyTargetGroup(store: store)), Operation(DeleteTargetGroup(store: store)),
            Operation(DescribeTargetGroupAttributes(store: store)),
            Operation(ModifyTargetGroupAttributes(store: store)),
            Operation(RegisterTargets(store: store)), Operation(DeregisterTargets(store: store)),
            Operation(DescribeTargetHealth(store: store, board: ports.targetHealth)),
            Operation(AddTags(store: store)), Operation(RemoveTags(store: store)),
            Operation(DescribeTags(store: store)),
            Operation(DescribeSSLPolicies()), Operation(DescribeAccountLimits()),
        ]
    }
}

extension APIFault {
    init(_ fault: BalancingFault) {
        switch fault.code {
        case .validation: self = .validation(fault.message)
        case .invalidConfiguration: self = .invalidConfigurationRequest(fault.message)
        case .incompatibleProtocols: self = .incompatibleProtocols(fault.message)
        case .unsupportedProtocol: self = APIFault("UnsupportedProtocol", message: fault.message)
        case .invalidAction: self = APIFault("InvalidLoadBalancerAction", message: fault.message)
        case .tooManyActions: self = APIFault("TooManyActions", message: fault.message)
        case .tooManyTargetGroups: self = APIFault("TooManyTargetGroups", message: fault.message)
        case .invalidTarget: self = .invalidTargets(fault.message)
        case .unsupported: self = .unsupportedFeature(fault.message)
        }
    }
}

/// Runs a rule of load balancers; its fault becomes the one that a caller is shown.
func balancing<Result>(_ body: () throws(BalancingFault) -> Result) throws(APIFault) -> Result {
    do throws(BalancingFault) { return try body() } catch { throw APIFault(error) }
}

extension IDSource {
    /// 16 lowercase hexadecimal digits, as what belongs to load balancers is told apart.
    func balancingSuffix() -> String { String(hexID().prefix(16)) }
}

extension StateSnapshot {
    /// - Throws: `ValidationError` for what is no ARN of a load balancer; `LoadBalancerNotFound`.
    func loadBalancer(_ arn: String?) throws(APIFault) -> LoadBalancerRecord {
        guard let id = LoadBalancerID(arn: arn ?? "") else { throw .notAnARN(arn, of: "load balancer") }
        guard let record = loadBalancers[id] else { throw .loadBalancersNotFound([id.arn]) }
        return record
    }

    /// - Throws: `ValidationError` for what is no ARN of a listener; `ListenerNotFound`.
    func listener(_ arn: String?) throws(APIFault) -> ListenerRecord {
        guard let id = ListenerID(arn: arn ?? "") else { throw .notAnARN(arn, of: "listener") }
        guard let record = listeners[id] else { throw .listenersNotFound() }
        return record
    }

    /// - Throws: `ValidationError` for what is no ARN of a target group; `TargetGroupNotFound`.
    func targetGroup(_ arn: String?) throws(APIFault) -> TargetGroupRecord {
        guard let id = TargetGroupID(arn: arn ?? "") else { throw .notAnARN(arn, of: "target group") }
        guard let record = targetGroups[id] else { throw .targetGroupsNotFound() }
        return record
    }

    /// A rule other than a default one.
    ///
    /// - Parameter action: what is not permitted with a default rule, such as `modified`.
    /// - Throws: `ValidationError` for what is no ARN of a rule; `RuleNotFound`;
    ///   `OperationNotPermitted` for a default rule.
    func listenerRule(_ arn: String?, toBe action: String) throws(APIFault) -> ListenerRuleRecord {
        guard let id = ListenerRuleID(arn: arn ?? "") else { throw .notAnARN(arn, of: "listener rule") }
        if let record = listenerRules[id] { return record }
        if listeners[id.listener]?.defaultRuleID == id {
            throw .operationNotPermitted("Default rule '\(id.arn)' cannot be \(action)")
        }
        throw .listenerRulesNotFound()
    }
}

extension APIFault {
    static func notAnARN(_ text: String?, of what: String) -> APIFault {
        .validation("'\((text ?? "").prefix(256))' is not a valid \(what) ARN")
    }
}

extension Paging {
    /// - Throws: `ValidationError` for a marker that was not made here.
    static func ofBalancing(_ size: Int?, _ marker: String?) throws(APIFault) -> Paging {
        do throws(APIFault) {
            return try Paging(size, marker, standard: 400, limit: 400)
        } catch {
            throw .validation(size.map { (1...400).contains($0) } ?? true ? "Invalid marker" : "Invalid page size")
        }
    }
}
