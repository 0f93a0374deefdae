import Identifiers

/// Six fields: minutes, hours, day of the month, month, day of the week, year.
///
/// One of the two days must be `?`, the other says which days.
public struct CronExpression: Hashable, Sendable {
    private var minutes: Set<Int>
    private var hours: Set<Int>
    private var days: CronDays
    private var months: Set<Int>
    private var years: Set<Int>

    /// nil for what is no such expression.
    init?(_ text: Substring) {
        let fields = text.split(separator: " ")
        guard fields.count == 6, let minutes = CronField.minute.values(fields[0]),
            let hours = CronField.hour.values(fields[1]), let months = CronField.month.values(fields[3]),
            let years = CronField.year.values(fields[5]), let days = CronDays(ofMonth: fields[2], ofWeek: fields[4])
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.years = years
    }

    /// The first minute after `time` that it names, in UTC; nil when there is none before the year 2200.
    func next(after time: Timestamp) -> Timestamp? {
        let minute = max(0, time.milliseconds / 60_000 + (time.milliseconds < 0 ? 0 : 1))
        // Beyond it there is no day to look at, and every number below stays small.
        guard minute < Self.end else { return nil }
        var day = CivilDay(daysSince1970: minute / 1440)
        var first = Int(minute % 1440)
        var start = minute - Int64(first)
        while start < Self.end {
            if years.contains(day.year), months.contains(day.month), days.contains(day),
                let found = firstMinute(from: first)
            {
                return Timestamp(milliseconds: (start + Int64(found)) * 60_000)
            }
            day.advance()
            first = 0
            start += 1440
        }
        return nil
    }

    /// Minutes from 1970 to 2200.
    private static let end: Int64 = 84_006 * 1440

    /// The first minute of a day, not before `minute`.
    private func firstMinute(from minute: Int) -> Int? {
        for hour in (minute / 60)..<24 where hours.contains(hour) {
            for candidate in (hour == minute / 60 ? minute % 60 : 0)..<60 where minutes.contains(candidate) {
                return hour * 60 + candidate
            }
        }
        return nil
    }

    func names(_ day: CivilDay, minute: Int) -> Bool {
        years.contains(day.year) && months.contains(day.month) && days.contains(day) && hours.contains(minute / 60)
            && minutes.contains(minute % 60)
    }
}

/// The values that one field may have, by number or name.
struct CronField: Hashable, Sendable {
    var range: ClosedRange<Int>
    var names: [String] = []

    static let minute = CronField(range: 0...59)
    static let hour = CronField(range: 0...23)
    static let dayOfMonth = CronField(range: 1...31)
    static let month = CronField(
        range: 1...12,
        names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
    static let dayOfWeek = CronField(range: 1...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])
    static let year = CronField(range: 1970...2199)

    /// What a list of values, ranges and steps names; nil for what is none.
    func values(_ text: Substring) -> Set<Int>? {
        var values: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = item.isEmpty ? nil : self.item(item) else { return nil }
            values.formUnion(some)
        }
        return values
    }

    private func item(_ text: Substring) -> [Int]? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        var step = 1
        if parts.count == 2 {
            guard let number = Self.number(parts[1]), number > 0, number <= range.upperBound else { return nil }
            step = number
        }
        guard let (first, last) = span(parts[0], hasStep: parts.count == 2) else { return nil }
        return Array(stride(from: first, through: last, by: step))
    }

    /// `*` is everything, `5/10` begins at five.
    private func span(_ text: Substring, hasStep: Bool) -> (Int, Int)? {
        if text == "*" { return (range.lowerBound, range.upperBound) }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap(value), let last = ends.last.flatMap(value), ends.count <= 2,
            first <= last
        else { return nil }
        return (first, ends.count == 1 && hasStep ? range.upperBound : last)
    }

    func value(_ text: Substring) -> Int? {
        if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        guard let number = Self.number(text), range.contains(number) else { return nil }
        return number
    }

    /// Digits alone, without a sign.
    static func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
