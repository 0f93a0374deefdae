import Deployments
import Domain
import Identifiers

/// A task that runs less than this has failed to start, whatever it reported first.
/// - Source: the settling time of services without health checks.
let shortestLife = settlingTime

/// Long enough that a program which ends at once does not go from host to host, short enough for many hosts.
let provingTime = Duration.seconds(10)

let failedChecks = "Task failed container health checks"

extension TaskRecord {
    /// Whether the task ended by itself before it did its work for a while, or failed its checks.
    var hasFailed: Bool {
        guard lastStatus == .stopped, verdict.lostAt == nil else { return false }
        if let stop = verdict.stop { return stop.reason == failedChecks }
        guard let observed, observed.stopCode != nil else { return false }
        guard let startedAt = observed.startedAt else { return true }
        // Both by the control plane's clock; `executionStoppedAt` is by the host's.
        return (observed.stoppedAt ?? startedAt) < startedAt.adding(shortestLife)
    }
}

extension DaemonSnapshot {
    /// The tasks of a revision that failed, of those that the deployment made, in order of their ids.
    func failures(of revision: DaemonRevisionID?) -> [TaskID] {
        guard let revision else { return [] }
        return tasks.filter { $0.daemonRevision == revision && $0.startedBy == deployment.id.id && $0.hasFailed }
            .map(\.id).sorted()
    }

    /// Until when hosts get no other task of a revision, because the last ones failed there in a row.
    ///
    /// Counted from the stopped tasks that are still remembered, so after an hour without a start the count begins anew. A
    /// stop that is still to come by a clock that was set back holds nothing up.
    func throttles(of revision: DaemonRevisionID) -> [ContainerInstanceID: Timestamp] {
        var rows: [ContainerInstanceID: FailureRow] = [:]
        let newestFirst = tasks.filter { $0.daemonRevision == revision }
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        for task in newestFirst {
            if let host = task.placement?.instance { rows[host, default: FailureRow()].add(older: task, now: now) }
        }
        return rows.compactMapValues(\.throttledUntil)
    }
}

/// The newest tasks of one host that failed, up to the first that did not.
private struct FailureRow {
    private var count = 0
    private var lastAt: Timestamp?
    private var isOver = false

    mutating func add(older task: TaskRecord, now: Timestamp) {
        isOver = isOver || !task.hasFailed
        guard !isOver else { return }
        count += 1
        if let stoppedAt = task.stoppedAt, stoppedAt <= now { lastAt = max(lastAt ?? stoppedAt, stoppedAt) }
    }

    var throttledUntil: Timestamp? { lastAt?.adding(StartThrottle.delay(afterRounds: count)) }
}

extension DaemonDeploymentRecord {
    /// The count with those of `failures` added that are not in it yet; `failures` holds every failed task still remembered.
    mutating func count(_ failures: [TaskID], onto count: Int) -> Int {
        let ids = failures.map(\.id)
        guard let counted = countedFailures else {
            // Counted before failed tasks were named: which ones is not known.
            if !ids.isEmpty { countedFailures = ids }
            return max(count, ids.count)
        }
        let known = Set(counted)
        let fresh = ids.filter { !known.contains($0) }
        guard !fresh.isEmpty else { return count }
        let remembered = Set(ids)
        countedFailures = counted.filter(remembered.contains) + fresh
        return count + fresh.count
    }
}
