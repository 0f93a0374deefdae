public import Identifiers

/// Points of time in the words of alarms, in UTC.
public enum AlarmTime {
    /// `2020-08-14T15:47:28.000+0000`.
    public static func iso(_ time: Timestamp) -> String {
        let parts = Parts(time)
        return "\(parts.year)-\(two(parts.month))-\(two(parts.day))T\(clock(parts)).\(three(parts.millisecond))+0000"
    }

    /// `14/08/20 15:47:28`.
    static func short(_ time: Timestamp) -> String {
        let parts = Parts(time)
        return "\(two(parts.day))/\(two(parts.month))/\(two(parts.year % 100)) \(clock(parts))"
    }

    /// `Friday 14 August, 2020 15:47:28 UTC`.
    static func long(_ time: Timestamp) -> String {
        let parts = Parts(time)
        let weekday = weekdays[(parts.daysSince1970 % 7 + 11) % 7]
        return "\(weekday) \(two(parts.day)) \(months[parts.month - 1]), \(parts.year) \(clock(parts)) UTC"
    }

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private static func clock(_ parts: Parts) -> String {
        "\(two(parts.second / 3600)):\(two(parts.second / 60 % 60)):\(two(parts.second % 60))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func three(_ number: Int) -> String { number < 100 ? "0" + two(number) : "\(number)" }

    private struct Parts {
        var daysSince1970: Int
        var year: Int
        var month: Int
        var day: Int
        /// Of the day.
        var second: Int
        var millisecond: Int

        /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days
        init(_ time: Timestamp) {
            let day = 86_400_000
            // Years 1 to 9999, so that nothing overflows.
            let milliseconds = Int(min(max(time.milliseconds, -62_135_596_800_000), 253_402_300_799_999))
            let days = (milliseconds - (milliseconds % day + day) % day) / day
            let rest = milliseconds - days * day
            let shifted = days + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            daysSince1970 = days
            self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
            second = rest / 1000
            millisecond = rest % 1000
        }
    }
}
