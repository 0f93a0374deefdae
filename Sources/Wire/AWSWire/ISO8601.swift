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

    private static func date(_ milliseconds: Int64) -> String {
        var text = ""
        for (index, character) in SigV4Date(milliseconds: milliseconds).text.dropLast().enumerated() {
            if index == 4 || index == 6 { text += "-" }
            if index == 11 || index == 13 { text += ":" }
            text.append(character)
        }
        return text
    }
}
