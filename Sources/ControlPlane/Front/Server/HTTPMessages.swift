import AWSWire

/// A request as the server read it: what the dispatcher needs, and nothing of the connection.
public struct HTTPMessage: Sendable {
    public struct Header: Hashable, Sendable {
        /// As sent; names compare without case.
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: String
    /// Path and query as sent.
    public var target: String
    public var headers: [Header]
    public var body: [UInt8]
    /// Whether the connection has TLS.
    public var isSecure: Bool

    public init(method: String, target: String, headers: [Header], body: [UInt8] = [], isSecure: Bool = false) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.isSecure = isSecure
    }

    /// The first value of a header.
    ///
    /// - Parameter name: in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.isHeader(name) }?.value
    }

    public var path: String { String(Substring(target.utf8.prefix { $0 != UInt8(ascii: "?") })) }

    /// Everything after the first `?`, as sent.
    public var query: String { String(Substring(target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())) }

    /// The decoded query parameters; one that is wrongly encoded is left out, and the first of two counts.
    public var parameters: [String: String] {
        var parameters: [String: String] = [:]
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(Self.decoded), parameters[name] == nil else { continue }
            parameters[name] = parts.count == 2 ? Self.decoded(parts[1]) : ""
        }
        return parameters
    }

    /// This server's own address as the caller reached it, such as `http://127.0.0.1:4566`.
    public var origin: String { (isSecure ? "https" : "http") + "://" + (header("host") ?? "localhost") }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// An answer before the server frames it.
public struct HTTPAnswer: Sendable {
    public var status: Int
    public var headers: [HTTPMessage.Header]
    public var body: [UInt8]

    public init(status: Int, headers: [HTTPMessage.Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.isHeader(name) }?.value
    }
}
