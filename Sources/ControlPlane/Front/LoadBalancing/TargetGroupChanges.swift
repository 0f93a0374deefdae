import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Changes the health check of a target group: nothing else of it can change.
struct ModifyTargetGroup: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.ModifyTargetGroupInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.ModifyTargetGroupOutput {
        let shape = try await store.write { transaction throws(APIFault) -> ELBShapes.TargetGroup in
            var record = try transaction.state.targetGroup(request.targetGroupArn)
            var settings = try HealthCheckSettings(
                protocol: request.healthCheckProtocol, port: request.healthCheckPort, path: request.healthCheckPath,
                isEnabled: request.healthCheckEnabled, matcher: request.matcher, for: record.protocolVersion)
            settings.interval = request.healthCheckIntervalSeconds
            settings.timeout = request.healthCheckTimeoutSeconds
            settings.healthyThreshold = request.healthyThresholdCount
            settings.unhealthyThreshold = request.unhealthyThresholdCount
            let (asked, old) = (settings, record)
            record.healthCheck = try balancing { () throws(BalancingFault) in
                try asked.changed(old.healthCheck, of: old.protocol, old.protocolVersion)
            }
            transaction.put(record)
            return record.shape(in: transaction.state)
        }
        return ELBShapes.ModifyTargetGroupOutput(targetGroups: [shape])
    }
}

/// Deletes a target group that nothing sends traffic to, with its targets; one that is not there is no error.
struct DeleteTargetGroup: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DeleteTargetGroupInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DeleteTargetGroupOutput {
        let arn = request.targetGroupArn
        guard let id = TargetGroupID(arn: arn ?? "") else { throw .notAnARN(arn, of: "target group") }
        try await store.write { transaction throws(APIFault) in
            guard transaction.state.rules(using: id).first(where: { _ in true }) == nil else {
                throw .resourceInUse("Target group '\(id.arn)' is currently in use by a listener or a rule")
            }
            transaction.deleteTargetGroup(id)
        }
        return ELBShapes.DeleteTargetGroupOutput()
    }
}

struct DescribeTargetGroups: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeTargetGroupsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeTargetGroupsOutput {
        let state = store.committed()
        let records = try Self.asked(request, call, in: state)
        let paging = try Paging.ofBalancing(request.pageSize, request.marker)
        let (page, marker) = paging.page(records.sorted { $0.id < $1.id }) { "\($0.id.name) \($0.id.suffix)" }
        return ELBShapes.DescribeTargetGroupsOutput(
            targetGroups: page.map { $0.shape(in: state) }, nextMarker: marker)
    }

    private static func asked(
        _ request: ELBShapes.DescribeTargetGroupsInput, _ call: APICall, in state: StateSnapshot
    ) throws(APIFault) -> [TargetGroupRecord] {
        let (arns, names) = (request.targetGroupArns ?? [], request.names ?? [])
        let ways = [request.loadBalancerArn != nil, !arns.isEmpty, !names.isEmpty].count { $0 }
        guard ways <= 1 else {
            throw .validation("Only one of a load balancer ARN, target group ARNs and names can be specified")
        }
        var records: [TargetGroupRecord] = []
        for arn in arns { records.append(try state.targetGroup(arn)) }
        for name in names {
            guard let record = state.targetGroup(named: name, in: call.scope) else { throw .targetGroupsNotFound() }
            records.append(record)
        }
        if let arn = request.loadBalancerArn {
            records = state.targetGroups(of: try state.loadBalancer(arn).id).compactMap { state.targetGroups[$0] }
        } else if ways == 0 {
            records = state.targetGroups.values().map { $0.1 }.filter { $0.id.scope == call.scope }
        }
        return records
    }
}
