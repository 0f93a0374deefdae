import Foundation
import JSONBytes

/// Frames that the stock agent 1.105.1 exchanged with a control plane, one a line.
enum Recording {
    static func lines(_ name: String) throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recording")
        let text = try String(contentsOf: folder.appending(path: "\(name).jsonl"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    /// Telemetry frames are kept as JSON strings, because of their header blocks.
    static func telemetry() throws -> [String] {
        try lines("tcs-from-agent").map { try String(jsonBytes: Array($0.utf8)) }
    }

    /// The text as a value to compare.
    static func json(_ text: String) throws -> JSONValue { try JSONValue(jsonBytes: Array(text.utf8)) }
}

extension JSONValue {
    /// The value with `0` and `0.0` told apart no more.
    var withRealNumbers: JSONValue {
        switch self {
        case .integer(let value): .number(Double(value))
        case .array(let values): .array(values.map(\.withRealNumbers))
        case .object(let members): .object(members.mapValues(\.withRealNumbers))
        default: self
        }
    }
}
