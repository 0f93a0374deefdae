/// Which days a cron expression names, by its two fields for days.
enum CronDays: Hashable, Sendable {
    case ofMonth(Set<Int>)
    /// `L`.
    case lastOfMonth
    /// `15W`: the day from Monday to Friday of the same month that is nearest.
    case weekdayNearest(Int)
    /// `LW`.
    case lastWeekday
    case ofWeek(Set<Int>)
    /// `6L`: the last Friday.
    case lastOfWeekday(Int)
    /// `3#2`: the second Tuesday.
    case nth(Int, weekday: Int)

    /// nil for what is no such pair: exactly one of the two must be `?`.
    init?(ofMonth: Substring, ofWeek: Substring) {
        switch (ofMonth == "?", ofWeek == "?") {
        case (false, true): self.init(ofMonth: ofMonth)
        case (true, false): self.init(ofWeek: ofWeek)
        default: return nil
        }
    }

    private init?(ofMonth text: Substring) {
        if text == "L" {
            self = .lastOfMonth
        } else if text == "LW" {
            self = .lastWeekday
        } else if text.hasSuffix("W") {
            guard let day = CronField.dayOfMonth.value(text.dropLast()) else { return nil }
            self = .weekdayNearest(day)
        } else {
            guard let days = CronField.dayOfMonth.values(text) else { return nil }
            self = .ofMonth(days)
        }
    }

    private init?(ofWeek text: Substring) {
        if text == "L" {
            self = .ofWeek([7])
        } else if text.hasSuffix("L") {
            guard let day = CronField.dayOfWeek.value(text.dropLast()) else { return nil }
            self = .lastOfWeekday(day)
        } else if let mark = text.firstIndex(of: "#") {
            guard let day = CronField.dayOfWeek.value(text[..<mark]),
                let count = CronField.number(text[text.index(after: mark)...]), (1...5).contains(count)
            else { return nil }
            self = .nth(count, weekday: day)
        } else {
            guard let days = CronField.dayOfWeek.values(text) else { return nil }
            self = .ofWeek(days)
        }
    }

    func contains(_ day: CivilDay) -> Bool {
        switch self {
        case .ofMonth(let days): days.contains(day.day)
        case .ofWeek(let days): days.contains(day.weekday)
        case .lastOfMonth: day.day == day.monthLength
        case .lastOfWeekday(let weekday): day.weekday == weekday && day.day + 7 > day.monthLength
        case .nth(let count, let weekday): day.weekday == weekday && (day.day - 1) / 7 + 1 == count
        case .lastWeekday: day.day == Self.nearestWeekday(to: day.monthLength, day)
        case .weekdayNearest(let wanted):
            // A month without that day has none nearest to it.
            wanted <= day.monthLength && day.day == Self.nearestWeekday(to: wanted, day)
        }
    }

    /// The day from Monday to Friday that is nearest to `wanted` in the month of `day`.
    private static func nearestWeekday(to wanted: Int, _ day: CivilDay) -> Int {
        switch day.weekday(of: wanted) {
        case 1: wanted == day.monthLength ? wanted - 2 : wanted + 1
        case 7: wanted == 1 ? 3 : wanted - 1
        default: wanted
        }
    }
}
