import AWSWire
import Domain
import JSONBytes

/// One page of a list: at most `size` elements after the key that the token holds.
///
/// The token names the last element shown, not a position: what is added or removed between two pages neither repeats
/// nor hides another element.
struct Paging: Sendable {
    let size: Int
    /// The key of the last element of the page before.
    let last: String?

    /// - Throws: `InvalidParameterException` when the token was not made here or the size is out of range.
    init(_ maxResults: Int?, _ nextToken: String?, standard: Int = 100, limit: Int = 100) throws(APIFault) {
        guard let size = Optional(maxResults ?? standard), (1...limit).contains(size) else {
            throw .invalidParameter("maxResults must be between 1 and \(limit).")
        }
        self.size = size
        guard let nextToken else {
            last = nil
            return
        }
        guard let key = Self.key(in: nextToken) else { throw .invalidParameter("Invalid token.") }
        last = key
    }

    /// Cuts the page out of everything, which must be in the order of the list.
    ///
    /// - Parameter key: what identifies an element in the token.
    /// - Parameter isAfter: whether an element comes after the one that the token names, whether or not that still exists.
    func page<Element>(
        _ elements: some Sequence<Element>, key: (Element) -> String, isAfter: (Element, String) -> Bool
    ) -> (elements: [Element], nextToken: String?) {
        var page: [Element] = []
        for element in elements where last.map({ isAfter(element, $0) }) ?? true {
            if page.count == size { return (page, page.last.map { Self.token(key($0)) }) }
            page.append(element)
        }
        return (page, nil)
    }

    /// Cuts the page out of a list that ascends by its keys.
    func page<Element>(
        _ elements: some Sequence<Element>, key: (Element) -> String
    ) -> (elements: [Element], nextToken: String?) {
        page(elements, key: key) { key($0) > $1 }
    }

    /// A tag byte, the key, and a check byte, in hexadecimal: opaque, and told from what was made up.
    static func token(_ key: String) -> String {
        let bytes = [version] + Array(key.utf8)
        return (bytes + [check(bytes)]).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static let version: UInt8 = 0xb1
    /// A metric with 30 dimensions is the longest key.
    private static let longest = 131_072

    private static func check(_ bytes: [UInt8]) -> UInt8 { bytes.reduce(0x5a) { ($0 &* 31) ^ $1 } }

    private static func key(in token: String) -> String? {
        let digits = Array(token.utf8)
        guard digits.count >= 4, digits.count % 2 == 0, digits.count <= longest else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[start...start + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        guard let sum = bytes.popLast(), bytes.first == version, check(bytes) == sum else { return nil }
        return String(validating: bytes.dropFirst(), as: UTF8.self)
    }
}
