import Foundation

/// Reads what a task's containers wrote: lines of CRI's log format in `output.log` and its rotated predecessors.
public struct TaskLogs: Sendable {
    /// One line, or a part of one that was too long for the logger.
    public struct Line: Hashable, Sendable {
        public enum Stream: String, Hashable, Sendable { case stdout, stderr }
        /// RFC 3339 with nanoseconds, as the logger wrote it.
        public var time: String
        public var container: String
        public var stream: Stream
        /// Whether the line goes on in the next entry of the same stream.
        public var isPartial: Bool
        public var text: String
    }

    private let directory: NodeDirectory
    private let task: String

    /// - Parameters:
    ///   - dataDirectory: the agent's.
    ///   - task: the task's id, without its ARN.
    public init(dataDirectory: String, task: String) {
        directory = NodeDirectory(root: dataDirectory)
        self.task = task
    }

    /// Names of the containers that wrote anything here, sorted; empty when the task is not known on this host.
    public func containers() -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(directory.logs)/\(task)")
        return (names ?? []).sorted()
    }

    /// Everything that is kept, in the order of time.
    ///
    /// - Throws: what reading the files throws.
    public func read(container: String? = nil) throws -> [Line] {
        var lines: [Line] = []
        for name in containers() where container == nil || name == container {
            for path in files(of: name) {
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                lines += Self.parse(data, container: name).lines
            }
        }
        // Stable for equal times: a container's own order stays.
        return lines.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Rotated files oldest first, then the current one.
    private func files(of container: String) -> [String] {
        let folder = directory.logs(task, container)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let rotated = names.compactMap { name in
            name.hasPrefix("output.log.") ? Int(name.dropFirst("output.log.".count)) : nil
        }
        let paths = rotated.sorted(by: >).map { "\(folder)/output.log.\($0)" }
        return paths + (names.contains("output.log") ? ["\(folder)/output.log"] : [])
    }

    /// Reads whole lines.
    ///
    /// - Returns: the lines, and how many bytes they took; a last line without its end is left for the next time.
    static func parse(_ data: Data, container: String) -> (lines: [Line], consumed: Int) {
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return ([], 0) }
        let whole = data[data.startIndex...end]
        let lines = whole.split(separator: UInt8(ascii: "\n")).compactMap { line($0, container: container) }
        return (lines, whole.count)
    }

    private static func line(_ bytes: Data, container: String) -> Line? {
        let fields = bytes.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count >= 3, let stream = Line.Stream(rawValue: String(decoding: fields[1], as: UTF8.self)) else {
            return nil
        }
        return Line(
            time: String(decoding: fields[0], as: UTF8.self), container: container, stream: stream,
            isPartial: fields[2].first == UInt8(ascii: "P"),
            text: fields.count > 3 ? String(decoding: fields[3], as: UTF8.self) : "")
    }

    /// Reads what is there and then what comes, until the consumer stops.
    ///
    /// - Parameter interval: between two looks at the files.
    public func follow(container: String? = nil, every interval: Duration = .milliseconds(200)) -> LogSequence {
        LogSequence(logs: self, container: container, interval: interval)
    }

    /// What came since the last look. A rotation in between is followed by the file's identity.
    func news(of name: String, after mark: inout LogMark) throws -> [Line] {
        var lines: [Line] = []
        for path in files(of: name) {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let inode = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
            let offset = mark.offsets[inode] ?? 0
            guard let handle = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? handle.close() }
            try handle.seek(toOffset: offset)
            let parsed = Self.parse(try handle.readToEnd() ?? Data(), container: name)
            lines += parsed.lines
            mark.offsets[inode] = offset + UInt64(parsed.consumed)
        }
        return lines
    }
}

/// How far each file of a container was read, by its identity on disk.
struct LogMark: Sendable {
    var offsets: [UInt64: UInt64] = [:]
}

/// The lines of a task as they come; ends only with its consumer.
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
                var lines: [TaskLogs.Line] = []
                for name in sequence.logs.containers() where sequence.container == nil || name == sequence.container {
                    lines += try sequence.logs.news(of: name, after: &marks[name, default: LogMark()])
                }
                pending = lines.sorted { $0.time < $1.time }[...]
                if pending.isEmpty { try await Task.sleep(for: sequence.interval) }
            }
            return pending.popFirst()
        }
    }
}
