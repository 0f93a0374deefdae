/// A question of a DNS message, and the answers that need nobody else.
///
/// - Source: RFC 1035, 4 "Messages"
public struct DNSQuestion: Hashable, Sendable {
    /// Lowercase, without the last dot; empty for the root.
    public var name: String
    public var type: UInt16
    /// The message up to its question's end.
    private let bytes: [UInt8]

    private static let header = 12
    private static let internet: UInt16 = 1
    private static let address: UInt16 = 1
    private static let any: UInt16 = 255
    /// A load balancer keeps its address as long as it lives; longer would tell of one that is gone.
    private static let lifetime: UInt32 = 10

    /// - Returns: nil for what is no query with exactly one question of the Internet's class.
    public init?(_ message: some Collection<UInt8>) {
        let message = Array(message)
        // A query, and of the standard kind.
        guard message.count > Self.header, message[2] & 0xf8 == 0, Self.word(message, 4) == 1 else { return nil }
        var labels: [String] = []
        var place = Self.header
        var length = 0
        while true {
            guard message.indices.contains(place) else { return nil }
            let count = Int(message[place])
            place += 1
            if count == 0 { break }
            length += count + 1
            // No pointer: nothing stands before a question that it could point to.
            guard count < 64, length < 255, place + count <= message.count else { return nil }
            labels.append(String(decoding: message[place..<place + count].map(Self.lowercased), as: UTF8.self))
            place += count
        }
        guard place + 4 <= message.count, Self.word(message, place + 2) == Self.internet else { return nil }
        name = labels.joined(separator: ".")
        type = Self.word(message, place)
        bytes = Array(message[..<(place + 4)])
    }

    /// Addresses of a name that is known; an answer without any when something else than an IPv4 address is asked for.
    public func answer(_ addresses: [[UInt8]]) -> [UInt8] {
        let wanted = type == Self.address || type == Self.any ? addresses.filter { $0.count == 4 }.prefix(64) : []
        var answer = reply(.noError, answers: UInt16(clamping: wanted.count))
        for address in wanted {
            // The question's own name, by a pointer.
            answer += [0xc0, UInt8(Self.header)] + Self.bytes(Self.address) + Self.bytes(Self.internet)
            answer += (0..<4).map { UInt8(truncatingIfNeeded: Self.lifetime >> (24 - 8 * $0)) }
            answer += [0, 4] + address
        }
        return answer
    }

    /// There is no such name.
    public func unknown() -> [UInt8] { reply(.nameError, answers: 0) }

    /// Nobody could be asked.
    public func failure() -> [UInt8] { reply(.serverFailure, answers: 0) }

    private enum Code: UInt8 { case noError = 0, serverFailure = 2, nameError = 3 }

    private func reply(_ code: Code, answers: UInt16) -> [UInt8] {
        var reply = bytes
        // An answer that repeats whether recursion was desired, and offers it.
        reply[2] = 0x80 | (bytes[2] & 1)
        reply[3] = 0x80 | code.rawValue
        reply.replaceSubrange(4..<12, with: [0, 1] + Self.bytes(answers) + [0, 0, 0, 0])
        return reply
    }

    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt16 {
        guard place + 1 < bytes.count else { return 0 }
        return UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }

    private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 255)] }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
