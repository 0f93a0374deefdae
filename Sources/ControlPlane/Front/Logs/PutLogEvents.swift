import AWSWire
import Identifiers
import LogStore
import LogsShapes

/// Takes lines for a stream; those that are too old or too new are named in the answer and left out.
///
/// - Source: CloudWatch Logs API Reference, PutLogEvents
struct PutLogEvents: OperationHandler {
    private static let bytes = 1_048_576
    private static let longestSpan = Duration.seconds(86_400)
    private static let oldest = Duration.seconds(14 * 86_400)
    private static let newest = Duration.seconds(2 * 3_600)

    let logs: any LogStore

    func answer(
        _ request: LogsShapes.PutLogEventsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.PutLogEventsResponse {
        let id = try LogStreamID(request.logStreamName, of: LogGroupID(request.logGroupName, call))
        let events = (request.logEvents ?? []).map {
            NewLogEvent(time: Timestamp(milliseconds: $0.timestamp ?? 0), message: $0.message ?? "")
        }
        try Self.checkBatch(events)
        let group = try await answeringLogs { () async throws(LogStoreError) in try await logs.group(id.group) }
        let (taken, rejected) = Self.sorted(events, expiry: group.expiry(at: call.now), now: call.now)
        if let first = taken.first, let last = taken.last, first.time.adding(Self.longestSpan) < last.time {
            throw .invalidParameter(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
        }
        try await answeringLogs { () async throws(LogStoreError) in
            try await logs.append(taken, to: id, creating: .nothing, now: call.now)
        }
        return LogsShapes.PutLogEventsResponse(
            // Nobody needs it any more; older clients read it and give it back, and then it is not looked at.
            nextSequenceToken: LogPosition(time: call.now, number: 0).digits, rejectedLogEventsInfo: rejected,
            rejectedEntityInfo: request.entity.map { _ in
                LogsShapes.RejectedEntityInfo(errorType: "UnsupportedLogGroupType")
            })
    }

    private static func checkBatch(_ events: [NewLogEvent]) throws(APIFault) {
        let size = events.reduce(0) { $0 + $1.message.utf8.count + 26 }
        guard size <= bytes else {
            throw .invalidParameter("Upload too large: \(size) bytes exceeds limit of \(bytes)")
        }
        guard zip(events, events.dropFirst()).allSatisfy({ $0.time <= $1.time }) else {
            throw .invalidParameter(
                "Log events in a single PutLogEvents request must be in chronological order.")
        }
    }

    /// The events that are taken, and at which of the batch, which is in order, those begin and end that are not.
    private static func sorted(
        _ events: [NewLogEvent], expiry: Timestamp?, now: Timestamp
    ) -> (taken: [NewLogEvent], rejected: LogsShapes.RejectedLogEventsInfo?) {
        let old = now.adding(.zero - oldest)
        let new = now.adding(newest)
        let tooOld = events.prefix { $0.time < old }.count
        let expired = expiry.map { expiry in events.prefix { $0.time < expiry }.count } ?? 0
        let taken = events.dropFirst(max(tooOld, expired)).prefix { $0.time <= new }
        guard taken.count < events.count else { return (events, nil) }
        let firstNew = events.firstIndex { $0.time > new }
        return (
            Array(taken),
            LogsShapes.RejectedLogEventsInfo(
                tooNewLogEventStartIndex: firstNew, tooOldLogEventEndIndex: tooOld > 0 ? tooOld : nil,
                expiredLogEventEndIndex: expired > 0 ? expired : nil)
        )
    }
}
