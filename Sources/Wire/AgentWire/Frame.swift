public import JSONBytes

/// Why a frame could not be read.
public enum FrameError: Error, Hashable, Sendable {
    /// The bytes are not the JSON that the frame's type calls for.
    case malformed(JSONError)
    /// There is no `type` member.
    case noType
    /// A member without which the message means nothing.
    case missing(String)
    /// A telemetry frame without the blank line that ends its header block.
    case noHeaderBlock
}

/// A message with a name of its own on the wire.
public protocol WireMessage: WireShape {
    /// The shape name that stands in `type`.
    static var type: String { get }

    /// The first required member that has no value.
    var missingMember: String? { get }
}

extension WireMessage {
    public var missingMember: String? { nil }

    /// The text of a frame that carries this message.
    public func frame() -> String { frame(named: Self.type) }

    /// The text of a frame that carries this message under another name.
    func frame(named name: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", Optional(name))
        writer.member("message", Optional(self))
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// A frame whose type is known and whose message is not read yet.
struct Envelope {
    let type: String
    private let message: JSONReader?

    init(_ bytes: [UInt8]) throws(FrameError) {
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            var type: String?
            var message: JSONReader?
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if try reader.takeNull() { continue }
                switch key {
                case "type": type = try reader.readString()
                case "message":
                    message = reader
                    try reader.skipValue()
                default: try reader.skipValue()
                }
            }
            try reader.finish()
            self.message = message
            self.type = type ?? ""
        } catch {
            throw .malformed(error)
        }
        if type.isEmpty { throw .noType }
    }

    /// Reads the message; an absent one reads as a message without members.
    func read<Message: WireMessage>(_: Message.Type = Message.self) throws(FrameError) -> Message {
        var value = Message()
        if var reader = message {
            do throws(JSONError) { value = try Message(json: &reader) } catch { throw .malformed(error) }
        }
        if let missing = value.missingMember { throw .missing(missing) }
        return value
    }
}
