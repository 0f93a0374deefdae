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

    /// Images that go while the disk is too full: unused ones, least recently used first; imported ones only if told so.
    ///
    /// - Parameter unusedSince: when each image was last seen in use, or first seen.
    static func expiredImages(
        _ images: [RuntimeImage], used: Set<String>, unusedSince: [String: Instant], now: Instant,
        retention: NodeRetention
    ) -> [String] {
        let age = retention.imageAge
        return images.filter { retention.removesImportedImages || !$0.isImported }.map(\.reference)
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

    /// A round that removes more keeps the disk busy for long; the next one goes on. ECS's agent takes 5.
    private static let imagesPerRound = 5

    private var tools: NodeTools { host.tools }

    func run() async throws {
        var unusedSince: [String: Instant] = [:]
        while true {
            try await tools.clock.sleep(for: interval)
            // One that fails keeps the others from nothing.
            attempting("tasks") { try forgetTasks() }
            attempting("output") { try removeLogs() }
            do {
                try await removeImages(&unusedSince)
            } catch let error as CancellationError {
                throw error
            } catch {
                complain("images", error)
            }
        }
    }

    private func attempting(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { complain(what, error) }
    }

    private func complain(_ what: String, _ error: any Error) {
        tools.logger.warning("cleaning up failed", metadata: ["of": "\(what)", "reason": "\(error)"])
    }

    private func forgetTasks() throws {
        try host.forget(
            HousekeepingDecision.forgettable(host.finished, wall: tools.clock.wall, after: retention.finishedTasks))
    }

    private func removeLogs() throws {
        let root = tools.directory.logs
        let tasks = try FileManager.default.contentsOfDirectory(atPath: root)
        // Asked after listing, so that no task which began meanwhile looks like an old one. The bounds of a live task's
        // output are its logger's; the files here do not change any more.
        let live = Set(host.records.map(\.id.id))
        let folders = try tasks.filter { !live.contains($0) }.map { try Self.folder("\(root)/\($0)", $0) }
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

    /// Removes unused images one by one while the disk is too full, so that what each freed is seen first.
    private func removeImages(_ unusedSince: inout [String: Instant]) async throws {
        for _ in 0..<Self.imagesPerRound {
            let seen = unusedSince
            let (left, removed) = try await tools.imageStore.pass { try await removeImage(seen) }
            unusedSince = left
            guard let removed else { return }
            tools.logger.info("unused image removed", metadata: ["image": "\(removed)"])
        }
    }

    /// Removes the longest unused image, if any may go. Alone at the store: a task that looks for it now finds it gone.
    private func removeImage(
        _ seen: [String: Instant]
    ) async throws -> (unusedSince: [String: Instant], removed: String?) {
        let images = try await tools.runtime.images()
        var digests: Set<String> = []
        for reference in Set(host.records.flatMap { $0.assignment.containers.map(\.definition.image) }) {
            // Tasks may write a short name; the store has full ones.
            if let image = try await tools.runtime.image(reference) { digests.insert(image.digest) }
        }
        let used = HousekeepingDecision.usedImages(images, digests: digests)
        let now = tools.clock.now
        var unusedSince: [String: Instant] = [:]
        for image in images {
            unusedSince[image.reference] = used.contains(image.reference) ? now : seen[image.reference] ?? now
        }
        guard try diskShare() > retention.diskShare else { return (unusedSince, nil) }
        let expired = HousekeepingDecision.expiredImages(
            images, used: used, unusedSince: unusedSince, now: now, retention: retention)
        guard let first = expired.first else { return (unusedSince, nil) }
        try await tools.runtime.removeImage(first)
        return (unusedSince, first)
    }

    private func diskShare() throws -> Double {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: tools.directory.root)
        guard let size = (attributes[.systemSize] as? NSNumber)?.doubleValue, size > 0,
            let free = (attributes[.systemFreeSize] as? NSNumber)?.doubleValue
        else { return 0 }
        return 1 - free / size
    }
}
