import Synchronization

/// Seconds of UTC as HTTP writes them: `Thu, 01 Jan 2026 12:30:00 GMT`. Clients set their clocks by it when the time of a
/// signature is refused. The last one is kept, for a second has many answers.
///
/// - Source: RFC 9110, section 5.6.7.
public final class HTTPDates: Sendable {
    private let last = Mutex((second: Int64.min, text: ""))

    public init() {}

    /// - Parameter milliseconds: since 1970.
    public func text(at milliseconds: Int64) -> String {
        let second = milliseconds.flooredQuotient(by: 1000)
        return last.withLock { last in
            if last.second != second { last = (second, Self.text(second)) }
            return last.text
        }
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func text(_ seconds: Int64) -> String {
        let days = seconds.flooredQuotient(by: 86400)
        let second = seconds - days * 86400
        let (year, month, day) = SigV4Date.civil(daysSince1970: days)
        // The first of January 1970 was a Thursday.
        let weekday = (days + 4) - (days + 4).flooredQuotient(by: 7) * 7
        func two(_ number: Int64) -> String { SigV4Date.padded(number, 2) }
        let date = "\(two(day)) \(months[Int(month - 1)]) \(SigV4Date.padded(year, 4))"
        return
            "\(weekdays[Int(weekday)]), \(date) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) GMT"
    }
}
