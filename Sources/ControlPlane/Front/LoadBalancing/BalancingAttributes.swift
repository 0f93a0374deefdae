import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

struct DescribeLoadBalancerAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeLoadBalancerAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeLoadBalancerAttributesOutput {
        let record = try store.committed().loadBalancer(request.loadBalancerArn)
        return ELBShapes.DescribeLoadBalancerAttributesOutput(attributes: record.attributeShapes)
    }
}

struct ModifyLoadBalancerAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyLoadBalancerAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyLoadBalancerAttributesOutput {
        let pairs = (request.attributes ?? []).map { (key: $0.key ?? "", value: $0.value ?? "") }
        let record = try await store.write { transaction throws(APIFault) -> LoadBalancerRecord in
            var record = try transaction.state.loadBalancer(request.loadBalancerArn)
            try balancing { () throws(BalancingFault) in try record.set(pairs) }
            transaction.put(record)
            return record
        }
        return ELBShapes.ModifyLoadBalancerAttributesOutput(attributes: record.attributeShapes)
    }
}

extension LoadBalancerRecord {
    fileprivate var attributeShapes: [ELBShapes.LoadBalancerAttribute] {
        LoadBalancerAttributes.rules(id.kind).values(attributes).map {
            ELBShapes.LoadBalancerAttribute(key: $0.key, value: $0.value)
        }
    }
}

struct DescribeListenerAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeListenerAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeListenerAttributesOutput {
        let record = try store.committed().listener(request.listenerArn)
        return ELBShapes.DescribeListenerAttributesOutput(attributes: record.attributeShapes)
    }
}

struct ModifyListenerAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyListenerAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyListenerAttributesOutput {
        let pairs = (request.attributes ?? []).map { (key: $0.key ?? "", value: $0.value ?? "") }
        let record = try await store.write { transaction throws(APIFault) -> ListenerRecord in
            var record = try transaction.state.listener(request.listenerArn)
            try balancing { () throws(BalancingFault) in try record.set(pairs) }
            transaction.put(record)
            return record
        }
        return ELBShapes.ModifyListenerAttributesOutput(attributes: record.attributeShapes)
    }
}

extension ListenerRecord {
    fileprivate var attributeShapes: [ELBShapes.ListenerAttribute] {
        ListenerAttributes.rules(`protocol`).values(attributes).map {
            ELBShapes.ListenerAttribute(key: $0.key, value: $0.value)
        }
    }
}

struct DescribeTargetGroupAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeTargetGroupAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeTargetGroupAttributesOutput {
        let record = try store.committed().targetGroup(request.targetGroupArn)
        return ELBShapes.DescribeTargetGroupAttributesOutput(attributes: record.attributeShapes)
    }
}

struct ModifyTargetGroupAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyTargetGroupAttributesInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyTargetGroupAttributesOutput {
        let pairs = (request.attributes ?? []).map { (key: $0.key ?? "", value: $0.value ?? "") }
        let record = try await store.write { transaction throws(APIFault) -> TargetGroupRecord in
            var record = try transaction.state.targetGroup(request.targetGroupArn)
            try balancing { () throws(BalancingFault) in try record.set(pairs) }
            transaction.put(record)
            return record
        }
        return ELBShapes.ModifyTargetGroupAttributesOutput(attributes: record.attributeShapes)
    }
}

extension TargetGroupRecord {
    fileprivate var attributeShapes: [ELBShapes.TargetGroupAttribute] {
        TargetGroupAttributes.rules(`protocol`).values(attributes).map {
            ELBShapes.TargetGroupAttribute(key: $0.key, value: $0.value)
        }
    }
}
