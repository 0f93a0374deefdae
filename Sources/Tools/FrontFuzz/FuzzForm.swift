import JSONBytes

/// The Query protocol, as far as made requests need it: forms out, XML in.
enum FuzzForm {
    private static let prefix = "ElasticLoadBalancing."

    static func isForm(_ operation: String) -> Bool { operation.hasPrefix(prefix) }

    /// The form of a request that was made as JSON.
    static func bytes(_ operation: String, _ request: JSONValue) -> [UInt8] {
        var pairs = ["Action=\(encoded(String(operation.dropFirst(prefix.count))))", "Version=2015-12-01"]
        write(request, named: "", to: &pairs)
        return Array(pairs.joined(separator: "&").utf8)
    }

    private static func write(_ value: JSONValue, named name: String, to pairs: inout [String]) {
        func inner(_ member: String) -> String { name.isEmpty ? member : "\(name).\(member)" }
        switch value {
        case .object(let members):
            for (member, value) in members.sorted(by: { $0.key < $1.key }) {
                write(value, named: inner(member), to: &pairs)
            }
        case .array(let values):
            if values.isEmpty { pairs.append("\(encoded(name))=") }
            for (index, value) in values.enumerated() {
                write(value, named: inner("member.\(index + 1)"), to: &pairs)
            }
        case .string(let text): pairs.append("\(encoded(name))=\(encoded(text))")
        case .null: return
        default: pairs.append("\(encoded(name))=\(encoded(String(decoding: value.jsonBytes(), as: UTF8.self)))")
        }
    }

    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// The elements that hold nothing but text, in their order; nil when elements do not nest.
    static func texts(_ xml: String) -> [(name: String, text: String)]? {
        var open: [Substring] = []
        var found: [(String, String)] = []
        var rest = xml[...]
        var text = ""
        var isLeaf = false
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return nil }
                if isLeaf { found.append((String(tag.dropFirst()), unescaped(text))) }
                isLeaf = false
            } else {
                open.append(tag.prefix { $0 != " " })
                isLeaf = true
            }
            text = ""
        }
        return open.isEmpty ? found : nil
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&amp;", with: "&")
    }
}
