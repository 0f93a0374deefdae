/// The data plane of one host that balances: it carries out plans and tells what it sees.
///
/// Traffic flows without us: what was applied goes on when this process ends, and is found again at its next start.
public protocol Balancer: Sendable {
    /// Makes the data plane do what `plan` says, and nothing else. Applying the same plan again is cheap.
    ///
    /// Targets, their states and the weights of forwards change at once and touch no connection of others; anything else
    /// changes all at once for new connections, and connections that are open are served to their end.
    /// - Returns: what of the plan could not be carried out, in the plan's order; everything else is in force. It is tried
    ///   anew with every call.
    /// - Throws: `.failed` when nothing, or not all, of the plan is in force; what was in force before goes on. Calling again
    ///   with the same or a newer plan puts it right.
    func apply(_ plan: BalancerPlan) async throws(BalancerError) -> [BalancerRefusal]

    /// What the data plane sees now. Cheap enough for once a second.
    ///
    /// - Throws: `.failed` when the data plane does not run or does not answer.
    func observe() async throws(BalancerError) -> BalancerObservation

    /// Ends the data plane with all its connections and removes everything it made on this host.
    func tearDown() async throws(BalancerError)
}

/// What the data plane says of each request, for load balancers whose plan asks for it.
public protocol AccessLogSource: Sendable {
    /// The lines since the last call, oldest first. Who asks seldom loses some: 10,000 wait at most, the newest stay.
    ///
    /// - Throws: `.failed` when the data plane's files cannot be used.
    func takeAccessLog() async throws(BalancerError) -> [AccessLogEntry]
}

/// What went wrong at the data plane. Texts are for people.
public enum BalancerError: Error, Hashable, Sendable {
    case failed(String)

    public var text: String {
        switch self {
        case .failed(let text): text
        }
    }
}

/// A part of a plan that the data plane leaves out.
public struct BalancerRefusal: Hashable, Codable, Sendable {
    public enum Subject: Hashable, Codable, Sendable {
        /// Its listeners are served at its own addresses, but not by name at the shared ones.
        case shared(listener: String)
        /// The listener is not served, neither at its own addresses nor at shared ones.
        case listener(String)
        /// The rule never holds.
        case rule(String, listener: String)
        /// The group has no targets for now: forwards to it answer 503.
        case targetGroup(String)
    }

    public var subject: Subject
    /// For people, such as "10.98.0.2:80 is in use by another program".
    public var reason: String

    public init(_ subject: Subject, reason: String) {
        self.subject = subject
        self.reason = reason
    }
}
