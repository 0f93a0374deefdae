import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite
import Testing

/// A `store-writer` that runs beside the test, and what it acknowledged.
final class WriterProcess {
    private let process = Process()
    private let output = Pipe()
    private var rest = Data()
    /// Highest acknowledged sequence number of each writer.
    private(set) var acknowledged: [Int: Int] = [:]
    private(set) var lineCount = 0

    /// Where the test bundle lies, `store-writer` lies too.
    static var executable: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("store-writer")
    }

    /// - Parameter wrapper: a program and arguments that run the writer, such as `strace`.
    init(file: String, writers: Int, commits: Int = 0, under wrapper: [String] = []) throws {
        let command = wrapper + [Self.executable.path, file, "\(writers)", "\(commits)"]
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = output
        try process.run()
    }

    /// Reads until `count` more lines came, or the writer ended.
    func read(lines count: Int) {
        let goal = lineCount + count
        while lineCount < goal, readSome() {}
    }

    /// Ends the writer without warning, then reads what it still acknowledged.
    func kill() {
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        finish()
    }

    /// Waits for the end. Returns the exit status.
    @discardableResult
    func finish() -> Int32 {
        while readSome() {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func readSome() -> Bool {
        let bytes = output.fileHandleForReading.availableData
        guard !bytes.isEmpty else { return false }
        rest.append(bytes)
        while let end = rest.firstIndex(of: 0x0A) {
            take(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
            rest = Data(rest[rest.index(after: end)...])
        }
        return true
    }

    private func take(_ line: String) {
        lineCount += 1
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { return }
        acknowledged[numbers[0]] = max(acknowledged[numbers[0]] ?? 0, numbers[1])
    }
}

/// What a data file holds of a `store-writer`: the left and the right counter of each writer.
struct WriterCounters: Equatable {
    var left: [String: Int] = [:]
    var right: [String: Int] = [:]

    init(file: String) throws {
        let store = try SQLiteStateStore.open(path: file, now: epoch)
        defer { store.close() }
        for (id, record) in store.committed().families.values() {
            if id.name.hasPrefix("left") { left[String(id.name.dropFirst(4))] = record.latestRevision }
            if id.name.hasPrefix("right") { right[String(id.name.dropFirst(5))] = record.latestRevision }
        }
    }
}
