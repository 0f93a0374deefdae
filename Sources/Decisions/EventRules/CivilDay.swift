/// A day of the Gregorian calendar from 1970 on.
public struct CivilDay: Hashable, Sendable {
    private(set) var year = 1970
    /// From 1.
    private(set) var month = 1
    /// From 1.
    private(set) var day = 1
    /// 1 for Sunday to 7 for Saturday. The first of January 1970 was a Thursday.
    private(set) var weekday = 5

    /// - Parameter days: since 1970; not negative.
    init(daysSince1970 days: Int64) {
        weekday = Int((days + 4) % 7) + 1
        var rest = days
        while rest >= Self.length(ofYear: year) {
            rest -= Self.length(ofYear: year)
            year += 1
        }
        while rest >= Int64(Self.length(ofMonth: month, in: year)) {
            rest -= Int64(Self.length(ofMonth: month, in: year))
            month += 1
        }
        day = Int(rest) + 1
    }

    /// How many days lie between it and the first of January 1970.
    ///
    /// - Parameter year: from 1970 on.
    /// - Returns: nil for a day that no calendar has.
    public static func daysSince1970(year: Int, month: Int, day: Int) -> Int64? {
        guard year >= 1970, (1...12).contains(month), day >= 1, day <= length(ofMonth: month, in: year) else {
            return nil
        }
        let years = (1970..<year).reduce(Int64(0)) { $0 + length(ofYear: $1) }
        return (1..<month).reduce(years) { $0 + Int64(length(ofMonth: $1, in: year)) } + Int64(day - 1)
    }

    /// How many days its month has.
    var monthLength: Int { Self.length(ofMonth: month, in: year) }

    /// What day of the week another day of its month is.
    func weekday(of other: Int) -> Int { (weekday - 1 + (other - day) % 7 + 7) % 7 + 1 }

    mutating func advance() {
        weekday = weekday % 7 + 1
        day += 1
        guard day > monthLength else { return }
        day = 1
        month += 1
        guard month > 12 else { return }
        month = 1
        year += 1
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

    private static func length(ofYear year: Int) -> Int64 { isLeap(year) ? 366 : 365 }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
