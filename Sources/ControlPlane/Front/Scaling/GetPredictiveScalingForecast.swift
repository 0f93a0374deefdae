import AWSWire
import Domain
import Identifiers
import ScalingShapes
import ShapeRules
import StateStore

/// Says that there is no predictive scaling, once the request is one that AWS would answer.
struct GetPredictiveScalingForecast: OperationHandler {
    /// Milliseconds. A forecast begins a year ago at the earliest …
    private static let year: Int64 = 366 * 86_400_000
    /// … and spans so much.
    private static let span: Int64 = 30 * 86_400_000

    let store: any StateStore

    func answer(
        _ request: ScalingShapes.GetPredictiveScalingForecastRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.GetPredictiveScalingForecastResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let id = ScalingRuleID(service: resource.service, name: request.policyName ?? "")
        guard store.committed().scalingPolicies[id] != nil else { throw .noSuchScalingPolicy(id) }
        let start = request.startTime?.milliseconds ?? 0
        let end = request.endTime?.milliseconds ?? 0
        guard start >= call.now.milliseconds - Self.year else {
            throw .validation("StartTime must be within the last year.")
        }
        guard start < end, end - start <= Self.span else {
            throw .validation("EndTime must be after StartTime, 30 days at most.")
        }
        throw .unsupportedFeature("Predictive scaling is not built: there are no forecasts.")
    }
}

extension APIFault {
    static func noSuchScalingPolicy(_ id: ScalingRuleID) -> APIFault {
        .objectNotFound(
            "No scaling policy found for service namespace: ecs, resource ID: \(id.service.scalingResource), scalable "
                + "dimension: \(ScalingResource.dimension): \(id.name)")
    }
}
