import AWSWire
import Domain
import Identifiers
import ScalingShapes
import StateStore

/// Makes a scalable target, or changes what the request says of one.
struct RegisterScalableTarget: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ScalingShapes.RegisterScalableTargetRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.RegisterScalableTargetResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let minimum = try Self.capacity(request.minCapacity, "MinCapacity")
        let maximum = try Self.capacity(request.maxCapacity, "MaxCapacity")
        let tags = try ScalingTags.checked(request.tags)
        let arnID = ScalableTargetRecord.newID(ids)
        let target = try await store.write { transaction throws(APIFault) in
            try Self.check(resource, in: transaction.state)
            let old = transaction.state.scalableTargets[resource.service]
            guard let least = minimum ?? old?.minimum, let most = maximum ?? old?.maximum else {
                throw .validation("MinCapacity and MaxCapacity are required to register a scalable target.")
            }
            guard least <= most else { throw .validation("Maximum capacity cannot be less than minimum capacity") }
            var target =
                old
                ?? ScalableTargetRecord(
                    service: resource.service, minimum: least, maximum: most, arnID: arnID, createdAt: call.now)
            if (target.minimum, target.maximum) != (least, most) { target.isUnapplied = true }
            (target.minimum, target.maximum) = (least, most)
            target.roleARN = request.roleARN ?? target.roleARN
            if let state = request.suspendedState { target.suspension.apply(state) }
            target.tags = try ScalingTags.merged(tags, into: target.tags)
            if target != old { transaction.put(target) }
            return target
        }
        return ScalingShapes.RegisterScalableTargetResponse(scalableTargetARN: target.arn)
    }

    /// - Throws: `ValidationException` for a service that is not there, or whose count follows its hosts.
    private static func check(_ resource: ScalingResource, in state: StateSnapshot) throws(APIFault) {
        guard let service = state.services[resource.service], service.status == .active else {
            throw .validation("ECS service doesn't exist: \(resource.text)")
        }
        guard service.schedulingStrategy == .replica else {
            throw .validation(
                "\(resource.text) has the scheduling strategy DAEMON: its count follows its hosts and is not scaled.")
        }
    }

    private static func capacity(_ count: Int?, _ name: String) throws(APIFault) -> Int? {
        guard let count else { return nil }
        let most = ServiceRules.maximumDesiredCount
        guard (0...most).contains(count) else {
            throw .validation("\(name) must be between 0 and \(most), got \(count).")
        }
        return count
    }
}

/// Takes a scalable target away, with its policies, their alarms and its scheduled actions.
struct DeregisterScalableTarget: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DeregisterScalableTargetRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DeregisterScalableTargetResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        try await store.write { transaction throws(APIFault) in
            _ = try transaction.state.scalableTarget(of: resource.service)
            transaction.deleteScalableTarget(of: resource.service)
        }
        return ScalingShapes.DeregisterScalableTargetResponse()
    }
}

struct DescribeScalableTargets: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DescribeScalableTargetsRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DescribeScalableTargetsResponse {
        try ScalingResource.check(request.serviceNamespace, request.scalableDimension)
        let paging = try Paging.ofScaling(request.maxResults, request.nextToken)
        let state = store.committed()
        var targets: [ScalableTargetRecord]
        if let resources = request.resourceIds?.nonEmpty {
            var services: Set<ServiceID> = []
            for resource in resources { services.insert(try ScalingResource.service(resource, call)) }
            targets = services.compactMap { state.scalableTargets[$0] }
        } else {
            targets = state.scalableTargets.values().map(\.1).filter { $0.service.cluster.scope == call.scope }
        }
        targets.sort { $0.service.scalingResource < $1.service.scalingResource }
        let (page, token) = paging.page(targets) { $0.service.scalingResource }
        return ScalingShapes.DescribeScalableTargetsResponse(
            scalableTargets: page.map(ScalingShapes.ScalableTarget.init), nextToken: token)
    }
}

extension ScalableTargetRecord.Suspension {
    fileprivate mutating func apply(_ state: ScalingShapes.SuspendedState) {
        scaleIn = state.dynamicScalingInSuspended ?? scaleIn
        scaleOut = state.dynamicScalingOutSuspended ?? scaleOut
        scheduled = state.scheduledScalingSuspended ?? scheduled
    }
}

extension ScalingShapes.ScalableTarget {
    fileprivate init(_ target: ScalableTargetRecord) {
        self.init(
            serviceNamespace: ScalingResource.namespace, resourceId: target.service.scalingResource,
            scalableDimension: ScalingResource.dimension, minCapacity: target.minimum, maxCapacity: target.maximum,
            roleARN: target.roleARN ?? Self.serviceLinkedRole(target.service.cluster.scope),
            creationTime: target.createdAt.wire,
            suspendedState: ScalingShapes.SuspendedState(
                dynamicScalingInSuspended: target.suspension.scaleIn,
                dynamicScalingOutSuspended: target.suspension.scaleOut,
                scheduledScalingSuspended: target.suspension.scheduled),
            scalableTargetARN: target.arn)
    }

    /// What AWS shows where the caller named no role.
    private static func serviceLinkedRole(_ scope: Scope) -> String {
        "arn:aws:iam::\(scope.account):role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            + "AWSServiceRoleForApplicationAutoScaling_ECSService"
    }
}
