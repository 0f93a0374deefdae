import AWSWire
import Domain
import Identifiers
import LogStore
import Logging
import LogsShapes

private let logger = Logger(label: "berth.front")

/// The operations of CloudWatch Logs on groups, streams and events.
enum LogOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let logs = ports.logs
        return [
            Operation(CreateLogGroup(logs: logs)), Operation(DeleteLogGroup(logs: logs)),
            Operation(DescribeLogGroups(logs: logs)), Operation(PutRetentionPolicy(logs: logs)),
            Operation(DeleteRetentionPolicy(logs: logs)), Operation(PutLogGroupDeletionProtection(logs: logs)),
            Operation(CreateLogStream(logs: logs)), Operation(DeleteLogStream(logs: logs)),
            Operation(DescribeLogStreams(logs: logs)), Operation(PutLogEvents(logs: logs)),
            Operation(GetLogEvents(logs: logs)), Operation(FilterLogEvents(logs: logs)),
            Operation(TagLogResource(logs: logs)), Operation(UntagLogResource(logs: logs)),
            Operation(ListTagsOfLogResource(logs: logs)), Operation(TagLogGroup(logs: logs)),
            Operation(UntagLogGroup(logs: logs)), Operation(ListTagsOfLogGroup(logs: logs)),
        ]
    }
}

/// Runs calls of the log store; what it says becomes the fault that a caller is shown.
func answeringLogs<Result: Sendable>(
    _ body: () async throws(LogStoreError) -> Result
) async throws(APIFault) -> Result {
    do throws(LogStoreError) {
        return try await body()
    } catch {
        throw APIFault(error)
    }
}

extension APIFault {
    init(_ error: LogStoreError) {
        switch error {
        case .noSuchGroup: self = .resourceNotFound("The specified log group does not exist.")
        case .noSuchStream: self = .resourceNotFound("The specified log stream does not exist.")
        case .groupExists: self = .resourceAlreadyExists("The specified log group already exists")
        case .streamExists: self = .resourceAlreadyExists("The specified log stream already exists")
        case .groupIsProtected:
            self = .validation("The log group has deletion protection enabled: disable it before you delete the group.")
        case .overloaded: self = .throttling()
        case .unavailable(let reason):
            logger.error("the log store does not work", metadata: ["reason": "\(reason)"])
            self = APIFault(
                "ServiceUnavailableException", side: .server,
                message: "The log store does not work now; the server's log says why. Please try again later.")
        }
    }

    private static func resourceAlreadyExists(_ message: String) -> APIFault {
        APIFault("ResourceAlreadyExistsException", message: message)
    }
}

extension LogGroupID {
    /// - Parameters:
    ///   - name: as the model's rules let it through.
    ///   - identifier: a name or an ARN; one of the two must be given.
    init(_ name: String?, or identifier: String? = nil, _ call: APICall) throws(APIFault) {
        switch (name, identifier) {
        case (let name?, nil): self.init(scope: call.scope, name: name)
        case (nil, let identifier?):
            if let group = LogGroupID(arn: identifier) {
                guard group.scope == call.scope else { throw APIFault(LogStoreError.noSuchGroup) }
                self = group
            } else {
                guard Self.isName(identifier) else {
                    throw .invalidParameter(
                        "logGroupIdentifier '\(identifier.prefix(512))' is neither the name nor the ARN of a log group."
                    )
                }
                self.init(scope: call.scope, name: identifier)
            }
        default:
            throw .invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be given.")
        }
    }
}

extension LogStreamID {
    /// - Throws: `InvalidParameterException` for a name with `:`, `*` or a character 0.
    init(_ name: String?, of group: LogGroupID) throws(APIFault) {
        let name = name ?? ""
        guard !name.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "*") || $0 == 0 }) else {
            throw .invalidParameter(
                "1 validation error detected: Value '\(name.prefix(512))' at 'logStreamName' failed to satisfy "
                    + "constraint: Member must satisfy regular expression pattern: [^:*]*")
        }
        self.init(group: group, name: name)
    }
}
