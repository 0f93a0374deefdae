/// A second of UTC as SigV4 writes it: `20260101T123000Z`.
struct SigV4Date: Hashable, Sendable {
    let text: String
    /// Since 1970.
    let milliseconds: Int64

    /// The day part of the text.
    var day: String { String(text.prefix(8)) }

    /// - Parameter milliseconds: since 1970; years 0 to 9999 are expected, others give a text that no one accepts.
    init(milliseconds: Int64) {
        let seconds = milliseconds.flooredQuotient(by: 1000)
        let days = seconds.flooredQuotient(by: 86400)
        let second = seconds - days * 86400
        let (year, month, day) = Self.civil(daysSince1970: days)
        let date = Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(day, 2)
        let time = Self.padded(second / 3600, 2) + Self.padded(second / 60 % 60, 2) + Self.padded(second % 60, 2)
        self.text = "\(date)T\(time)Z"
        self.milliseconds = seconds * 1000
    }

    /// Nil for everything but a real second in exactly that form.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(9..<11),
            let minute = number(11..<13), let second = number(13..<15), (1...12).contains(month)
        else { return nil }
        let seconds = Self.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
        self.init(milliseconds: seconds * 1000)
        // A thirtieth of February comes back as another day.
        if self.text != text { return nil }
    }

    /// Days since 1970 of a date of the Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day is a year's last.
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `days`.
    static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// Division rounded towards minus infinity.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
