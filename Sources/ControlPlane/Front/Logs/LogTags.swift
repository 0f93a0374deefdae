import AWSWire
import Domain
import Identifiers
import LogStore
import LogsShapes
import ShapeRules

/// Tags of log groups, which travel as a map.
enum LogTags {
    /// In the order of their keys.
    ///
    /// - Throws: `InvalidParameterException` for keys and values that the model rules out, and for the prefix `aws:`.
    static func checked(_ tags: [String: String]?) throws(APIFault) -> [KeyValue] {
        var checked: [KeyValue] = []
        for (key, value) in (tags ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard (1...128).contains(key.unicodeScalars.count), key.unicodeScalars.allSatisfy(isAllowed) else {
                throw .invalidParameter("Tag key '\(key.prefix(200))' is not valid.")
            }
            guard value.unicodeScalars.count <= 256, value.unicodeScalars.allSatisfy(isAllowed) else {
                throw .invalidParameter("The value of tag '\(key)' is not valid.")
            }
            try Tags.checkPrefix(key)
            checked.append(KeyValue(key: key, value: value))
        }
        guard checked.count <= Tags.limit else {
            throw .invalidParameter("The maximum number of tags is \(Tags.limit), got \(checked.count).")
        }
        return checked
    }

    /// - Source: the model's pattern of tag keys: letters, separators, numbers and `_.:/=+-@`
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spaceSeparator,
            .lineSeparator, .paragraphSeparator, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: "_.:/=+-@".unicodeScalars.contains(scalar)
        }
    }

    static func shown(_ tags: [KeyValue]) -> [String: String] {
        Dictionary(tags.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// - Throws: `InvalidParameterException` for what is no log group's ARN.
    static func group(_ arn: String?, _ call: APICall) throws(APIFault) -> LogGroupID {
        let arn = arn ?? ""
        guard let id = LogGroupID(arn: arn) else {
            throw .invalidParameter("'\(arn.prefix(1011))' is not the ARN of a log group.")
        }
        guard id.scope == call.scope else { throw APIFault(LogStoreError.noSuchGroup) }
        return id
    }
}

extension LogStore {
    fileprivate func tag(_ id: LogGroupID, _ tags: [String: String]?) async throws(APIFault) {
        let new = try LogTags.checked(tags)
        let fault = try await answeringLogs { () async throws(LogStoreError) in
            try await change(id) { group -> APIFault? in
                do throws(APIFault) {
                    group.tags = try Tags.merged(new, into: group.tags)
                    return nil
                } catch {
                    return APIFault("TooManyTagsException", message: error.message)
                }
            }
        }
        if let fault { throw fault }
    }

    fileprivate func untag(_ id: LogGroupID, _ keys: [String]?) async throws(APIFault) {
        let keys = Set(keys ?? [])
        try await answeringLogs { () async throws(LogStoreError) in
            try await change(id) { group in group.tags.removeAll { keys.contains($0.key) } }
        }
    }

    fileprivate func tags(of id: LogGroupID) async throws(APIFault) -> [String: String] {
        LogTags.shown(try await answeringLogs { () async throws(LogStoreError) in try await group(id) }.tags)
    }
}

struct TagLogResource: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.TagResourceRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        try await logs.tag(LogTags.group(request.resourceArn, call), request.tags)
        return EmptyResponse()
    }
}

struct UntagLogResource: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.UntagResourceRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        try await logs.untag(LogTags.group(request.resourceArn, call), request.tagKeys)
        return EmptyResponse()
    }
}

struct ListTagsOfLogResource: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.ListTagsForResourceRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.ListTagsForResourceResponse {
        LogsShapes.ListTagsForResourceResponse(
            tags: try await logs.tags(of: LogTags.group(request.resourceArn, call)))
    }
}

struct TagLogGroup: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.TagLogGroupRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        try await logs.tag(LogGroupID(request.logGroupName, call), request.tags)
        return EmptyResponse()
    }
}

struct UntagLogGroup: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.UntagLogGroupRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        try await logs.untag(LogGroupID(request.logGroupName, call), request.tags)
        return EmptyResponse()
    }
}

struct ListTagsOfLogGroup: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.ListTagsLogGroupRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.ListTagsLogGroupResponse {
        LogsShapes.ListTagsLogGroupResponse(tags: try await logs.tags(of: LogGroupID(request.logGroupName, call)))
    }
}
