import AWSWire
import Domain
import ECSShapes
import EventsShapes
import Identifiers
import StateStore

/// Tags of rules; the bus has none.
enum EventTags {
    /// - Throws: `ValidationException` for more than 50 tags, doubled keys and the reserved prefix `aws:`.
    static func checked(_ tags: [EventsShapes.Tag]?) throws(APIFault) -> [KeyValue] {
        do throws(APIFault) {
            return try Tags.checked(tags?.map { ECSShapes.Tag(key: $0.key, value: $0.value) })
        } catch {
            throw .validation(error.message)
        }
    }

    /// - Throws: `ResourceNotFoundException` unless the ARN is that of a rule.
    static func rule(_ arn: String?, _ call: APICall, in state: StateSnapshot) throws(APIFault) -> EventRuleRecord {
        let arn = arn ?? ""
        let start = EventRuleID(scope: call.scope, name: "").arn
        guard arn.hasPrefix(start) else {
            throw .resourceNotFound("\(arn.prefix(200)) is not the ARN of a rule of this account and region.")
        }
        return try state.eventRule(String(arn.dropFirst(start.count)), on: nil, call)
    }
}

struct TagEventRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.TagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.TagResourceResponse {
        let new = try EventTags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            var rule = try EventTags.rule(request.resourceARN, call, in: transaction.state)
            rule.tags = try Tags.merged(new, into: rule.tags)
            transaction.put(rule)
        }
        return EventsShapes.TagResourceResponse()
    }
}

struct UntagEventRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.UntagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.UntagResourceResponse {
        let keys = Set(request.tagKeys ?? [])
        try await store.write { transaction throws(APIFault) in
            var rule = try EventTags.rule(request.resourceARN, call, in: transaction.state)
            rule.tags.removeAll { keys.contains($0.key) }
            transaction.put(rule)
        }
        return EventsShapes.UntagResourceResponse()
    }
}

struct ListTagsOfEventRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.ListTagsForResourceRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.ListTagsForResourceResponse {
        let rule = try EventTags.rule(request.resourceARN, call, in: store.committed())
        return EventsShapes.ListTagsForResourceResponse(
            tags: rule.tags.map { EventsShapes.Tag(key: $0.key, value: $0.value) })
    }
}
