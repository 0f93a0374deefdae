import AWSWire
import Domain
import Identifiers
import ScalingShapes
import StateStore

struct DescribeScalingPolicies: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DescribeScalingPoliciesRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DescribeScalingPoliciesResponse {
        try ScalingResource.check(request.serviceNamespace, request.scalableDimension)
        let paging = try Paging.ofScaling(request.maxResults, request.nextToken)
        let state = store.committed()
        let names = request.policyNames.flatMap(\.nonEmpty).map(Set.init)
        let all: [ScalingPolicyRecord]
        if let resource = request.resourceId {
            all = Array(state.scalingPolicies(of: try ScalingResource.service(resource, call)))
        } else {
            all = state.scalingPolicies.values().map(\.1).filter { $0.id.service.cluster.scope == call.scope }
        }
        let (page, token) = paging.page(
            all.filter { names?.contains($0.id.name) ?? true }.sorted { $0.id.pageKey < $1.id.pageKey }
        ) { $0.id.pageKey }
        let alarms = state.alarmsOfPolicies(page, call.scope)
        return ScalingShapes.DescribeScalingPoliciesResponse(
            scalingPolicies: page.map { ScalingShapes.ScalingPolicy($0, alarms: alarms[$0.arn] ?? []) },
            nextToken: token)
    }
}

extension StateSnapshot {
    /// The alarms that set policies off, by the policies' ARNs: target tracking's own, and those of callers for step scaling.
    fileprivate func alarmsOfPolicies(_ policies: [ScalingPolicyRecord], _ scope: Scope) -> [String: [AlarmID]] {
        var found: [String: [AlarmID]] = [:]
        for policy in policies where !policy.ownAlarms.isEmpty { found[policy.arn] = policy.ownAlarms }
        let others = Set(policies.filter(\.ownAlarms.isEmpty).map(\.arn))
        guard !others.isEmpty else { return found }
        let own = alarms.values(from: AlarmID(scope: scope, name: "")).lazy.prefix { $0.0.scope == scope }
        for (id, alarm) in own {
            let actions = Set(alarm.alarmActions + alarm.okActions + alarm.insufficientDataActions)
            for action in actions.intersection(others) { found[action, default: []].append(id) }
        }
        return found
    }
}

extension ScalingRuleID {
    /// For pages: in the order of resources, then of names.
    var pageKey: String { "\(service.scalingResource)/\(name)" }
}

struct DescribeScalingActivities: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DescribeScalingActivitiesRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DescribeScalingActivitiesResponse {
        try ScalingResource.check(request.serviceNamespace, request.scalableDimension)
        let paging = try Paging.ofScaling(request.maxResults, request.nextToken)
        let state = store.committed()
        var all: [ScalingActivityRecord]
        if let resource = request.resourceId {
            all = Array(state.scalingActivities(of: try ScalingResource.service(resource, call)))
        } else {
            all = state.scalingActivities.values().map(\.1).filter { $0.id.service.cluster.scope == call.scope }
        }
        if request.includeNotScaledActivities != true { all.removeAll { !$0.notScaled.isEmpty } }
        all.sort { $0.id.pageKey > $1.id.pageKey }
        let (page, token) = paging.page(all, key: { $0.id.pageKey }, isAfter: { $0.id.pageKey < $1 })
        return ScalingShapes.DescribeScalingActivitiesResponse(
            scalingActivities: page.map(ScalingShapes.ScalingActivity.init), nextToken: token)
    }
}

extension ScalingActivityID {
    /// For pages: in the order of their beginnings, whichever service they are of.
    fileprivate var pageKey: String {
        let time = String(max(0, startedAt.milliseconds))
        return String(repeating: "0", count: max(0, 15 - time.count)) + time + "/" + id
    }
}

extension ScalingShapes.ScalingActivity {
    fileprivate init(_ activity: ScalingActivityRecord) {
        self.init(
            activityId: activity.id.id, serviceNamespace: ScalingResource.namespace,
            resourceId: activity.id.service.scalingResource, scalableDimension: ScalingResource.dimension,
            description: activity.description, cause: activity.cause, startTime: activity.id.startedAt.wire,
            endTime: activity.endedAt?.wire, statusCode: activity.status.rawValue,
            statusMessage: activity.statusMessage,
            notScaledReasons: activity.notScaled.map {
                ScalingShapes.NotScaledReason(
                    code: $0.code, maxCapacity: $0.maximum, minCapacity: $0.minimum, currentCapacity: $0.current)
            }.nonEmpty)
    }
}
