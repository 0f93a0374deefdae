public import Domain
public import Identifiers

/// A stored log group.
public struct LogGroupRecord: Hashable, Sendable {
    public var id: LogGroupID
    public var createdAt: Timestamp
    /// Days after which its events go; nil keeps them until the store is full.
    public var retentionDays: Int?
    public var isDeletionProtected: Bool = false
    /// In the order in which they were put.
    public var tags: [KeyValue] = []
    /// Of its events as CloudWatch Logs counts: each message's UTF-8 and 26 more. Written by the store alone.
    public var storedBytes: Int64 = 0

    public init(id: LogGroupID, createdAt: Timestamp) {
        self.id = id
        self.createdAt = createdAt
    }

    /// Events before it are expired; nil when none ever is.
    public func expiry(at now: Timestamp) -> Timestamp? {
        retentionDays.map { now.adding(.seconds(-Int64($0.clamped(to: 1...36_500)) * 86_400)) }
    }
}

/// A stored stream of a log group.
public struct LogStreamRecord: Hashable, Sendable {
    public var id: LogStreamID
    public var createdAt: Timestamp
    /// nil while it has no events, as with the next two.
    public var firstEvent: Timestamp?
    public var lastEvent: Timestamp?
    public var lastIngestion: Timestamp?

    public init(id: LogStreamID, createdAt: Timestamp) {
        self.id = id
        self.createdAt = createdAt
    }
}

/// One line on its way to the store.
public struct NewLogEvent: Hashable, Sendable {
    /// When it happened, by whoever says it.
    public var time: Timestamp
    public var message: String

    public init(time: Timestamp, message: String) {
        self.time = time
        self.message = message
    }
}

/// Where an event stands among all: by its time, and among equal times in the order in which they came.
public struct LogPosition: Hashable, Comparable, Sendable {
    public var time: Timestamp
    /// Grows with every event of the store.
    public var number: Int64

    public init(time: Timestamp, number: Int64) {
        self.time = time
        self.number = number
    }

    public static func < (lhs: LogPosition, rhs: LogPosition) -> Bool {
        (lhs.time, lhs.number) < (rhs.time, rhs.number)
    }
}

/// A stored event.
public struct LogEvent: Hashable, Sendable {
    /// The name of its stream.
    public var stream: String
    public var position: LogPosition
    /// When the store took it.
    public var ingestedAt: Timestamp
    public var message: String

    public init(stream: String, position: LogPosition, ingestedAt: Timestamp, message: String) {
        self.stream = stream
        self.position = position
        self.ingestedAt = ingestedAt
        self.message = message
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
