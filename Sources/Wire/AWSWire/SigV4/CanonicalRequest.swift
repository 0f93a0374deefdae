/// The canonical form of a request, which both sides of a signature hash.
///
/// - Source: IAM User Guide, "Create a signed AWS API request", for services other than S3.
enum CanonicalRequest {
    /// What is hashed, in UTF-8.
    static func bytes(
        _ request: SigV4Request, query: String, signedHeaders: [String], payloadHash: String
    ) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        for line in [request.method, path(request.path), query] {
            bytes.append(contentsOf: line.utf8)
            bytes.append(newline)
        }
        for name in signedHeaders {
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: ":"))
            for (number, value) in request.values(of: name).enumerated() {
                if number > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(contentsOf: trimmed(value).utf8)
            }
            bytes.append(newline)
        }
        bytes.append(newline)
        for (number, name) in signedHeaders.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ";")) }
            bytes.append(contentsOf: name.utf8)
        }
        bytes.append(newline)
        bytes.append(contentsOf: payloadHash.utf8)
        return bytes
    }

    /// The path without empty and dot segments, then percent-encoded once more on top of how it travels.
    static func path(_ raw: String) -> String {
        if raw == "/" { return raw }
        var segments: [Substring] = []
        for segment in raw.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let trailing = raw.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.map { PercentEncoding.encode($0.utf8) }.joined(separator: "/") + trailing
    }

    /// Names and values decoded, encoded in the one way of SigV4, and sorted as they are encoded. `+` is a space, as
    /// the ECS agent sends it.
    static func query(_ raw: String) -> String {
        sortedQuery(raw) { PercentEncoding.encode(PercentEncoding.decode($0, plusIsSpace: true)) }
    }

    /// Names and values as they travel, sorted: what a client signs that does not encode its own query.
    static func verbatimQuery(_ raw: String) -> String { sortedQuery(raw) { String($0) } }

    private static func sortedQuery(_ raw: String, _ encode: (Substring) -> String) -> String {
        let pairs = raw.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: encode(parts[0]), value: parts.count > 1 ? encode(parts[1]) : "")
        }
        return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// White space removed around a value, and runs of it within made one space.
    private static func trimmed(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { return value }
        return value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}

/// Percent-encoding of RFC 3986 where only unreserved bytes stay, as SigV4 wants it.
enum PercentEncoding {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var encoded: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), Hexadecimal.upper[Int(byte >> 4)], Hexadecimal.upper[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// A `%` that no two digits follow stands for itself.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> [UInt8] {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Hexadecimal.value(bytes[index + 1]), let low = Hexadecimal.value(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
