import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

struct DescribeLoadBalancers: OperationHandler {
    let store: any StateStore
    let addresses: AddressPool?

    func answer(
        _ request: ELBShapes.DescribeLoadBalancersInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeLoadBalancersOutput {
        let (arns, names) = (request.loadBalancerArns ?? [], request.names ?? [])
        guard arns.isEmpty || names.isEmpty else {
            throw .validation("Load balancer names and load balancer ARNs cannot be specified at the same time")
        }
        let state = store.committed()
        var records: [LoadBalancerRecord] = []
        if arns.isEmpty, names.isEmpty {
            records = state.loadBalancers.values().map { $0.1 }.filter { $0.id.scope == call.scope }
        }
        for arn in arns { records.append(try state.loadBalancer(arn)) }
        for name in names {
            guard let record = state.loadBalancer(named: name, in: call.scope) else {
                throw .loadBalancersNotFound([String(name.prefix(64))])
            }
            records.append(record)
        }
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(records.sorted { $0.id < $1.id }) { "\($0.id.name) \($0.id.suffix)" }
        return ELBShapes.DescribeLoadBalancersOutput(
            loadBalancers: page.map { $0.shape(addresses) }, nextMarker: marker)
    }
}

/// A load balancer reserves no capacity: it has what its host has.
struct DescribeCapacityReservation: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeCapacityReservationInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeCapacityReservationOutput {
        _ = try store.committed().loadBalancer(request.loadBalancerArn)
        return ELBShapes.DescribeCapacityReservationOutput(decreaseRequestsRemaining: 0, capacityReservationState: [])
    }
}
