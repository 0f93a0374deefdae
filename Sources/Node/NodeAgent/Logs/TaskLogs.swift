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

    let directory: NodeDirectory
    let task: String

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
            for file in files(of: name) {
                lines += Self.parse(try file.readToEnd() ?? Data(), container: name).lines
            }
        }
        // Stable for equal times: a container's own order stays.
        return lines.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// The container's output files, rotated ones oldest first, then the current one; all open.
    ///
    /// A rotation gives files higher numbers. Opened from the lowest up, one that moves meanwhile is met twice, which its
    /// identity shows, and never missed.
    func files(of container: String) -> [FileHandle] {
        let folder = directory.logs(task, container)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let highest = names.compactMap { name in
            name.hasPrefix("output.log.") ? Int(name.dropFirst("output.log.".count)) : nil
        }.max()
        var seen: Set<ino_t> = []
        var found: [FileHandle] = []
        for number in 0...((highest ?? 0) + Self.rotationsMeanwhile) {
            let path = "\(folder)/output.log" + (number == 0 ? "" : ".\(number)")
            var status = stat()
            guard let file = FileHandle(forReadingAtPath: path), fstat(file.fileDescriptor, &status) == 0,
                seen.insert(status.st_ino).inserted
            else { continue }
            found.append(file)
        }
        return found.reversed()
    }

    /// How many rotations may happen between looking and opening; each takes a whole file's worth of output.
    private static let rotationsMeanwhile = 3

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
}
