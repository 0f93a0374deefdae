import Domain
import TaskRuntime

/// How much of a container's output is kept.
struct LogLimits: Hashable, Sendable {
    /// Bytes after which the file is rotated.
    var bytes: Int
    /// Files kept, the current one included.
    var files: Int

    /// The host's own limits, or those that options of `json-file` set instead.
    /// - Throws: `.invalid` for a value that Docker would not take either.
    /// - Source: Docker, "JSON File logging driver".
    init(_ log: LogConfiguration?, configuration: ContainerdConfiguration) throws(Failure) {
        bytes = configuration.logFileBytes
        files = configuration.logFiles
        guard let log, log.driver == "json-file" else { return }
        if let unknown = log.options.first(where: { !Self.options.contains($0.key) }) {
            throw .invalid("unknown log opt '\(unknown.key)' for json-file log driver")
        }
        if let size = log.options.first(where: { $0.key == "max-size" })?.value {
            guard let read = Self.bytes(size) else { throw .invalid("max-size: \(size)") }
            bytes = read
            files = 1
        }
        if let count = log.options.first(where: { $0.key == "max-file" })?.value {
            guard let read = Int(count), (1...1000).contains(read) else { throw .invalid("max-file: \(count)") }
            files = read
        }
    }

    /// What Docker's driver knows.
    private static let options: Set<String> = [
        "compress", "env", "env-regex", "labels", "labels-regex", "max-buffer-size", "max-file", "max-size", "mode",
        "tag",
    ]

    /// `10`, `10k`, `10m` or `1g`; nil for anything else.
    private static func bytes(_ text: String) -> Int? {
        let units: [Character: Int] = ["b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        guard let number = Int(unit == nil ? text : String(text.dropLast())), number > 0, number < 1 << 30 else {
            return nil
        }
        return number.multipliedReportingOverflow(by: unit ?? 1).partialValue
    }
}
