public import ShapeRules
import JSONBytes

extension WireSchema {
    /// The JSON of the structure that a form's parameters make. Parameters that are no members are left out.
    ///
    /// - Throws: `ValidationException` for a value that is not of its member's type.
    public func json(_ form: QueryForm, as structure: String) throws(APIFault) -> [UInt8] {
        var reader = FormReader(schema: self)
        try reader.read(form.root, as: structure, at: [])
        return reader.writer.bytes
    }
}

/// Writes a form's tree as JSON. It descends no deeper than the tree does, which `QueryForm` bounds.
private struct FormReader {
    let schema: WireSchema
    var writer = JSONWriter()

    mutating func read(_ node: QueryNode, as shape: String, at path: [String]) throws(APIFault) {
        if let members = schema.structures[shape] {
            try readStructure(node, members, path)
        } else if let element = schema.lists[shape] {
            writer.beginArray()
            for (name, inner) in try numbered(node, "member", path) {
                try read(inner, as: element, at: path + ["member", name])
            }
            writer.endArray()
        } else if let value = schema.maps[shape] {
            try readMap(node, value, path)
        } else {
            guard let text = node.text, node.members.isEmpty else { throw mistyped(path, "a \(shape)") }
            try readScalar(text, shape, path)
        }
    }

    private mutating func readStructure(
        _ node: QueryNode, _ members: [String: String], _ path: [String]
    ) throws(APIFault) {
        guard node.text?.isEmpty ?? true else { throw mistyped(path, "a structure") }
        writer.beginObject()
        for (name, inner) in node.members.sorted(by: { $0.key < $1.key }) {
            guard let shape = members[name] else { continue }
            writer.key(name)
            try read(inner, as: shape, at: path + [name])
        }
        writer.endObject()
    }

    private mutating func readMap(_ node: QueryNode, _ value: String, _ path: [String]) throws(APIFault) {
        var seen: Set<String> = []
        writer.beginObject()
        for (number, entry) in try numbered(node, "entry", path) {
            let place = path + ["entry", number]
            guard let key = entry.members["key"]?.text, let inner = entry.members["value"], seen.insert(key).inserted
            else { throw mistyped(place, "an entry with a key of its own and a value") }
            writer.key(key)
            try read(inner, as: value, at: place + ["value"])
        }
        writer.endObject()
    }

    private mutating func readScalar(_ text: String, _ type: String, _ path: [String]) throws(APIFault) {
        switch type {
        case "string": return writer.string(text)
        case "boolean" where text == "true" || text == "false": return writer.boolean(text == "true")
        case "integer", "long":
            if let value = Int64(text) { return writer.integer(value) }
        case "double":
            if let value = Double(text), value.isFinite { return writer.number(value) }
        case "timestamp":
            if let value = ISO8601.parsed(text) { return writer.number(Double(value) / 1000) }
        default: break
        }
        throw mistyped(path, "a \(type)")
    }

    /// The elements of a list or map in the order of their numbers, which need not follow each other.
    private func numbered(_ node: QueryNode, _ word: String, _ path: [String]) throws(APIFault) -> [(String, QueryNode)]
    {
        // An empty list or map is written as a parameter without a value.
        guard node.text?.isEmpty ?? true, node.members.allSatisfy({ $0.key == word }),
            node.members[word].map({ $0.text == nil }) ?? true
        else { throw mistyped(path, "a list of '\(word)'") }
        var elements: [(number: Int, node: QueryNode)] = []
        for (name, inner) in node.members[word]?.members ?? [:] {
            guard let number = Int(name), number > 0, String(number) == name else {
                throw mistyped(path + [word, name], "an element with a number")
            }
            elements.append((number, inner))
        }
        return elements.sorted { $0.number < $1.number }.map { (String($0.number), $0.node) }
    }

    private func mistyped(_ path: [String], _ wanted: String) -> APIFault {
        .validation("Invalid value for parameter '\(path.joined(separator: ".").prefix(200))': it is not \(wanted).")
    }
}
