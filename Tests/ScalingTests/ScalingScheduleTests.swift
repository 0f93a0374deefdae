import Identifiers
import TestKit
import Testing

@testable import Scaling

@Suite("Schedules of scaling")
struct ScalingScheduleTests {
    /// Berlin in 2026: clocks go forward on 29 March at 01:00 UTC and back on 25 October at 01:00 UTC.
    static let berlin = TimeZoneTable(
        offset: 3600,
        transitions: [
            .init(at: time(3, 29, 1), offset: 7200), .init(at: time(10, 25, 1), offset: 3600),
        ])

    static func time(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0) -> Timestamp {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let days = lengths.prefix(month - 1).reduce(0, +) + day - 1
        return .seconds(1_767_225_600 + Int64(days * 86_400 + hour * 3600 + minute * 60))
    }

    private func next(
        _ text: String, after: Timestamp, start: Timestamp? = nil, end: Timestamp? = nil, _ zone: TimeZoneTable = .utc
    ) throws -> Timestamp? {
        let schedule = try #require(ScalingSchedule(text))
        return schedule.next(after: after, start: start, created: Self.time(1, 1, 0), end: end, zone: zone)
    }

    @Test("at happens once, by the clocks of its zone")
    func at() throws {
        #expect(try next("at(2026-06-01T08:00:00)", after: Self.time(5, 1, 0)) == Self.time(6, 1, 8))
        #expect(try next("at(2026-06-01T08:00:00)", after: Self.time(5, 1, 0), Self.berlin) == Self.time(6, 1, 6))
        #expect(try next("at(2026-06-01T08:00:00)", after: Self.time(6, 1, 8)) == nil)
        // Left out when clocks go forward: as long after the gap as it was written.
        #expect(try next("at(2026-03-29T02:30:00)", after: Self.time(3, 1, 0), Self.berlin) == Self.time(3, 29, 1, 30))
        // Shown twice: the first time.
        #expect(
            try next("at(2026-10-25T02:30:00)", after: Self.time(10, 1, 0), Self.berlin) == Self.time(10, 25, 0, 30))
    }

    @Test("cron goes by the clocks of its zone, over their changes")
    func cron() throws {
        let morning = "cron(0 8 * * ? *)"
        #expect(try next(morning, after: Self.time(3, 28, 12), Self.berlin) == Self.time(3, 29, 6))
        #expect(try next(morning, after: Self.time(3, 27, 12), Self.berlin) == Self.time(3, 28, 7))
        #expect(try next(morning, after: Self.time(10, 24, 12), Self.berlin) == Self.time(10, 25, 7))
        // Left out on the day of the gap; once on that of the fold.
        let night = "cron(30 2 * * ? *)"
        #expect(try next(night, after: Self.time(3, 28, 12), Self.berlin) == Self.time(3, 30, 0, 30))
        #expect(try next(night, after: Self.time(10, 24, 12), Self.berlin) == Self.time(10, 25, 0, 30))
        #expect(try next(night, after: Self.time(10, 25, 0, 30), Self.berlin) == Self.time(10, 26, 1, 30))
    }

    @Test("a rate is counted from its start, or from when it was made")
    func rate() throws {
        #expect(try next("rate(5 hours)", after: Self.time(1, 1, 0)) == Self.time(1, 1, 5))
        let start = Self.time(2, 1, 12)
        #expect(try next("rate(5 hours)", after: Self.time(1, 1, 0), start: start) == start)
        #expect(try next("rate(5 hours)", after: start, start: start) == Self.time(2, 1, 17))
    }

    @Test("nothing happens before the start or after the end")
    func bounds() throws {
        let every = "cron(0 * * * ? *)"
        #expect(try next(every, after: Self.time(1, 1, 0), start: Self.time(1, 2, 0)) == Self.time(1, 2, 0))
        #expect(try next(every, after: Self.time(1, 1, 0), end: Self.time(1, 1, 1)) == Self.time(1, 1, 1))
        #expect(try next(every, after: Self.time(1, 1, 1), end: Self.time(1, 1, 1, 59)) == nil)
    }

    @Test(
        "what is no schedule is refused",
        arguments: [
            "", "at()", "at(2026-02-30T00:00:00)", "at(2026-1-1T00:00:00)", "at(2026-01-01 00:00:00)", "at(x",
            "rate(0 minutes)", "rate(1 minutes)", "cron(0 8 * * * *)", "every day",
        ])
    func refused(text: String) { #expect(ScalingSchedule(text) == nil) }

    @Test("over a year of any clock a daily time comes once a day, but for the day of a gap", arguments: 0..<40)
    func everyDay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let offset = Int.random(in: -12...13, using: &random) * 3600
        let shift = [1800, 3600, 7200].randomElement(using: &random) ?? 3600
        let forward = Self.time(3, Int.random(in: 1...31, using: &random), Int.random(in: 0...23, using: &random))
        let back = Self.time(10, Int.random(in: 1...31, using: &random), Int.random(in: 0...23, using: &random))
        let zone = TimeZoneTable(
            offset: offset, transitions: [.init(at: forward, offset: offset + shift), .init(at: back, offset: offset)])
        let (hour, minute) = (Int.random(in: 0...23, using: &random), Int.random(in: 0...59, using: &random))
        var time = Self.time(1, 2, 0)
        var locals: [Int64] = []
        while let found = try next("cron(\(minute) \(hour) * * ? *)", after: time, zone), found < Self.time(12, 30, 0) {
            #expect(found > time)
            let local = zone.local(found).milliseconds / 60_000
            #expect(local % 1440 == Int64(hour * 60 + minute))
            locals.append(local / 1440)
            time = found
        }
        let gaps = zip(locals, locals.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { $0 == 1 || $0 == 2 } && gaps.count { $0 == 2 } <= 1)
    }
}
