public import Domain
public import Identifiers

/// How long usage is kept, and how finely.
public enum UsageHistory {
    /// Days of which every hour is kept: a month with days to spare for looking back at it.
    static let hourlyDays: Int64 = 35
    /// Days that are kept at all: a year, and the month it is compared with.
    static let days: Int64 = 400

    /// The rates of what began before all that is kept. Its amount is forgotten.
    static let past = UsagePeriod(start: 0, hours: 24)

    /// The first hour of which usage is known.
    public static func horizon(now: Timestamp) -> Int64 {
        UsagePeriod(start: UsagePeriod(now).start - days * 24).day.start
    }

    /// The record that takes over what is in this one, when it is old enough to be kept in less detail; nil while it is not.
    public static func successor(of record: UsageRecord, now: Timestamp) -> UsageRecord? {
        let period = record.id.period
        if period == past { return nil }
        if period.end <= horizon(now: now) {
            var past = UsageRecord(id: UsageID(group: record.id.group, period: Self.past))
            past.rate = record.rate
            return past
        }
        guard period.hours == 1, period.day.end <= UsagePeriod(now).start - hourlyDays * 24 else { return nil }
        return record.widened(to: period.day)
    }

    /// The hours that can be told exactly and hold `hours`: bounds within a day that is kept as one are moved out to its
    /// ends, and what is not known any more is left out.
    public static func aligned(
        _ hours: Range<Int64>, to records: some Sequence<UsageRecord>, now: Timestamp
    ) -> Range<Int64> {
        var lower = max(hours.lowerBound, horizon(now: now))
        var upper = max(lower, hours.upperBound)
        for period in records.lazy.map(\.id.period) where period.hours > 1 && period != past {
            // Days are aligned to days: a bound that was moved is within none.
            if period.start < lower, lower < period.end { lower = period.start }
            if period.start < upper, upper < period.end { upper = period.end }
        }
        return lower..<max(lower, upper)
    }
}
