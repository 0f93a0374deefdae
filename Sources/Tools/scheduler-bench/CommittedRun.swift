import Controllers
import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite

/// Places every task as the placement controller does: step after step, each on disk before the next begins.
struct CommittedRun {
    /// Records of one commit while the cluster is filled.
    private static let filling = 1_000

    private let cluster: BenchCluster

    init(_ cluster: BenchCluster) { self.cluster = cluster }

    func measure() async throws -> Measurement {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scheduler-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStateStore.open(path: folder.appendingPathComponent("state.sqlite").path, now: Self.now)
        defer { store.close() }
        return try await measure(store)
    }

    private func measure(_ store: SQLiteStateStore) async throws -> Measurement {
        let empty = residentBytes()
        let tasks = cluster.taskRecords()
        try await fill(store, cluster.hostRecords().map(Record.instance))
        let connected = Set(store.committed().instances.keys.ascending())
        var random = SeededGenerator(seed: 3)
        var step = PlacementStep()
        // With one task that waits the step looks at the hosts; what it plans is not committed.
        try await fill(store, tasks.prefix(1).map(Record.task))
        _ = step.step(store.committed(), connected: connected, now: Self.start, using: &random)
        let filled = residentBytes()
        try await fill(store, tasks.map(Record.task))
        var measurement = Measurement(placed: 0)
        var timer = TenthTimer(tasks: cluster.tasks)
        while let commit = step.step(store.committed(), connected: connected, now: Self.start, using: &random) {
            let at = Self.now()
            _ = try await store.commit(expecting: commit.expected) { transaction in
                commit.write(to: &transaction, ids: SystemIDSource(), now: at)
            }
            measurement.placed += commit.placements.count
            timer.reached(measurement.placed)
        }
        measurement.tenths = timer.wall
        measurement.processor = timer.processor
        measurement.bytesPerHost = (filled - empty) / cluster.hosts
        measurement.bytesPerTask = (residentBytes() - filled) / cluster.tasks
        return withExtendedLifetime(step) { measurement }
    }

    private func fill(_ store: SQLiteStateStore, _ records: [Record]) async throws {
        var rest = records[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.filling)
            _ = try await store.commit { transaction in
                for record in part { transaction.put(record) }
            }
            rest = rest.dropFirst(Self.filling)
        }
    }

    /// Before any task has waited for long enough to be written as refused.
    private static let start = Timestamp(milliseconds: 0)

    private static let now: @Sendable () -> Timestamp = {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
