import AWSWire
import EventRules
import EventsShapes
import JSONBytes

/// Whether a pattern matches an event, both given by the caller.
struct TestEventPattern: OperationHandler {
    /// What an event must have to be one.
    private static let members = ["id", "account", "source", "time", "region", "resources", "detail-type"]

    func answer(
        _ request: EventsShapes.TestEventPatternRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.TestEventPatternResponse {
        let pattern: EventPattern
        do throws(EventPatternError) {
            pattern = try EventPattern(request.eventPattern ?? "")
        } catch {
            throw .invalidEventPattern(error.reason)
        }
        guard let event = try? JSONValue(jsonBytes: Array((request.event ?? "").utf8)), let members = event.object
        else {
            throw .validation("Parameter Event is not valid. Reason: It is not a JSON object.")
        }
        if let missing = Self.members.first(where: { members[$0] == nil }) {
            throw .validation("Parameter Event is not valid. Reason: It has no '\(missing)'.")
        }
        return EventsShapes.TestEventPatternResponse(result: pattern.matches(event))
    }
}
