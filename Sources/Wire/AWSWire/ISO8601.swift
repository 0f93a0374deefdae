/// A point of time as events and other JSON documents of AWS write it, in UTC.
public enum ISO8601 {
    /// `2026-01-01T12:30:00Z`.
    /// - Parameter milliseconds: since 1970; years 0 to 9999 are expected.
    public static func seconds(_ milliseconds: Int64) -> String { date(milliseconds) + "Z" }

    /// `2026-01-01T12:30:00.123Z`.
    public static func milliseconds(_ milliseconds: Int64) -> String {
        let fraction = String(milliseconds - SigV4Date(milliseconds: milliseconds).milliseconds)
        return date(milliseconds) + "." + String(repeating: "0", count: max(0, 3 - fraction.count)) + fraction + "Z"
    }

    /// Milliseconds since 1970 of such a text, whose fraction is left out; nil for every other one.
    public static func milliseconds(of text: String) -> Int64? {
        guard text.hasSuffix("Z") else { return nil }
        let whole = text.dropLast().prefix { $0 != "." }
        return SigV4Date(whole.filter { $0 != "-" && $0 != ":" } + "Z")?.milliseconds
    }

    private static func date(_ milliseconds: Int64) -> String {
        var text = ""
        for (index, character) in SigV4Date(milliseconds: milliseconds).text.dropLast().enumerated() {
            if index == 4 || index == 6 { text += "-" }
            if index == 11 || index == 13 { text += ":" }
            text.append(character)
        }
        return text
    }

    /// Milliseconds since 1970 of such a text, with `Z` or an offset such as `+01:00`, or of a number of seconds.
    public static func parsed(_ text: String) -> Int64? {
        if let seconds = Double(text), seconds.magnitude < 1e12 { return Int64((seconds * 1000).rounded()) }
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        let plain = String(decoding: bytes[..<19], as: UTF8.self).filter { $0 != "-" && $0 != ":" } + "Z"
        guard let date = SigV4Date(plain), let rest = fraction(bytes[19...]),
            let offset = offset(String(decoding: rest.zone, as: UTF8.self))
        else { return nil }
        return date.milliseconds + rest.milliseconds - offset * 60_000
    }

    /// What stands behind the seconds; digits beyond milliseconds are dropped.
    private static func fraction(_ bytes: ArraySlice<UInt8>) -> (milliseconds: Int64, zone: ArraySlice<UInt8>)? {
        guard bytes.first == UInt8(ascii: ".") else { return (0, bytes) }
        let digits = bytes.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let text =
            String(decoding: digits.prefix(3), as: UTF8.self) + String(repeating: "0", count: 3 - min(digits.count, 3))
        return Int64(text).flatMap { digits.isEmpty ? nil : ($0, bytes[digits.endIndex...]) }
    }

    /// Minutes.
    private static func offset(_ text: String) -> Int64? {
        if text == "Z" || text == "z" { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard text.hasPrefix("+") || text.hasPrefix("-"), digits.count == 4, let number = Int64(digits), number >= 0,
            number % 100 < 60, number / 100 < 24
        else { return nil }
        return (number / 100 * 60 + number % 100) * (text.hasPrefix("-") ? -1 : 1)
    }
}
