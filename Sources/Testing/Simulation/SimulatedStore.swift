import Domain
import Identifiers
import StateStore
import Synchronization
import TaskLifecycle

/// The real store engine over a simulated log. Sees what it acknowledges, and when.
final class SimulatedStore: StateStore, CommitHistory {
    private let engine: StoreEngine
    private let disk: SimulatedDisk
    /// Whether plans are written although what they were made from moved.
    private let ignoresVersions: Bool
    private let broken = Mutex<String?>(nil)

    init(
        log: SimulatedLog, disk: SimulatedDisk, ignoresVersions: Bool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.disk = disk
        self.ignoresVersions = ignoresVersions
        engine = StoreEngine(log: log, state: disk.stored, limits: StoreLimits(), now: now)
    }

    /// What was acknowledged before it was on disk, if anything was.
    var brokenPromise: String? { broken.withLock { $0 } }

    func committed() -> StateSnapshot { engine.committed() }

    func commit<Result: Sendable, Refusal: Error>(
        expecting expected: AggregateVersions,
        _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
    ) async throws(CommitError<Refusal>) -> Committed<Result> {
        let committed = try await engine.commit(
            expecting: ignoresVersions ? AggregateVersions() : expected, body)
        if committed.revision > disk.stored.revision {
            broken.withLock { $0 = "revision \(committed.revision.value) was acknowledged and is not on disk" }
        }
        return committed
    }

    /// Replaces everything by a backup, under a higher epoch.
    ///
    /// - Returns: whether it is on disk.
    func restore(_ backup: StateSnapshot, keepsEpoch: Bool) async -> Bool {
        do throws(LogError) {
            _ = try await engine.replace { current in
                var restored = backup
                guard var installation = backup.installation else { return restored }
                let newest = max(installation.epoch, current.installation?.epoch ?? 0)
                installation.epoch = keepsEpoch ? newest : newest + 1
                restored.apply(key: .installation, after: .installation(installation))
                return restored
            }
            return true
        } catch {
            return false
        }
    }

    func watch(_ scope: WatchScope, after revision: Revision) -> AsyncStream<WatchEvent> {
        engine.watch(scope, after: revision)
    }

    func history(after revision: Revision, limit: Int) -> [CommitBatch] {
        disk.history(after: revision, limit: limit)
    }
}

extension SimulatedStore {
    /// A planted bug: takes a report's status for what is, whatever was known.
    func overwrite(with report: TaskReport) async {
        do throws(CommitError<Never>) {
            _ = try await commit { (transaction: inout Transaction) throws(Never) in
                guard var task = transaction.state.tasks[report.task], let status = report.status else { return }
                task.observed?.status = status
                transaction.put(task)
            }
        } catch {
            // The bug does not come about this time.
            return
        }
    }
}
