import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import ScalingShapes
import StateStore

/// Tags of scalable targets: the rules of all tags, in the faults of Application Auto Scaling.
enum ScalingTags {
    /// In order of their keys, for a map has none.
    static func checked(_ tags: [String: String]?) throws(APIFault) -> [KeyValue] {
        let tags = (tags ?? [:]).sorted { $0.key < $1.key }
        guard tags.count <= Tags.limit else {
            throw .tooManyTags("The maximum number of tags is \(Tags.limit), got \(tags.count).")
        }
        for (key, value) in tags where key.count > 128 || value.count > 256 {
            throw .validation("Tag '\(key.prefix(128))': keys have 1 to 128 characters, values at most 256.")
        }
        do throws(APIFault) {
            return try Tags.checked(tags.map { ECSShapes.Tag(key: $0.key, value: $0.value) })
        } catch {
            throw .validation(error.message)
        }
    }

    static func merged(_ new: [KeyValue], into old: [KeyValue]) throws(APIFault) -> [KeyValue] {
        do throws(APIFault) {
            return try Tags.merged(new, into: old)
        } catch {
            throw .tooManyTags(error.message)
        }
    }

    /// - Throws: `ResourceNotFoundException` unless the ARN is that of a scalable target.
    static func target(_ arn: String?, _ call: APICall, in state: StateSnapshot) throws(APIFault)
        -> ScalableTargetRecord
    {
        let arn = arn ?? ""
        let found = state.scalableTargets.values().first { $0.1.arn == arn && $0.0.cluster.scope == call.scope }
        guard let found else {
            throw APIFault(
                "ResourceNotFoundException", message: "No scalable target found for ARN \(arn.prefix(300)).",
                fields: ["ResourceName": .string(arn)])
        }
        return found.1
    }
}

struct TagScalableTarget: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.TagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.TagResourceResponse {
        let new = try ScalingTags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            var target = try ScalingTags.target(request.resourceARN, call, in: transaction.state)
            target.tags = try ScalingTags.merged(new, into: target.tags)
            transaction.put(target)
        }
        return ScalingShapes.TagResourceResponse()
    }
}

struct UntagScalableTarget: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.UntagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.UntagResourceResponse {
        let keys = Set(request.tagKeys ?? [])
        try await store.write { transaction throws(APIFault) in
            var target = try ScalingTags.target(request.resourceARN, call, in: transaction.state)
            target.tags.removeAll { keys.contains($0.key) }
            transaction.put(target)
        }
        return ScalingShapes.UntagResourceResponse()
    }
}

struct ListTagsOfScalableTarget: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.ListTagsForResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.ListTagsForResourceResponse {
        let target = try ScalingTags.target(request.resourceARN, call, in: store.committed())
        return ScalingShapes.ListTagsForResourceResponse(
            tags: Dictionary(target.tags.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    }
}
