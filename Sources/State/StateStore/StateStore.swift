/// The only meeting place of everything that runs in the control plane.
///
/// Every implementation passes the suite in `Conformance`.
public protocol StateStore: Sendable {
    /// The newest durable state: a frozen value, free to keep.
    func committed() -> StateSnapshot

    /// Commits what `body` put, or nothing; returns once it is durable and visible.
    ///
    /// `body` runs on the newest state, synchronously and briefly: it checks and applies a plan, it does not make one.
    /// A body that changes nothing returns at once with the revision it saw, after that revision is durable.
    /// - Parameter expected: versions of the aggregates the plan was made from.
    /// - Throws: `.conflict` when one of them moved, once `committed()` shows it; `.refused` with what `body` threw, once
    ///   what it saw is durable; `.unavailable` when the log cannot take writes. Nothing changed then.
    func commit<Result: Sendable, Refusal: Error>(
        expecting expected: AggregateVersions,
        _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
    ) async throws(CommitError<Refusal>) -> Committed<Result>

    /// Streams every batch committed after `revision`, in commit order, that touches a kind in `scope`.
    ///
    /// Yields `.resync` and ends when the gap cannot be supplied (compaction, slow reader, restore). Take a new snapshot,
    /// then watch again.
    func watch(_ scope: WatchScope, after revision: Revision) -> AsyncStream<WatchEvent>
}

extension StateStore {
    /// Commits without expectations: for bodies whose own checks suffice.
    public func commit<Result: Sendable, Refusal: Error>(
        _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
    ) async throws(CommitError<Refusal>) -> Committed<Result> {
        try await commit(expecting: AggregateVersions(), body)
    }
}

/// A number that grows by one with every commit.
public struct Revision: Hashable, Comparable, Codable, Sendable {
    public var value: Int64

    public init(_ value: Int64) { self.value = value }

    public static let zero = Revision(0)

    public static func < (lhs: Revision, rhs: Revision) -> Bool { lhs.value < rhs.value }
}

/// What a commit gave back and where it stands in the log.
public struct Committed<Result: Sendable>: Sendable {
    public var result: Result
    public var revision: Revision

    public init(result: Result, revision: Revision) {
        self.result = result
        self.revision = revision
    }
}

public enum CommitError<Refusal: Error>: Error {
    /// An aggregate moved since the plan was made. Plan again.
    case conflict(AggregateID)
    /// The body refused; nothing was written.
    case refused(Refusal)
    /// The log cannot take writes; the text says what was found and what would mend it.
    case unavailable(String)
}

/// Kinds of records a watcher wants to hear of.
public struct WatchScope: OptionSet, Sendable {
    public var rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let clusters = WatchScope(rawValue: 1 << 0)
    public static let definitions = WatchScope(rawValue: 1 << 1)
    public static let services = WatchScope(rawValue: 1 << 2)
    public static let tasks = WatchScope(rawValue: 1 << 3)
    public static let instances = WatchScope(rawValue: 1 << 4)
    public static let credentials = WatchScope(rawValue: 1 << 5)
    public static let daemons = WatchScope(rawValue: 1 << 6)
    public static let usage = WatchScope(rawValue: 1 << 7)
    /// Rules, events that callers put, and how far they were read.
    public static let eventRules = WatchScope(rawValue: 1 << 8)
    public static let eventDeliveries = WatchScope(rawValue: 1 << 9)
    /// Load balancers, listeners, rules, target groups and certificates.
    public static let loadBalancers = WatchScope(rawValue: 1 << 10)
    public static let targets = WatchScope(rawValue: 1 << 11)
    /// Alarms and their history.
    public static let alarms = WatchScope(rawValue: 1 << 12)
    /// Scalable targets, policies, scheduled actions and activities.
    public static let scaling = WatchScope(rawValue: 1 << 13)
    public static let all: WatchScope = [
        .clusters, .definitions, .services, .tasks, .instances, .credentials, .daemons, .usage, .eventRules,
        .eventDeliveries, .loadBalancers, .targets, .alarms, .scaling,
    ]
}

public enum WatchEvent: Hashable, Sendable {
    /// The changes of one commit that fall in the scope, in the order they were made.
    case batch(Revision, [Change])
    /// Events are missing. Take a new snapshot, then watch again.
    case resync
}
