import Foundation
import JSONBytes

/// A text script of requests and what they must answer and change: `Golden/<Operation>.txt`.
///
/// Blocks are parted by blank lines; a block is comment lines (`#`), one command, and for a call `----` with what came of
/// it. Commands:
/// - `Operation {request}`: a call by root whose answer and changes of state are part of the script
/// - `as HOST Operation {request}`: the same by a host
/// - `given Operation {request}`: a call that only has to succeed
/// - `host NAME [own]`: a host joins, as managed capacity or one's own, registers and connects; `${NAME}` is its ARN from then on
/// - `keep NAME path`: a member of the last answer, such as `tasks.0.taskArn`, becomes `${NAME}`
/// - `pass SECONDS`: the clock moves
struct GoldenScript {
    struct Block {
        var comments: [String]
        var command: String
        /// What stands after `----`; nil for commands without an answer.
        var outcome: String?
    }

    var blocks: [Block]

    /// Whether it says what its calls answer; a script of an operation that is not built yet cannot.
    var isRecorded: Bool { blocks.contains { $0.outcome != nil } }

    init(_ text: String) {
        blocks = text.split(separator: "\n\n").compactMap { part in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
            let comments = lines.prefix { $0.hasPrefix("#") }
            let rest = lines.dropFirst(comments.count)
            let command = rest.prefix { $0 != "----" }
            guard !command.isEmpty else { return nil }
            let outcome = rest.count > command.count ? rest.dropFirst(command.count + 1).joined(separator: "\n") : nil
            return Block(comments: Array(comments), command: command.joined(separator: "\n"), outcome: outcome)
        }
    }

    /// How often the script calls the operation.
    func calls(of operation: String) -> Int {
        blocks.count { $0.outcome != nil && $0.command.split(separator: " ").prefix(3).contains(Substring(operation)) }
    }

    var text: String {
        blocks.map { block in
            (block.comments + [block.command] + (block.outcome.map { ["----", $0] } ?? [])).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

    /// The names of all scripts, which are those of operations.
    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }

    static func file(_ name: String) -> URL { folder.appendingPathComponent(name + ".txt") }
}

extension JSONValue {
    /// With two spaces a level and keys in order, so that a difference shows as lines.
    var indented: String { indented(by: 0) }

    private func indented(by level: Int) -> String {
        let inner = String(repeating: "  ", count: level + 1)
        let outer = String(repeating: "  ", count: level)
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map { key, value in
                "\(inner)\(JSONValue.string(key).text): \(value.indented(by: level + 1))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        case .array(let values) where !values.isEmpty:
            return "[\n" + values.map { inner + $0.indented(by: level + 1) }.joined(separator: ",\n") + "\n\(outer)]"
        default: return text
        }
    }

    /// On one line.
    var text: String { String(decoding: jsonBytes(), as: UTF8.self) }
}
