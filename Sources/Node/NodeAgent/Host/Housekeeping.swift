import Domain
import Foundation
import Identifiers
import Logging
import TaskRuntime

/// Decides what of the past may go. Pure.
enum HousekeepingDecision {
    /// Finished tasks that need not be remembered any longer.
    static func forgettable(_ finished: [TaskRunnerRecord], wall: Timestamp, after: Duration) -> [TaskID] {
        finished.filter { record in record.finishedAt.map { $0.adding(after) <= wall } ?? false }.map(\.id)
    }

    /// What output of a task is kept on disk.
    struct LogFolder: Hashable, Sendable {
        var task: String
        var bytes: Int64
        var changedAt: Timestamp
    }

    /// Tasks whose output goes: the oldest beyond the count or the size.
    static func expiredLogs(
        _ folders: [LogFolder], live: Set<String>, count: Int, bytes: Int64
    ) -> [String] {
        let old = folders.filter { !live.contains($0.task) }
            .sorted { ($0.changedAt, $0.task) > ($1.changedAt, $1.task) }
        var kept = 0
        var size: Int64 = 0
        var expired: [String] = []
        for folder in old {
            size = size.addingReportingOverflow(folder.bytes).partialValue
            kept += 1
            if kept > count || size > bytes { expired.append(folder.task) }
        }
        return expired
    }

    /// Images that tasks still need: those of the digests that the runtime knows under the tasks' own words.
    static func usedImages(_ images: [RuntimeImage], digests: Set<String>) -> Set<String> {
        Set(images.filter { digests.contains($0.digest) }.map(\.reference))
    }

    /// Images that go while the disk is too full: unused ones, least recently used first.
    ///
    /// - Parameter unusedSince: when each image was last seen in use, or first seen.
    static func expiredImages(
        _ images: [RuntimeImage], used: Set<String>, unusedSince: [String: Instant], now: Instant, age: Duration
    ) -> [String] {
        images.map(\.reference)
            .filter { reference in
                !used.contains(reference) && unusedSince[reference].map { now.since($0) >= age } ?? false
            }
            .sorted { (unusedSince[$0] ?? now, $0) < (unusedSince[$1] ?? now, $1) }
    }
}

/// Cleans up now and then.
struct Housekeeping: Sendable {
    let host: RunnerHost
    let retention: NodeRetention
    let interval: Duration

    private var tools: NodeTools { host.tools }

    func run() async throws {
        var unusedSince: [String: Instant] = [:]
        while true {
            try await tools.clock.sleep(for: interval)
            do {
                try host.forget(
                    HousekeepingDecision.forgettable(
                        host.finished, wall: tools.clock.wall, after: retention.finishedTasks))
                try removeLogs()
                try await removeImages(&unusedSince)
            } catch {
                tools.logger.warning("cleaning up failed", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func removeLogs() throws {
        let live = Set(host.records.map(\.id.id))
        let root = tools.directory.logs
        let folders = try FileManager.default.contentsOfDirectory(atPath: root).map { task in
            try Self.folder("\(root)/\(task)", task)
        }
        let expired = HousekeepingDecision.expiredLogs(
            folders, live: live, count: retention.logTasks, bytes: retention.logBytes)
        for task in expired { try FileManager.default.removeItem(atPath: "\(root)/\(task)") }
    }

    private static func folder(_ path: String, _ task: String) throws -> HousekeepingDecision.LogFolder {
        var bytes: Int64 = 0
        var newest = Date.distantPast
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            bytes += (attributes[.size] as? NSNumber)?.int64Value ?? 0
            newest = max(newest, attributes[.modificationDate] as? Date ?? newest)
        }
        let milliseconds = Int64(max(0, newest.timeIntervalSince1970) * 1000)
        return .init(task: task, bytes: bytes, changedAt: Timestamp(milliseconds: milliseconds))
    }

    /// Removes one unused image a round while the disk is too full, so that what that freed is seen first.
    private func removeImages(_ unusedSince: inout [String: Instant]) async throws {
        let images = try await tools.runtime.images()
        var digests: Set<String> = []
        for reference in Set(host.records.flatMap { $0.assignment.containers.map(\.definition.image) }) {
            // Tasks may write a short name; the store has full ones.
            if let image = try await tools.runtime.image(reference) { digests.insert(image.digest) }
        }
        let used = HousekeepingDecision.usedImages(images, digests: digests)
        let now = tools.clock.now
        for image in images where used.contains(image.reference) || unusedSince[image.reference] == nil {
            unusedSince[image.reference] = now
        }
        guard try diskShare() > retention.diskShare else { return }
        let expired = HousekeepingDecision.expiredImages(
            images, used: used, unusedSince: unusedSince, now: now, age: retention.imageAge)
        guard let first = expired.first else { return }
        try await tools.runtime.removeImage(first)
        unusedSince[first] = nil
        tools.logger.info("unused image removed", metadata: ["image": "\(first)"])
    }

    private func diskShare() throws -> Double {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: tools.directory.root)
        guard let size = (attributes[.systemSize] as? NSNumber)?.doubleValue, size > 0,
            let free = (attributes[.systemFreeSize] as? NSNumber)?.doubleValue
        else { return 0 }
        return 1 - free / size
    }
}
