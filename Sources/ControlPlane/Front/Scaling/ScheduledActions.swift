import AWSWire
import Domain
import Identifiers
import Scaling
import ScalingShapes
import ShapeRules
import StateStore

/// Makes a scheduled action, or changes what the request says of one; start and end are always as it says.
///
/// - Source: Application Auto Scaling API Reference, PutScheduledAction
struct PutScheduledAction: OperationHandler {
    /// AWS's quota of scheduled actions of one scalable target.
    private static let limit = 200

    let store: any StateStore
    let ids: any IDSource
    let settings: ScalingSettings

    func answer(
        _ request: ScalingShapes.PutScheduledActionRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.PutScheduledActionResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let id = ScalingRuleID(service: resource.service, name: try Self.name(request.scheduledActionName))
        let bounds = try Self.bounds(request.scalableTargetAction)
        let arnID = ids.uuid()
        try await store.write { transaction throws(APIFault) in
            _ = try transaction.state.scalableTarget(of: resource.service)
            let old = transaction.state.scheduledActions[id]
            guard let schedule = request.schedule ?? old?.schedule else {
                throw .validation("Schedule is required for a new scheduled action.")
            }
            guard bounds != nil || old != nil else {
                throw .validation("ScalableTargetAction is required for a new scheduled action.")
            }
            if old == nil,
                transaction.state.scheduledActions(of: resource.service).count(where: { _ in true }) >= Self.limit
            {
                throw .limitExceeded("The maximum number of scheduled actions of a scalable target is \(Self.limit).")
            }
            var action =
                old ?? ScheduledActionRecord(id: id, arnID: arnID, schedule: schedule, createdAt: call.now)
            action.schedule = schedule
            action.timezone = request.timezone ?? action.timezone
            action.startsAt = request.startTime.map { Timestamp(milliseconds: $0.milliseconds) }
            action.endsAt = request.endTime.map { Timestamp(milliseconds: $0.milliseconds) }
            if let bounds { (action.minimum, action.maximum) = (bounds.minCapacity, bounds.maxCapacity) }
            if action.hasOtherTimes(than: old) {
                action.scheduledFrom = call.now
                action.firedAt = nil
                try check(action, now: call.now)
            }
            if action != old { transaction.put(action) }
        }
        return ScalingShapes.PutScheduledActionResponse()
    }

    private func check(_ action: ScheduledActionRecord, now: Timestamp) throws(APIFault) {
        let zone = action.timezone.map { settings.zones($0, now) } ?? .utc
        guard let zone else {
            throw .validation("Timezone '\((action.timezone ?? "").prefix(100))' is not the IANA name of a time zone.")
        }
        guard let schedule = ScalingSchedule(action.schedule) else {
            throw .validation(
                "Schedule '\(action.schedule.prefix(300))' is not valid: it must be at(yyyy-mm-ddThh:mm:ss), "
                    + "rate(value unit) or cron(fields).")
        }
        if let end = action.endsAt {
            guard end > now else { throw .validation("EndTime must be in the future.") }
            if let start = action.startsAt, end <= start { throw .validation("EndTime must be after StartTime.") }
        }
        let next = schedule.next(
            after: now, start: action.startsAt, created: action.scheduledFrom, end: action.endsAt, zone: zone)
        guard next != nil else {
            throw .validation("Schedule '\(action.schedule.prefix(300))' has no time in the future.")
        }
    }

    private static func name(_ name: String?) throws(APIFault) -> String {
        let name = name ?? ""
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.value >= 32 && !(0x7f...0x9f).contains($0.value) && !":/|".unicodeScalars.contains($0)
        }
        guard (1...256).contains(name.count), isPlain, !name.hasPrefix(" "), !name.hasSuffix(" ") else {
            throw .validation(
                "ScheduledActionName must have 1 to 256 characters, without ':', '/', '|', control characters and blanks "
                    + "at its ends.")
        }
        return name
    }

    private static func bounds(
        _ action: ScalingShapes.ScalableTargetAction?
    ) throws(APIFault) -> ScalingShapes.ScalableTargetAction? {
        guard let action else { return nil }
        guard action.minCapacity != nil || action.maxCapacity != nil else {
            throw .validation("ScalableTargetAction must have MinCapacity, MaxCapacity or both.")
        }
        let most = ServiceRules.maximumDesiredCount
        for (name, count) in [("MinCapacity", action.minCapacity), ("MaxCapacity", action.maxCapacity)] {
            guard let count, !(0...most).contains(count) else { continue }
            throw .validation("\(name) must be between 0 and \(most), got \(count).")
        }
        if let least = action.minCapacity, let most = action.maxCapacity, least > most {
            throw .validation("Maximum capacity cannot be less than minimum capacity")
        }
        return action
    }
}

extension ScheduledActionRecord {
    fileprivate func hasOtherTimes(than old: ScheduledActionRecord?) -> Bool {
        guard let old else { return true }
        return (schedule, timezone, startsAt, endsAt) != (old.schedule, old.timezone, old.startsAt, old.endsAt)
    }
}

struct DeleteScheduledAction: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DeleteScheduledActionRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DeleteScheduledActionResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let id = ScalingRuleID(service: resource.service, name: request.scheduledActionName ?? "")
        try await store.write { transaction throws(APIFault) in
            guard transaction.state.scheduledActions[id] != nil else {
                throw .objectNotFound(
                    "No scheduled action found for service namespace: ecs, resource ID: \(resource.text), scalable "
                        + "dimension: \(ScalingResource.dimension): \(id.name)")
            }
            transaction.delete(.scheduledAction(id))
        }
        return ScalingShapes.DeleteScheduledActionResponse()
    }
}

struct DescribeScheduledActions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DescribeScheduledActionsRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DescribeScheduledActionsResponse {
        try ScalingResource.check(request.serviceNamespace, request.scalableDimension)
        let paging = try Paging.ofScaling(request.maxResults, request.nextToken)
        let state = store.committed()
        let names = request.scheduledActionNames.flatMap(\.nonEmpty).map(Set.init)
        let all: [ScheduledActionRecord]
        if let resource = request.resourceId {
            all = Array(state.scheduledActions(of: try ScalingResource.service(resource, call)))
        } else {
            all = state.scheduledActions.values().map(\.1).filter { $0.id.service.cluster.scope == call.scope }
        }
        let (page, token) = paging.page(
            all.filter { names?.contains($0.id.name) ?? true }.sorted { $0.id.pageKey < $1.id.pageKey }
        ) { $0.id.pageKey }
        return ScalingShapes.DescribeScheduledActionsResponse(
            scheduledActions: page.map(ScalingShapes.ScheduledAction.init), nextToken: token)
    }
}

extension ScalingShapes.ScheduledAction {
    fileprivate init(_ action: ScheduledActionRecord) {
        self.init(
            scheduledActionName: action.id.name, scheduledActionARN: action.arn,
            serviceNamespace: ScalingResource.namespace, schedule: action.schedule, timezone: action.timezone,
            resourceId: action.id.service.scalingResource, scalableDimension: ScalingResource.dimension,
            startTime: action.startsAt?.wire, endTime: action.endsAt?.wire,
            scalableTargetAction: ScalingShapes.ScalableTargetAction(
                minCapacity: action.minimum, maxCapacity: action.maximum),
            creationTime: action.createdAt.wire)
    }
}
