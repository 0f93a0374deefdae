import AWSWire
import Identifiers
import LogStore
import LogsShapes
import ShapeRules

struct CreateLogStream: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.CreateLogStreamRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        let id = try LogStreamID(request.logStreamName, of: LogGroupID(request.logGroupName, call))
        try await answeringLogs { () async throws(LogStoreError) in try await logs.create(id, now: call.now) }
        return EmptyResponse()
    }
}

struct DeleteLogStream: OperationHandler {
    let logs: any LogStore

    func answer(_ request: LogsShapes.DeleteLogStreamRequest, _ call: APICall) async throws(APIFault) -> EmptyResponse {
        let id = try LogStreamID(request.logStreamName, of: LogGroupID(request.logGroupName, call))
        try await answeringLogs { () async throws(LogStoreError) in try await logs.delete(id) }
        return EmptyResponse()
    }
}

struct DescribeLogStreams: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.DescribeLogStreamsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.DescribeLogStreamsResponse {
        let group = try LogGroupID(request.logGroupName, or: request.logGroupIdentifier, call)
        let isByEvent = request.orderBy == "LastEventTime"
        guard !isByEvent || request.logStreamNamePrefix == nil else {
            throw .invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        let prefix = try LogStreamID(request.logStreamNamePrefix, of: group).name
        let paging = try Paging(request.limit, request.nextToken, standard: 50, limit: 50)
        let query = LogStreamQuery(
            group: group, prefix: prefix, order: isByEvent ? .lastEvent : .name,
            descending: request.descending ?? false, after: try paging.last.map(Self.place), limit: paging.size + 1)
        let streams = try await answeringLogs { () async throws(LogStoreError) in try await logs.streams(query) }
        let page = streams.prefix(paging.size)
        return LogsShapes.DescribeLogStreamsResponse(
            logStreams: page.map(LogsShapes.LogStream.init),
            nextToken: streams.count > page.count ? page.last.map { Paging.token(Self.key($0.place)) } : nil)
    }

    /// A stream without events has no time in it.
    private static func key(_ place: LogStreamQuery.Place) -> String {
        (place.lastEvent.map { "\($0.milliseconds)" } ?? "") + " " + place.name
    }

    private static func place(_ key: String) throws(APIFault) -> LogStreamQuery.Place {
        let parts = key.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].isEmpty || Int64(parts[0]) != nil else {
            throw .invalidParameter("Invalid token.")
        }
        return LogStreamQuery.Place(
            lastEvent: Int64(parts[0]).map { Timestamp(milliseconds: $0) }, name: String(parts[1]))
    }
}

extension LogsShapes.LogStream {
    fileprivate init(_ stream: LogStreamRecord) {
        // AWS gives 0 for every stream's bytes since 2019.
        self.init(
            logStreamName: stream.id.name, creationTime: stream.createdAt.milliseconds,
            firstEventTimestamp: stream.firstEvent?.milliseconds, lastEventTimestamp: stream.lastEvent?.milliseconds,
            lastIngestionTime: stream.lastIngestion?.milliseconds, arn: stream.id.arn, storedBytes: 0)
    }
}

extension LogStreamRecord {
    fileprivate var place: LogStreamQuery.Place {
        LogStreamQuery.Place(lastEvent: lastEvent, name: id.name)
    }
}
