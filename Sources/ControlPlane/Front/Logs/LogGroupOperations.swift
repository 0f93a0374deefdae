import AWSWire
import Domain
import Identifiers
import LogStore
import LogsShapes
import ShapeRules

struct CreateLogGroup: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.CreateLogGroupRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        let id = try LogGroupID(request.logGroupName, call)
        guard !id.name.hasPrefix("aws/") else {
            throw .invalidParameter("Log group names cannot start with aws/.")
        }
        if request.kmsKeyId != nil {
            throw .unsupportedFeature("kmsKeyId is not supported: there are no KMS keys here.")
        }
        if let kind = request.logGroupClass, kind != "STANDARD" {
            throw .unsupportedFeature("logGroupClass is not supported: of the classes only STANDARD is built.")
        }
        var group = LogGroupRecord(id: id, createdAt: call.now)
        group.tags = try LogTags.checked(request.tags)
        group.isDeletionProtected = request.deletionProtectionEnabled ?? false
        try await answeringLogs { [group] () async throws(LogStoreError) in try await logs.create(group) }
        return EmptyResponse()
    }
}

struct DeleteLogGroup: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.DeleteLogGroupRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        let id = try LogGroupID(request.logGroupName, call)
        try await answeringLogs { () async throws(LogStoreError) in try await logs.delete(id) }
        return EmptyResponse()
    }
}

struct DescribeLogGroups: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.DescribeLogGroupsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.DescribeLogGroupsResponse {
        if request.includeLinkedAccounts == true {
            throw .unsupportedFeature("includeLinkedAccounts is not supported: there are no linked accounts here.")
        }
        if request.accountIdentifiers?.nonEmpty != nil {
            throw .unsupportedFeature("accountIdentifiers is not supported: there are no linked accounts here.")
        }
        if let identifiers = request.logGroupIdentifiers {
            return try await named(identifiers, request, call)
        }
        guard request.logGroupNamePrefix == nil || request.logGroupNamePattern == nil else {
            throw .invalidParameter("logGroupNamePrefix and logGroupNamePattern are mutually exclusive parameters.")
        }
        let paging = try Paging(request.limit, request.nextToken, standard: 50, limit: 50)
        let isOfOtherClass = request.logGroupClass.map { $0 != "STANDARD" } ?? false
        guard !isOfOtherClass else { return LogsShapes.DescribeLogGroupsResponse(logGroups: []) }
        let query = LogGroupQuery(
            scope: call.scope, prefix: request.logGroupNamePrefix ?? "", part: request.logGroupNamePattern ?? "",
            after: paging.last, limit: paging.size + 1)
        let groups = try await answeringLogs { () async throws(LogStoreError) in try await logs.groups(query) }
        let page = groups.prefix(paging.size)
        return LogsShapes.DescribeLogGroupsResponse(
            logGroups: page.map(LogsShapes.LogGroup.init),
            nextToken: groups.count > page.count ? page.last.map { Paging.token($0.id.name) } : nil)
    }

    /// Those of the names and ARNs that there are.
    private func named(
        _ identifiers: [String], _ request: LogsShapes.DescribeLogGroupsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.DescribeLogGroupsResponse {
        guard request.logGroupNamePrefix == nil, request.logGroupNamePattern == nil, request.logGroupClass == nil,
            request.nextToken == nil
        else { throw .invalidParameter("Beside logGroupIdentifiers no other filter can be given.") }
        var groups: [LogGroupRecord] = []
        for identifier in identifiers {
            let id = try LogGroupID(nil, or: identifier, call)
            do throws(LogStoreError) {
                groups.append(try await logs.group(id))
            } catch .noSuchGroup {
                continue
            } catch {
                throw APIFault(error)
            }
        }
        return LogsShapes.DescribeLogGroupsResponse(logGroups: groups.map(LogsShapes.LogGroup.init))
    }
}

extension LogsShapes.LogGroup {
    fileprivate init(_ group: LogGroupRecord) {
        self.init(
            logGroupName: group.id.name, creationTime: group.createdAt.milliseconds,
            retentionInDays: group.retentionDays, metricFilterCount: 0, arn: group.id.arn + ":*",
            storedBytes: group.storedBytes, logGroupClass: "STANDARD", logGroupArn: group.id.arn,
            deletionProtectionEnabled: group.isDeletionProtected)
    }
}

struct PutRetentionPolicy: OperationHandler {
    /// - Source: CloudWatch Logs API Reference, PutRetentionPolicy
    static let days = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]

    let logs: any LogStore

    func answer(
        _ request: LogsShapes.PutRetentionPolicyRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let id = try LogGroupID(request.logGroupName, call)
        guard let days = request.retentionInDays, Self.days.contains(days) else {
            throw .invalidParameter(
                "1 validation error detected: Value '\(request.retentionInDays ?? 0)' at 'retentionInDays' failed to "
                    + "satisfy constraint: Member must satisfy enum value set: \(Self.days)")
        }
        try await answeringLogs { () async throws(LogStoreError) in
            try await logs.change(id) { $0.retentionDays = days }
        }
        return EmptyResponse()
    }
}

struct DeleteRetentionPolicy: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.DeleteRetentionPolicyRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let id = try LogGroupID(request.logGroupName, call)
        try await answeringLogs { () async throws(LogStoreError) in
            try await logs.change(id) { $0.retentionDays = nil }
        }
        return EmptyResponse()
    }
}

struct PutLogGroupDeletionProtection: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.PutLogGroupDeletionProtectionRequest, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let id = try LogGroupID(nil, or: request.logGroupIdentifier, call)
        let isProtected = request.deletionProtectionEnabled ?? false
        try await answeringLogs { () async throws(LogStoreError) in
            try await logs.change(id) { $0.isDeletionProtected = isProtected }
        }
        return EmptyResponse()
    }
}
