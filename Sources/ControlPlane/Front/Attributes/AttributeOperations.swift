import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore
import Validation

/// The operations on attributes that callers give to hosts.
enum AttributeOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(PutAttributes(store: ports.store)), Operation(DeleteAttributes(store: ports.store)),
            Operation(ListAttributes(store: ports.store)),
        ]
    }

    /// Most attributes of one request.
    private static let requestLimit = 10

    static func checked(_ attributes: [ECSShapes.Attribute]?) throws(APIFault) -> [ECSShapes.Attribute] {
        let attributes = attributes ?? []
        if attributes.isEmpty { throw .invalidParameter("attributes can not be empty.") }
        if attributes.count > requestLimit {
            throw .invalidParameter("attributes can have at most \(requestLimit) elements, got \(attributes.count).")
        }
        return attributes
    }

    /// The live host that an attribute names as its target, by full ARN or, with a target type, by short id.
    ///
    /// - Throws: `InvalidParameterException` without a target; `TargetNotFoundException`.
    static func target(
        of attribute: ECSShapes.Attribute, in cluster: ClusterID, _ state: StateSnapshot
    ) throws(APIFault) -> ContainerInstanceRecord {
        guard let id = attribute.targetId, !id.isEmpty else {
            throw .invalidParameter("targetId of the attribute '\(attribute.name ?? "")' must be specified.")
        }
        if attribute.targetType == nil, !id.hasPrefix("arn:") {
            throw .invalidParameter("targetType must be specified when targetId '\(id.prefix(200))' is a short id.")
        }
        guard let record = state.instance(id, in: cluster), record.status != .inactive else {
            throw APIFault("TargetNotFoundException", message: "The specified target wasn't found: \(id.prefix(200)).")
        }
        return record
    }
}

/// Gives attributes to hosts; one that is there gets the new value. All or nothing.
struct PutAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.PutAttributesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.PutAttributesResponse {
        let shapes = try AttributeOperations.checked(request.attributes)
        for shape in shapes {
            let attribute = Attribute(name: shape.name ?? "", value: shape.value)
            do throws(ValidationFault) { try attribute.checkCustom() } catch { throw APIFault(error) }
        }
        let attributes = try await store.write { transaction throws(APIFault) in
            let cluster = try transaction.state.cluster(request.cluster, call.scope)
            var shown: [ECSShapes.Attribute] = []
            for shape in shapes {
                var host = try AttributeOperations.target(of: shape, in: cluster.id, transaction.state)
                let attribute = Attribute(name: shape.name ?? "", value: shape.value)
                if try host.give(attribute) { transaction.put(host) }
                shown.append(ECSShapes.Attribute(attribute, of: host))
            }
            return shown
        }
        return ECSShapes.PutAttributesResponse(attributes: attributes)
    }
}

/// Takes attributes from hosts by their names.
struct DeleteAttributes: OperationHandler {
    let store: any StateStore

    /// Shows what was taken: a name that the host does not have is no error.
    func answer(
        _ request: ECSShapes.DeleteAttributesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteAttributesResponse {
        let shapes = try AttributeOperations.checked(request.attributes)
        for shape in shapes {
            let attribute = Attribute(name: shape.name ?? "")
            do throws(ValidationFault) { try attribute.checkCustom() } catch { throw APIFault(error) }
        }
        let attributes = try await store.write { transaction throws(APIFault) in
            let cluster = try transaction.state.cluster(request.cluster, call.scope)
            var taken: [ECSShapes.Attribute] = []
            for shape in shapes {
                var host = try AttributeOperations.target(of: shape, in: cluster.id, transaction.state)
                guard let index = host.attributes.firstIndex(where: { $0.name == shape.name }) else { continue }
                taken.append(ECSShapes.Attribute(host.attributes.remove(at: index), of: host))
                host.changeCount += 1
                transaction.put(host)
            }
            return taken
        }
        return ECSShapes.DeleteAttributesResponse(attributes: attributes)
    }
}

/// Lists the attributes of a cluster's hosts, built-in ones included, by host and name.
struct ListAttributes: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListAttributesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListAttributesResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        if request.attributeValue != nil, request.attributeName == nil {
            throw .invalidParameter("attributeName must be specified when attributeValue is.")
        }
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let entries = state.instances(in: cluster.id).lazy.filter { $0.status != .inactive }.flatMap { host in
            host.attributes.filter { attribute in
                (request.attributeName.map { attribute.name == $0 } ?? true)
                    && (request.attributeValue.map { attribute.value == $0 } ?? true)
            }.sorted { $0.name < $1.name }.map { Entry(host: host, attribute: $0) }
        }
        let (page, token) = paging.page(entries) { $0.key }
        return ECSShapes.ListAttributesResponse(
            attributes: page.map { ECSShapes.Attribute($0.attribute, of: $0.host) }, nextToken: token)
    }

    private struct Entry {
        var host: ContainerInstanceRecord
        var attribute: Attribute
        /// Ids of hosts have one length, so keys are in order of host, then of name.
        var key: String { "\(host.id.id) \(attribute.name)" }
    }
}

extension ContainerInstanceRecord {
    /// Sets a custom attribute.
    ///
    /// - Returns: whether anything changed.
    /// - Throws: `AttributeLimitExceededException` when the host has 10 others already.
    fileprivate mutating func give(_ attribute: Attribute) throws(APIFault) -> Bool {
        if let index = attributes.firstIndex(where: { $0.name == attribute.name }) {
            if attributes[index] == attribute { return false }
            attributes[index] = attribute
        } else {
            guard attributes.count(where: { !$0.isBuiltIn }) < Attribute.customLimit else {
                throw .attributeLimitExceeded(
                    "You can apply up to \(Attribute.customLimit) custom attributes for each resource: \(arn) has them."
                )
            }
            attributes.append(attribute)
        }
        changeCount += 1
        return true
    }
}

extension ECSShapes.Attribute {
    fileprivate init(_ attribute: Attribute, of host: ContainerInstanceRecord) {
        self.init(name: attribute.name, value: attribute.value, targetId: host.arn)
    }
}
