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
        return (observed.executionStoppedAt ?? observed.stoppedAt ?? startedAt) < startedAt.adding(shortestLife)
    }
}

extension DaemonSnapshot {
    /// How many tasks of a revision failed, of those that were made since.
    func failures(of revision: DaemonRevisionID?, since: Timestamp?) -> Int {
        guard let revision, let since else { return 0 }
        return tasks.count { $0.daemonRevision == revision && $0.createdAt >= since && $0.hasFailed }
    }

    /// Until when a host gets no other task of a revision, because the last ones failed there in a row; nil for at once.
    ///
    /// Counted from the stopped tasks that are still remembered, so after an hour without a start the count begins anew.
    func throttledUntil(_ host: ContainerInstanceID, _ revision: DaemonRevisionID) -> Timestamp? {
        let own = tasks.filter { $0.daemonRevision == revision && $0.placement?.instance == host }
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        let failed = own.prefix { $0.hasFailed }
        guard let last = failed.compactMap(\.stoppedAt).max() else { return nil }
        return last.adding(StartThrottle.delay(afterRounds: failed.count))
    }
}
