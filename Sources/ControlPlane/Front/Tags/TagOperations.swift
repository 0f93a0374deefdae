import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on the tags of any resource, by its ARN.
enum TagOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(TagResource(store: ports.store)), Operation(UntagResource(store: ports.store)),
            Operation(ListTagsForResource(store: ports.store)),
        ]
    }

    /// The resource of an ARN.
    ///
    /// A host may look at what is its own; it is not told whether anything else exists.
    /// - Throws: `InvalidParameterException` for an ARN of another account, of no taggable kind or of a service's old
    ///   form; the kind's own fault when there is no such resource or it has ended.
    static func resource(
        _ text: String, _ call: APICall, _ operation: ECSOperation, in state: StateSnapshot
    ) throws(APIFault) -> TaggedResource {
        guard let arn = ARN(text), arn.scope == call.scope else { throw .invalidParameter("Invalid arn syntax.") }
        if arn.type == "service", arn.path.count == 1 {
            throw .invalidParameter("Long arn format must be used for tagging operations")
        }
        guard let kind = TaggableKind.all.first(where: { $0.type == arn.type && $0.parts == arn.path.count }) else {
            throw .invalidParameter("Invalid arn syntax.")
        }
        let resource = kind.find(arn, state)
        try call.requireOwn(resource?.host, operation, on: text)
        guard let resource else { throw kind.missing }
        if let ended = resource.ended { throw ended }
        return resource
    }
}

/// Adds tags to a resource; a key that is there gets the new value.
struct TagResource: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.TagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.TagResourceResponse {
        let new = try Tags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            let resource = try TagOperations.resource(
                request.resourceArn ?? "", call, .tagResource, in: transaction.state)
            let tags = try Tags.merged(new, into: resource.tags)
            if tags != resource.tags { resource.put(tags, &transaction) }
        }
        return ECSShapes.TagResourceResponse()
    }
}

/// Takes tags from a resource by their keys; a key that is not there is no error.
struct UntagResource: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UntagResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UntagResourceResponse {
        let keys = Set(request.tagKeys ?? [])
        for key in keys.sorted() { try Tags.checkPrefix(key) }
        try await store.write { transaction throws(APIFault) in
            let resource = try TagOperations.resource(
                request.resourceArn ?? "", call, .untagResource, in: transaction.state)
            let tags = resource.tags.filter { !keys.contains($0.key) }
            if tags != resource.tags { resource.put(tags, &transaction) }
        }
        return ECSShapes.UntagResourceResponse()
    }
}

struct ListTagsForResource: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListTagsForResourceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListTagsForResourceResponse {
        let resource = try TagOperations.resource(
            request.resourceArn ?? "", call, .listTagsForResource, in: store.committed())
        return ECSShapes.ListTagsForResourceResponse(tags: resource.tags.tagShapes)
    }
}
