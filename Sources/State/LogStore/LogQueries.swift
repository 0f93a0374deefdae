public import Identifiers

/// Which events of a group are read, and from where on.
public struct LogQuery: Sendable {
    public enum Streams: Hashable, Sendable {
        case all
        /// Those of these names that there are.
        case named([String])
        case prefixed(String)
    }

    public enum Direction: Hashable, Sendable {
        /// The earliest first, after the position if there is one.
        case forwards
        /// The latest first, before the position if there is one.
        case backwards
    }

    public var group: LogGroupID
    public var streams: Streams
    public var direction: Direction
    /// Not before this time.
    public var from: Timestamp?
    /// Not at or after this time.
    public var to: Timestamp?
    public var position: LogPosition?
    /// Most events of one answer.
    public var limit: Int
    /// Most bytes of their messages, each with 26 more; one event is always given.
    public var byteLimit: Int

    public init(
        group: LogGroupID, streams: Streams, direction: Direction = .forwards, limit: Int = 10_000,
        byteLimit: Int = 1 << 20
    ) {
        self.group = group
        self.streams = streams
        self.direction = direction
        self.limit = limit
        self.byteLimit = byteLimit
    }
}

/// Events in the direction of their query.
public struct LogPage: Sendable {
    public var events: [LogEvent]
    /// From where to go on; nil when there is nothing further. Events may be few or none and yet more follow.
    public var next: LogPosition?

    public init(events: [LogEvent], next: LogPosition?) {
        self.events = events
        self.next = next
    }
}

/// Which streams of a group are listed, and in which order.
public struct LogStreamQuery: Sendable {
    public enum Order: Hashable, Sendable { case name, lastEvent }

    /// Where a list goes on: behind the stream of that name, which had that last event.
    public struct Place: Hashable, Sendable {
        /// nil for a stream without events, which comes before all others.
        public var lastEvent: Timestamp?
        public var name: String

        public init(lastEvent: Timestamp?, name: String) {
            self.lastEvent = lastEvent
            self.name = name
        }
    }

    public var group: LogGroupID
    public var prefix: String
    public var order: Order
    public var descending: Bool
    public var after: Place?
    public var limit: Int

    public init(
        group: LogGroupID, prefix: String = "", order: Order = .name, descending: Bool = false, after: Place? = nil,
        limit: Int
    ) {
        self.group = group
        self.prefix = prefix
        self.order = order
        self.descending = descending
        self.after = after
        self.limit = limit
    }
}

/// Which groups are listed, in the order of their names' bytes.
public struct LogGroupQuery: Sendable {
    public var scope: Scope
    public var prefix: String
    /// What a name must contain.
    public var part: String
    /// Begins behind that name.
    public var after: String?
    public var limit: Int

    public init(scope: Scope, prefix: String = "", part: String = "", after: String? = nil, limit: Int) {
        self.scope = scope
        self.prefix = prefix
        self.part = part
        self.after = after
        self.limit = limit
    }
}
