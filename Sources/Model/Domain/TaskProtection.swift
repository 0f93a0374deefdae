public import Identifiers

/// That a service's task shall not be stopped by scale-in or a deployment, until it expires.
public struct TaskProtection: Hashable, Codable, Sendable {
    public var expiresAt: Timestamp

    public init(expiresAt: Timestamp) { self.expiresAt = expiresAt }
}

extension TaskRecord {
    /// Whether scale-in and deployments must leave the task alone. It protects from nothing else: neither from StopTask nor
    /// from failed health checks.
    public func isProtected(at now: Timestamp) -> Bool { protection.map { $0.expiresAt > now } ?? false }
}
