public import Identifiers

/// When a rule fires by itself: `rate(5 minutes)` or `cron(0 20 * * ? *)`, in UTC.
///
/// - Source: Amazon EventBridge User Guide, "Creating an Amazon EventBridge rule that runs on a schedule"
public enum ScheduleExpression: Hashable, Sendable {
    /// Every so many minutes, counted from when the schedule began.
    case rate(minutes: Int64)
    case cron(CronExpression)

    /// nil for what is no schedule: EventBridge says no more about it than that.
    public init?(_ text: String) {
        guard text.hasSuffix(")") else { return nil }
        if text.hasPrefix("rate(") {
            guard let minutes = Self.minutes(text.dropFirst(5).dropLast()) else { return nil }
            self = .rate(minutes: minutes)
        } else if text.hasPrefix("cron(") {
            guard let cron = CronExpression(text.dropFirst(5).dropLast()) else { return nil }
            self = .cron(cron)
        } else {
            return nil
        }
    }

    /// One minute is `1 minute`, more are `5 minutes`.
    private static func minutes(_ text: Substring) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(words[0]),
            count > 0
        else { return nil }
        let units: [Substring: Int64] = count == 1 ? singular : plural
        guard let unit = units[words[1]] else { return nil }
        let (minutes, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        // A thousand years: what is added to a time must stay one.
        return isTooLarge || minutes > 525_600_000 ? nil : minutes
    }

    private static let singular: [Substring: Int64] = ["minute": 1, "hour": 60, "day": 1440]
    private static let plural: [Substring: Int64] = ["minutes": 1, "hours": 60, "days": 1440]

    /// The first time after `time` at which it fires; nil when it never does again.
    ///
    /// - Parameter start: when the schedule began: rates are counted from there, and nothing fires before it.
    public func next(after time: Timestamp, start: Timestamp) -> Timestamp? {
        switch self {
        case .rate(let minutes):
            let period = minutes &* 60_000
            let passed = max(0, time.milliseconds &- start.milliseconds)
            return Timestamp(milliseconds: start.milliseconds &+ (passed / period &+ 1) &* period)
        case .cron(let cron): return cron.next(after: max(time, start))
        }
    }
}
