public import JSONBytes

/// A JSON object of the agent protocol, described once by the list of its members.
///
/// Reading skips members it does not know and treats `null` as absent; writing leaves out what is absent.
public protocol WireShape: JSONReadable, JSONWritable, Hashable, Sendable {
    /// The shape with nothing in it.
    init()

    /// Every member, in the order in which they are written.
    static var members: [Member<Self>] { get }
}

/// One member of a shape: its name on the wire and how it is read and written.
public struct Member<Shape: Sendable>: Sendable {
    let name: String
    let read: @Sendable (inout Shape, inout JSONReader) throws(JSONError) -> Void
    let write: @Sendable (Shape, inout JSONWriter) -> Void

    /// A member that is written only when it has a value.
    static func optional<Value: JSONReadable & JSONWritable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Shape, Value?> & Sendable
    ) -> Member {
        Member(
            name: name,
            read: { (shape: inout Shape, reader: inout JSONReader) throws(JSONError) in
                shape[keyPath: path] = try Value(json: &reader)
            },
            write: { shape, writer in writer.member(name, shape[keyPath: path]) })
    }

    /// A member that is always written; when absent in what is read it keeps its initial value.
    static func always<Value: JSONReadable & JSONWritable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Shape, Value> & Sendable
    ) -> Member {
        Member(
            name: name,
            read: { (shape: inout Shape, reader: inout JSONReader) throws(JSONError) in
                shape[keyPath: path] = try Value(json: &reader)
            },
            write: { shape, writer in writer.member(name, Optional(shape[keyPath: path])) })
    }

    /// A list that is left out when it is empty.
    static func list<Element: JSONReadable & JSONWritable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Shape, [Element]> & Sendable
    ) -> Member {
        Member(
            name: name,
            read: { (shape: inout Shape, reader: inout JSONReader) throws(JSONError) in
                shape[keyPath: path] = try [Element](json: &reader)
            },
            write: { shape, writer in
                let elements = shape[keyPath: path]
                if !elements.isEmpty { writer.member(name, Optional(elements)) }
            })
    }

    /// A map that is left out when it is empty.
    static func map<Value: JSONReadable & JSONWritable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Shape, [String: Value]> & Sendable
    ) -> Member {
        Member(
            name: name,
            read: { (shape: inout Shape, reader: inout JSONReader) throws(JSONError) in
                shape[keyPath: path] = try [String: Value](json: &reader)
            },
            write: { shape, writer in
                let entries = shape[keyPath: path]
                if !entries.isEmpty { writer.member(name, Optional(entries)) }
            })
    }
}

extension WireShape {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self.init()
        let members = Self.members
        // Most writers keep the order of the members, so the one after the last that was read is a good guess.
        var next = 0
        try reader.beginObject()
        while true {
            if next < members.count, try reader.takeKey(members[next].name) {
                next += 1
            } else if let key = try reader.nextKey() {
                guard let place = members.firstIndex(where: { $0.name == key }) else {
                    try reader.skipValue()
                    continue
                }
                next = place + 1
            } else {
                return
            }
            if try reader.takeNull() { continue }
            try members[next - 1].read(&self, &reader)
        }
    }

    public func write(json writer: inout JSONWriter) {
        writer.beginObject()
        for member in Self.members { member.write(self, &writer) }
        writer.endObject()
    }
}
