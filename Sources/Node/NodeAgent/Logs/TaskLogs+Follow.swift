import Foundation

extension TaskLogs {
    /// Reads what is there and then what comes, until nothing more can come or the consumer stops.
    ///
    /// - Parameter interval: between two looks at the files.
    public func follow(container: String? = nil, every interval: Duration = .milliseconds(200)) -> LogSequence {
        LogSequence(logs: self, container: container, interval: interval)
    }

    /// Whether all is written: the task stopped, and no logger is left that still empties its pipe.
    ///
    /// While the agent is down a task may end without its record saying so; then more may come as far as is known here.
    func isComplete() -> Bool {
        guard let isOver = try? RunnerStore(directory: directory).hasStopped(task), isOver else { return false }
        return !containers().contains { Self.isWritten("\(directory.logs)/\(task)/\($0)") }
    }

    /// Whether a logger holds its lock on the directory.
    private static func isWritten(_ folder: String) -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// What came since the last look, in the container's own order.
    func news(of name: String, after mark: inout LogMark) throws -> [Line] {
        var lines: [Line] = []
        var next = LogMark()
        for file in files(of: name) {
            guard let identity = try LogMark.identity(of: file) else { continue }
            let offset = mark.offsets[identity] ?? 0
            try file.seek(toOffset: offset)
            let parsed = Self.parse(try file.readToEnd() ?? Data(), container: name)
            lines += parsed.lines
            next.offsets[identity] = offset + UInt64(parsed.consumed)
        }
        mark = next
        return lines
    }
}

/// How far each file of a container was read.
struct LogMark: Sendable {
    var offsets: [Data: UInt64] = [:]

    /// The time of a file's first record, to the nanosecond: it stays when the file is renamed, and unlike the number of a
    /// removed file on disk it is never used again. nil before the first record.
    static func identity(of file: FileHandle) throws -> Data? {
        try file.seek(toOffset: 0)
        let start = try file.read(upToCount: 64) ?? Data()
        return start.firstIndex(of: UInt8(ascii: " ")).map { Data(start[..<$0]) }
    }
}

/// The lines of a task as they come; ends when the task's output does.
public struct LogSequence: AsyncSequence, Sendable {
    let logs: TaskLogs
    let container: String?
    let interval: Duration

    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let sequence: LogSequence
        private var marks: [String: LogMark] = [:]
        private var pending: ArraySlice<TaskLogs.Line> = []

        init(sequence: LogSequence) { self.sequence = sequence }

        /// - Throws: what reading the files throws, or `CancellationError`.
        public mutating func next() async throws -> TaskLogs.Line? {
            while pending.isEmpty {
                // Asked before looking: what was written by then is found.
                let isComplete = sequence.logs.isComplete()
                var lines: [TaskLogs.Line] = []
                for name in sequence.logs.containers() where sequence.container == nil || name == sequence.container {
                    lines += try sequence.logs.news(of: name, after: &marks[name, default: LogMark()])
                }
                pending =
                    lines.enumerated()
                    .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)[...]
                if pending.isEmpty {
                    if isComplete { return nil }
                    try await Task.sleep(for: sequence.interval)
                }
            }
            return pending.popFirst()
        }
    }
}
