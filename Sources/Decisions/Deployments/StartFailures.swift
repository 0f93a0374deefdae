import Domain
import Identifiers

/// How starts that fail slow down the next ones.
public enum StartThrottle {
    /// The first wait: long enough that a bad image costs little, short enough that a passing fault hardly shows.
    static let first = Duration.seconds(5)
    /// The longest wait. ECS never gives up.
    static let longest = Duration.seconds(27 * 60)

    /// The wait after so many failed rounds of starts: doubles from seconds to 27 minutes.
    public static func delay(afterRounds rounds: Int) -> Duration {
        guard rounds > 0 else { return .zero }
        return min(longest, first * (1 << min(rounds - 1, 20)))
    }
}

extension DeploymentRecord {
    /// When the next task may start; nil when nothing holds it back.
    var throttledUntil: Timestamp? {
        lastFailureAt.map { $0.adding(StartThrottle.delay(afterRounds: failedRounds)) }
    }

    /// The deployment with the failures among `tasks` counted that were not, and the count reset by tasks that do well.
    func counting(_ tasks: [TaskRecord], in snapshot: ServiceSnapshot) -> DeploymentRecord {
        var deployment = self
        let own = tasks.filter { $0.deployment == id }
        let byID = Dictionary(own.map { ($0.id.id, $0) }) { $1 }
        let full = countedFailures.count >= Self.remembered
        let oldest = full ? countedFailures.first.flatMap { byID[$0] } : nil
        let counted = Set(countedFailures)
        let failures = own.filter { $0.failure != nil && !counted.contains($0.id.id) }
            .filter { task in oldest.map { $0.failureOrder < task.failureOrder } ?? true }
            .sorted { $0.failureOrder < $1.failureOrder }
        for task in failures { deployment.count(task) }
        // Times to come are of a clock that was set back since: the throttle counts from now on.
        deployment.lastFailureAt = deployment.lastFailureAt.map { min($0, snapshot.now) }
        deployment.reset(own: own, lastFailed: deployment.countedFailures.last.flatMap { byID[$0] }, snapshot)
        return deployment
    }

    private static let remembered = 100

    private mutating func count(_ task: TaskRecord) {
        failedTasks += 1
        countedFailures.append(task.id.id)
        countedFailures.removeFirst(max(0, countedFailures.count - Self.remembered))
        guard task.failure == .start, let stoppedAt = task.stoppedAt else { return }
        if lastFailureAt.map({ task.createdAt > $0 }) ?? true { failedRounds += 1 }
        lastFailureAt = max(lastFailureAt ?? stoppedAt, stoppedAt)
    }

    /// A task that was made after the last failed one lifts the throttle when it runs, and the count when it is well.
    private mutating func reset(own: [TaskRecord], lastFailed: TaskRecord?, _ snapshot: ServiceSnapshot) {
        guard failedTasks > 0 else { return }
        let later = own.filter { task in
            guard let startedAt = task.observed?.startedAt else { return false }
            if let lastFailed { return task.createdAt > lastFailed.createdAt }
            return lastFailureAt.map { startedAt > $0 } ?? true
        }
        if !later.isEmpty {
            lastFailureAt = nil
            failedRounds = 0
        }
        let isWell = later.contains { task in
            let definition = snapshot.definitions[task.definition]
            guard task.lastStatus == .running else { return false }
            guard task.loadBalancers.isEmpty else { return snapshot.isHealthy(task) }
            return definition.map { !$0.hasChecks || task.healthStatus(in: $0) == .healthy } ?? true
        }
        if isWell { failedTasks = 0 }
    }
}

/// In which way a stopped task of a deployment failed.
enum TaskFailure { case start, health }

extension TaskRecord {
    /// nil when the task lives, was stopped for another cause, or ran before it ended.
    var failure: TaskFailure? {
        guard lastStatus == .stopped else { return nil }
        if FailedCheck.isStopReason(verdict.stop?.reason) { return .health }
        return verdict.lostAt == nil && observed?.stopCode != nil && observed?.startedAt == nil ? .start : nil
    }

    fileprivate var failureOrder: FailureOrder { FailureOrder(at: stoppedAt ?? createdAt, id: id) }
}

private struct FailureOrder: Comparable {
    var at: Timestamp
    var id: TaskID

    static func < (lhs: FailureOrder, rhs: FailureOrder) -> Bool { (lhs.at, lhs.id) < (rhs.at, rhs.id) }
}
