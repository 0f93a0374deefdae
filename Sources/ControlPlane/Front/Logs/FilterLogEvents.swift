import AWSWire
import Identifiers
import LogFilters
import LogStore
import LogsShapes

/// The events of a group that match a pattern, in the order of their times.
struct FilterLogEvents: OperationHandler {
    /// Most events that one answer looks at for its pattern; a page may be short then, or empty, and yet have a token.
    private static let searched = 50_000
    private static let bytes = 1 << 20

    let logs: any LogStore

    func answer(
        _ request: LogsShapes.FilterLogEventsRequest, _ call: APICall
    ) async throws(APIFault) -> LogsShapes.FilterLogEventsResponse {
        var query = try Self.query(request, call)
        let pattern = try Self.pattern(request.filterPattern)
        let limit = request.limit ?? 10_000
        var page = Page()
        var seen = 0
        repeat {
            let wanted = query
            let next = try await answeringLogs { () async throws(LogStoreError) in
                try await logs.events(wanted, now: call.now)
            }
            for event in next.events where !page.isFull {
                seen += 1
                page.take(event, matches: pattern.matches(event.message), limit: limit, bytes: Self.bytes)
            }
            // The store looked at as much as one answer may, and found none.
            if next.events.isEmpty { seen = Self.searched }
            query.position = next.next
            if !page.isFull { page.next = next.next }
        } while !page.isFull && query.position != nil && seen < Self.searched
        return LogsShapes.FilterLogEventsResponse(
            events: page.events.map(LogsShapes.FilteredLogEvent.init), searchedLogStreams: [],
            nextToken: page.next.map { Paging.token($0.digits) })
    }

    /// What an answer has gathered.
    private struct Page {
        var events: [LogEvent] = []
        var bytes = 0
        var next: LogPosition?
        /// The next event does not belong to it any more.
        var isFull = false
        private var last: LogPosition?

        mutating func take(_ event: LogEvent, matches: Bool, limit: Int, bytes most: Int) {
            if matches {
                let size = event.message.utf8.count + 26
                guard events.count < limit, events.isEmpty || bytes + size <= most else {
                    isFull = true
                    next = last
                    return
                }
                events.append(event)
                bytes += size
            }
            last = event.position
        }
    }

    private static func query(
        _ request: LogsShapes.FilterLogEventsRequest, _ call: APICall
    ) throws(APIFault) -> LogQuery {
        let group = try LogGroupID(request.logGroupName, or: request.logGroupIdentifier, call)
        guard request.logStreamNames == nil || request.logStreamNamePrefix == nil else {
            throw .invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
        }
        var streams = LogQuery.Streams.all
        if let names = request.logStreamNames {
            streams = .named(try names.map { name throws(APIFault) in try LogStreamID(name, of: group).name })
        }
        if let prefix = request.logStreamNamePrefix {
            streams = .prefixed(try LogStreamID(prefix, of: group).name)
        }
        var query = LogQuery(group: group, streams: streams)
        query.from = request.startTime.map { Timestamp(milliseconds: $0) }
        query.to = request.endTime.map { Timestamp(milliseconds: $0 == .max ? $0 : $0 + 1) }
        if let token = request.nextToken {
            guard let position = (try Paging(nil, token)).last.flatMap({ LogPosition(digits: $0) }) else {
                throw .invalidParameter("The specified nextToken is invalid.")
            }
            query.position = position
        }
        return query
    }

    private static func pattern(_ text: String?) throws(APIFault) -> LogFilterPattern {
        do throws(LogFilterError) {
            return try LogFilterPattern(text ?? "")
        } catch {
            switch error.kind {
            case .invalid: throw .invalidParameter("Invalid filter pattern: \(error.text)")
            case .notBuilt: throw .unsupportedFeature("filterPattern is not supported as it is: \(error.text)")
            }
        }
    }
}

extension LogsShapes.FilteredLogEvent {
    fileprivate init(_ event: LogEvent) {
        self.init(
            logStreamName: event.stream, timestamp: event.position.time.milliseconds, message: event.message,
            ingestionTime: event.ingestedAt.milliseconds, eventId: event.position.digits)
    }
}
