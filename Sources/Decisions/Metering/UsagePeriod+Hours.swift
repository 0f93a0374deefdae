public import Domain
public import Identifiers

extension UsagePeriod {
    static let hour: Int64 = 3_600_000

    /// The hour that holds the moment.
    public init(_ time: Timestamp) {
        let (hours, rest) = time.milliseconds.quotientAndRemainder(dividingBy: Self.hour)
        self.init(start: rest < 0 ? hours - 1 : hours)
    }

    /// The day, in UTC, that holds the period's start.
    public var day: UsagePeriod {
        let (days, rest) = start.quotientAndRemainder(dividingBy: 24)
        return UsagePeriod(start: (rest < 0 ? days - 1 : days) &* 24, hours: 24)
    }

    public var endTime: Timestamp { Timestamp(hour: end) }
}

extension Timestamp {
    /// The beginning of an hour counted from 1970.
    public init(hour: Int64) {
        let (milliseconds, isTooLarge) = hour.multipliedReportingOverflow(by: UsagePeriod.hour)
        self.init(milliseconds: isTooLarge ? (hour < 0 ? .min : .max) : milliseconds)
    }
}
