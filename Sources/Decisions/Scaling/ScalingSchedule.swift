public import EventRules
public import Identifiers

/// When a scheduled action acts: `at(2026-03-01T08:00:00)`, `rate(5 hours)` or `cron(0 8 ? * MON-FRI *)`.
///
/// A time of day that is left out when clocks go forward is left out by a cron expression too; one that clocks show twice counts
/// once, the first time.
/// - Source: Application Auto Scaling User Guide, "Schedule recurring scaling actions"; for clocks that change, Amazon
///   EventBridge Scheduler User Guide, "Daylight savings time on EventBridge Scheduler"
public enum ScalingSchedule: Hashable, Sendable {
    /// Once, by the clocks of the action's time zone, written as if they were in UTC.
    case at(Timestamp)
    case recurring(ScheduleExpression)

    /// nil for what is no schedule.
    public init?(_ text: String) {
        if text.hasPrefix("at("), text.hasSuffix(")") {
            guard let time = Timestamp(localTime: text.dropFirst(3).dropLast()) else { return nil }
            self = .at(time)
        } else {
            guard let expression = ScheduleExpression(text) else { return nil }
            self = .recurring(expression)
        }
    }

    /// The first time after `time` at which it acts; nil when it never does again.
    ///
    /// - Parameters:
    ///   - start: nothing happens before it; a rate acts then and is counted from there.
    ///   - created: a rate without a start is counted from here, and acts one period later first.
    ///   - end: nothing happens after it.
    public func next(
        after time: Timestamp, start: Timestamp?, created: Timestamp, end: Timestamp?, zone: TimeZoneTable
    ) -> Timestamp? {
        let floor = start.map { max(time, Timestamp(milliseconds: $0.milliseconds &- 1)) } ?? time
        let found: Timestamp?
        switch self {
        case .at(let local):
            let time = zone.timeBeyondGap(ofLocal: local)
            found = time > floor ? time : nil
        case .recurring(.rate(let minutes)):
            let period = minutes &* 60_000
            let origin = start.map { Timestamp(milliseconds: $0.milliseconds &- period) } ?? created
            found = ScheduleExpression.rate(minutes: minutes).next(after: max(floor, origin), start: origin)
        case .recurring(let cron): found = Self.next(of: cron, after: floor, zone)
        }
        guard let found, end.map({ found <= $0 }) ?? true else { return nil }
        return found
    }

    /// Local times are asked one after the other: those of a gap are passed over, and those that come again are not after
    /// `time`.
    private static func next(of cron: ScheduleExpression, after time: Timestamp, _ zone: TimeZoneTable) -> Timestamp? {
        // What clocks show may lie before what they showed an hour ago.
        var local = zone.local(time).adding(.seconds(-7_200))
        // Beyond a gap and a fold, both of them a day at most, every local time has its own.
        for _ in 0..<4_000 {
            guard let next = cron.next(after: local, start: local) else { return nil }
            if let found = zone.time(ofLocal: next), found > time { return found }
            local = next
        }
        return nil
    }
}

extension Timestamp {
    /// `yyyy-mm-ddThh:mm:ss`, as if it were in UTC; nil for anything else.
    fileprivate init?(localTime text: Substring) {
        let bytes = Array(text.utf8)
        guard bytes.count == 19 else { return nil }
        var numbers: [Int] = []
        var number = 0
        for (position, byte) in bytes.enumerated() {
            switch position {
            case 4, 7: guard byte == UInt8(ascii: "-") else { return nil }
            case 10: guard byte == UInt8(ascii: "T") else { return nil }
            case 13, 16: guard byte == UInt8(ascii: ":") else { return nil }
            default:
                guard (48...57).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 48)
                continue
            }
            numbers.append(number)
            number = 0
        }
        numbers.append(number)
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1970...2199).contains(year), (1...12).contains(month), day >= 1, numbers[3] < 24, numbers[4] < 60,
            numbers[5] < 60, let days = CivilDay.daysSince1970(year: year, month: month, day: day)
        else { return nil }
        let seconds = days * 86_400 + Int64(numbers[3] * 3600 + numbers[4] * 60 + numbers[5])
        self.init(milliseconds: seconds * 1000)
    }
}
