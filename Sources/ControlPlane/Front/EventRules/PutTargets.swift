import AWSWire
import Domain
import EventsShapes
import Identifiers
import StateStore

/// Adds targets to a rule, or replaces those of the same ids.
struct PutTargets: OperationHandler {
    /// AWS's quota of targets of one rule.
    private static let limit = 5

    let store: any StateStore

    func answer(
        _ request: EventsShapes.PutTargetsRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.PutTargetsResponse {
        let bus = try EventBus(request.eventBusName, call.scope)
        var targets: [EventTarget] = []
        for shape in request.targets ?? [] {
            let target = try EventTarget(checking: shape, bus.scope)
            if targets.contains(where: { $0.id == target.id }) {
                throw .validation("Target IDs must be unique: \(target.id) is given twice.")
            }
            targets.append(target)
        }
        let new = targets
        try await store.write { transaction throws(APIFault) in
            var rule = try transaction.state.eventRule(request.rule, on: request.eventBusName, call)
            for target in new {
                if let index = rule.targets.firstIndex(where: { $0.id == target.id }) {
                    rule.targets[index] = target
                } else {
                    rule.targets.append(target)
                }
            }
            guard rule.targets.count <= Self.limit else { throw .eventLimitExceeded() }
            transaction.put(rule)
        }
        return EventsShapes.PutTargetsResponse(failedEntryCount: 0, failedEntries: [])
    }
}

/// Takes targets from a rule; what is on its way to them is given up.
struct RemoveTargets: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.RemoveTargetsRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.RemoveTargetsResponse {
        let ids = Set(request.ids ?? [])
        let missing = try await store.write { transaction throws(APIFault) -> [String] in
            var rule = try transaction.state.eventRule(request.rule, on: request.eventBusName, call)
            let missing = ids.filter { id in !rule.targets.contains { $0.id == id } }
            for id in ids {
                let target = EventTargetID(rule: rule.id, id: id)
                for delivery in Array(transaction.state.eventDeliveries(to: target)) {
                    transaction.delete(.eventDelivery(delivery.id))
                }
            }
            rule.targets.removeAll { ids.contains($0.id) }
            transaction.put(rule)
            return missing.sorted()
        }
        return EventsShapes.RemoveTargetsResponse(
            failedEntryCount: missing.count,
            failedEntries: missing.map {
                EventsShapes.RemoveTargetsResultEntry(
                    targetId: $0, errorCode: "ResourceNotFoundException",
                    errorMessage: "Rule \(request.rule ?? "") does not have a target with the Id : \($0)")
            })
    }
}
