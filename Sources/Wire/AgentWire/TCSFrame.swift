/// A telemetry frame of an agent: the header lines of a signed pseudo request, a blank line, then JSON.
public struct TCSFrame: Hashable, Sendable {
    /// One line of the header block.
    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var headers: [Header]
    /// What `TCSAgentMessage` reads.
    public var json: String

    public init(headers: [Header], json: String) {
        self.headers = headers
        self.json = json
    }

    /// Splits a text frame at its first blank line; lines without a colon are skipped.
    public init(text: String) throws(FrameError) {
        let bytes = Array(text.utf8)
        guard let end = Self.blankLine(in: bytes) else { throw .noHeaderBlock }
        headers = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .compactMap(Self.header)
        json = String(decoding: bytes[end.upperBound...], as: UTF8.self)
    }

    public var text: String {
        headers.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n" + json
    }

    /// The first value under the name, which is compared without regard to case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    private static func blankLine(in bytes: [UInt8]) -> Range<Int>? {
        let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= mark.count else { return nil }
        for start in 0...(bytes.count - mark.count) where bytes[start..<start + mark.count].elementsEqual(mark) {
            return start..<start + mark.count
        }
        return nil
    }

    private static func header(_ line: Substring) -> Header? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return Header(name: String(line[..<colon]), value: String(value))
    }
}
