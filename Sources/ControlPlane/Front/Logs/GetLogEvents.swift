import AWSWire
import Identifiers
import LogStore
import LogsShapes

/// The events of one stream, a page at a time in both directions.
struct GetLogEvents: OperationHandler {
    let logs: any LogStore

    func answer(
        _ request: LogsShapes.GetLogEventsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.GetLogEventsResponse {
        let group = try LogGroupID(request.logGroupName, or: request.logGroupIdentifier, call)
        let stream = try LogStreamID(request.logStreamName, of: group)
        let token = try request.nextToken.map { text throws(APIFault) in try LogToken(text) }
        var query = LogQuery(
            group: group, streams: .named([stream.name]),
            direction: token?.direction ?? (request.startFromHead == true ? .forwards : .backwards),
            limit: request.limit ?? 10_000)
        query.position = token?.position
        query.from = request.startTime.map { Timestamp(milliseconds: $0) }
        query.to = request.endTime.map { Timestamp(milliseconds: $0) }
        let wanted = query
        let page = try await answeringLogs { () async throws(LogStoreError) in
            try await logs.events(wanted, now: call.now)
        }
        let events = query.direction == .forwards ? page.events : page.events.reversed()
        // Where nothing is found the tokens stay where they are, and find what comes later.
        let place = token?.position ?? LogPosition(time: query.from ?? Timestamp(milliseconds: 0), number: 0)
        return LogsShapes.GetLogEventsResponse(
            events: events.map {
                LogsShapes.OutputLogEvent(
                    timestamp: $0.position.time.milliseconds, message: $0.message,
                    ingestionTime: $0.ingestedAt.milliseconds)
            }, nextForwardToken: LogToken(.forwards, events.last?.position ?? place).text,
            nextBackwardToken: LogToken(.backwards, events.first?.position ?? place).text)
    }
}
