import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// Tags of load balancers and what belongs to them.
enum BalancingTags {
    /// - Throws: `ValidationError` for the reserved prefix, `DuplicateTagKeys`, `TooManyTags`.
    static func checked(_ tags: [ELBShapes.Tag]?) throws(APIFault) -> [KeyValue] {
        var checked: [KeyValue] = []
        for tag in tags ?? [] {
            let key = tag.key ?? ""
            if Tags.isReserved(key) {
                throw .validation("Tag key '\(key)' cannot begin with the reserved prefix 'aws:'")
            }
            if checked.contains(where: { $0.key == key }) { throw .duplicateTagKeys(key) }
            checked.append(KeyValue(key: key, value: tag.value ?? ""))
            guard checked.count <= BalancingLimits.tags else { throw .tooMany("Tags", limit: BalancingLimits.tags) }
        }
        return checked
    }

    /// `old` with `new` over it.
    ///
    /// - Throws: `TooManyTags`.
    static func merged(_ new: [KeyValue], into old: [KeyValue]) throws(APIFault) -> [KeyValue] {
        do throws(APIFault) { return try Tags.merged(new, into: old) } catch {
            throw .tooMany("Tags", limit: BalancingLimits.tags)
        }
    }
}

/// Something that has tags, by its ARN.
enum TaggedBalancing {
    case loadBalancer(LoadBalancerRecord), listener(ListenerRecord), rule(ListenerRuleRecord)
    case defaultRule(ListenerRecord), targetGroup(TargetGroupRecord)

    /// - Throws: `ValidationError` for what is no ARN of a taggable resource; the fault of its kind when it is not
    ///   there.
    init(_ arn: String, in state: StateSnapshot) throws(APIFault) {
        if LoadBalancerID(arn: arn) != nil {
            self = .loadBalancer(try state.loadBalancer(arn))
        } else if ListenerID(arn: arn) != nil {
            self = .listener(try state.listener(arn))
        } else if TargetGroupID(arn: arn) != nil {
            self = .targetGroup(try state.targetGroup(arn))
        } else if let id = ListenerRuleID(arn: arn) {
            if let rule = state.listenerRules[id] {
                self = .rule(rule)
            } else if let listener = state.listeners[id.listener], listener.defaultRuleID == id {
                self = .defaultRule(listener)
            } else {
                throw .listenerRulesNotFound()
            }
        } else {
            throw .notAnARN(arn, of: "resource")
        }
    }

    var tags: [KeyValue] {
        get {
            switch self {
            case .loadBalancer(let record): record.tags
            case .listener(let record): record.tags
            case .rule(let record): record.tags
            case .defaultRule(let record): record.defaultRuleTags
            case .targetGroup(let record): record.tags
            }
        }
        set {
            switch self {
            case .loadBalancer(var record):
                record.tags = newValue
                self = .loadBalancer(record)
            case .listener(var record):
                record.tags = newValue
                self = .listener(record)
            case .rule(var record):
                record.tags = newValue
                self = .rule(record)
            case .defaultRule(var record):
                record.defaultRuleTags = newValue
                self = .defaultRule(record)
            case .targetGroup(var record):
                record.tags = newValue
                self = .targetGroup(record)
            }
        }
    }

    var record: Record {
        switch self {
        case .loadBalancer(let record): .loadBalancer(record)
        case .listener(let record), .defaultRule(let record): .listener(record)
        case .rule(let record): .listenerRule(record)
        case .targetGroup(let record): .targetGroup(record)
        }
    }
}

struct AddTags: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.AddTagsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.AddTagsOutput {
        let new = try BalancingTags.checked(request.tags)
        try await store.write { transaction throws(APIFault) in
            for arn in request.resourceArns ?? [] {
                var tagged = try TaggedBalancing(arn, in: transaction.state)
                tagged.tags = try BalancingTags.merged(new, into: tagged.tags)
                transaction.put(tagged.record)
            }
        }
        return ELBShapes.AddTagsOutput()
    }
}

struct RemoveTags: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ELBShapes.RemoveTagsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.RemoveTagsOutput {
        let keys = Set(request.tagKeys ?? [])
        try await store.write { transaction throws(APIFault) in
            for arn in request.resourceArns ?? [] {
                var tagged = try TaggedBalancing(arn, in: transaction.state)
                tagged.tags.removeAll { keys.contains($0.key) }
                transaction.put(tagged.record)
            }
        }
        return ELBShapes.RemoveTagsOutput()
    }
}

struct DescribeTags: OperationHandler {
    /// As many as AWS takes in one call.
    private static let limit = 20

    let store: any StateStore

    func answer(
        _ request: ELBShapes.DescribeTagsInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeTagsOutput {
        let arns = request.resourceArns ?? []
        guard arns.count <= Self.limit else {
            throw .validation("Tags of at most \(Self.limit) resources can be described at once, got \(arns.count)")
        }
        let state = store.committed()
        var descriptions: [ELBShapes.TagDescription] = []
        for arn in arns {
            let tags = try TaggedBalancing(arn, in: state).tags
            descriptions.append(
                ELBShapes.TagDescription(
                    resourceArn: arn, tags: tags.map { ELBShapes.Tag(key: $0.key, value: $0.value) }))
        }
        return ELBShapes.DescribeTagsOutput(tagDescriptions: descriptions)
    }
}
