public import Domain
public import Identifiers

extension TaskRecord {
    /// The task after a request to stop. The first cause stays, and a stopped task has no use for another.
    public func requestingStop(_ code: StopCode, reason: String, now: Timestamp) -> TaskRecord {
        guard verdict.stop == nil, isLive else { return self }
        var task = self
        task.verdict.stop = StopRequest(code: code, reason: clipped(reason), at: now)
        return task
    }

    /// The task after its host was silent for too long. Final: late reports are history only.
    public func givenUp(now: Timestamp) -> TaskRecord {
        guard verdict.lostAt == nil, isLive, let placement else { return self }
        var task = requestingStop(
            .terminationNotice, reason: "Host (instance \(placement.instance.id)) lost: no sign of life.", now: now)
        task.verdict.lostAt = now
        return task
    }

    /// The task after its host was deregistered by force. Final: late reports are history only.
    public func deregistered(now: Timestamp) -> TaskRecord {
        guard verdict.lostAt == nil, isLive else { return self }
        var task = requestingStop(
            .userInitiated, reason: "Container instance deregistration forced by user", now: now)
        task.verdict.lostAt = now
        return task
    }

    /// Most tasks of one host that are given up in one transaction: with the host they stay below 100 records.
    public static let givenUpAtOnce = 90

    /// Whether the task's host can be heard; nil before the task has one.
    public func connectivity(isHostConnected: (ContainerInstanceID) -> Bool) -> Connectivity? {
        placement.map { isHostConnected($0.instance) ? .connected : .disconnected }
    }
}

/// Whether the control plane hears the host of a task.
public enum Connectivity: String, Hashable, Sendable { case connected, disconnected }

/// ECS shows at most 1,024 characters of a reason.
func clipped(_ reason: String) -> String { String(reason.prefix(1024)) }
