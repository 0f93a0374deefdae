import Foundation
import TaskNetwork

/// Small records in files, replaced by renaming, so that a crash leaves the old or the new text, never half of one.
enum JSONFile {
    /// nil when there is no such file.
    static func read<Value: Decodable>(_ type: Value.Type, from file: String) throws(NetworkError) -> Value? {
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        return try perform("read \(file)") {
            try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: file)))
        }
    }

    /// Makes the directory too, for its owner only.
    static func write(_ value: some Encodable, to file: String) throws(NetworkError) {
        try makeDirectory(String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex)))
        try perform("write \(file)") {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(value).write(to: URL(fileURLWithPath: file), options: .atomic)
        }
    }

    static func makeDirectory(_ path: String) throws(NetworkError) {
        try perform("make \(path)") {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// Names in a directory, sorted; empty when it is absent.
    static func names(in directory: String) throws(NetworkError) -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try perform("read \(directory)") {
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        }
    }

    /// Removes a file or a directory with all in it; absent is fine.
    static func remove(_ path: String) throws(NetworkError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try perform("remove \(path)") { try FileManager.default.removeItem(atPath: path) }
    }

    private static func perform<Result>(_ what: String, _ body: () throws -> Result) throws(NetworkError) -> Result {
        do { return try body() } catch { throw .failed("could not \(what): \(error.localizedDescription)") }
    }
}
