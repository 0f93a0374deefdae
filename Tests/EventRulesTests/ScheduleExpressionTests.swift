import EventRules
import Foundation
import Identifiers
import Testing

@Suite("Schedules")
struct ScheduleExpressionTests {
    static func time(_ text: String) -> Timestamp {
        let date = ISO8601DateFormatter().date(from: text + ":00Z") ?? .distantPast
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var expression: String
        var after: String
        var next: [String]
        var testDescription: String { "\(expression) after \(after)" }
    }

    static let table = [
        Row(
            expression: "cron(0 20 * * ? *)", after: "2026-02-28T20:00",
            next: ["2026-03-01T20:00", "2026-03-02T20:00"]),
        Row(expression: "cron(15 10 ? * 6L 2026-2027)", after: "2026-01-01T00:00", next: ["2026-01-30T10:15"]),
        Row(
            expression: "cron(0/10 8-9 ? * MON-FRI *)", after: "2026-01-02T09:45",
            next: ["2026-01-02T09:50", "2026-01-05T08:00"]),
        Row(
            expression: "cron(30 12 L * ? *)", after: "2028-01-31T12:30",
            next: ["2028-02-29T12:30", "2028-03-31T12:30"]),
        Row(
            expression: "cron(0 9 ? * 2#1 *)", after: "2026-01-01T00:00",
            next: ["2026-01-05T09:00", "2026-02-02T09:00"]),
        Row(expression: "cron(0 9 ? * tue#5 *)", after: "2026-01-01T00:00", next: ["2026-03-31T09:00"]),
        // The 15th of August 2026 is a Saturday, the 15th of November a Sunday.
        Row(
            expression: "cron(0 0 15W 8,11 ? 2026)", after: "2026-01-01T00:00",
            next: ["2026-08-14T00:00", "2026-11-16T00:00"]),
        // The first of August 2026 is a Saturday, the last of May a Sunday.
        Row(expression: "cron(0 0 1W 8 ? 2026)", after: "2026-01-01T00:00", next: ["2026-08-03T00:00"]),
        Row(expression: "cron(0 0 31W 5 ? 2026)", after: "2026-01-01T00:00", next: ["2026-05-29T00:00"]),
        Row(expression: "cron(0 0 LW 1,5 ? 2026)", after: "2026-01-31T00:00", next: ["2026-05-29T00:00"]),
        Row(expression: "cron(0 0 ? * L *)", after: "2026-01-01T00:00", next: ["2026-01-03T00:00"]),
        Row(
            expression: "cron(59 23 31 DEC ? 2026)", after: "2026-01-01T00:00", next: ["2026-12-31T23:59"]),
        Row(expression: "cron(* * 29 2 ? 2100-2103)", after: "2026-01-01T00:00", next: []),
        Row(expression: "cron(0 0 1 1 ? 2025)", after: "2026-01-01T00:00", next: []),
        Row(expression: "rate(1 minute)", after: "2026-01-01T00:03", next: ["2026-01-01T00:04", "2026-01-01T00:05"]),
        Row(expression: "rate(5 minutes)", after: "2026-01-01T00:03", next: ["2026-01-01T00:05"]),
        Row(expression: "rate(1 hour)", after: "2025-12-31T00:00", next: ["2026-01-01T01:00"]),
        Row(expression: "rate(7 days)", after: "2026-01-01T00:00", next: ["2026-01-08T00:00"]),
    ]

    @Test("fires at these times", arguments: table)
    func fires(row: Row) throws {
        let schedule = try #require(ScheduleExpression(row.expression))
        var last = Self.time(row.after)
        for time in row.next {
            let next = schedule.next(after: last, start: Self.time("2026-01-01T00:00"))
            #expect(next == Self.time(time))
            last = next ?? last
        }
        if row.next.isEmpty { #expect(schedule.next(after: last, start: last) == nil) }
    }

    static let faults = [
        "", "rate", "rate()", "rate(1)", "rate(0 minutes)", "rate(1 minutes)", "rate(2 minute)", "rate(1 second)",
        "rate(-1 minutes)", "rate(1.5 hours)", "rate(99999999999999999999 days)", "rate(9223372036854775807 days)",
        "rate(5 minutes", "Rate(5 minutes)", "cron()", "cron(0 20 * * ?)", "cron(0 20 * * * *)", "cron(0 20 ? * ? *)",
        "cron(60 20 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 1 13 ? *)",
        "cron(0 0 ? * 8 *)", "cron(0 0 1 * ? 1969)", "cron(0 0 1 * ? 2200)", "cron(5-1 0 1 * ? *)",
        "cron(*/0 0 1 * ? *)", "cron(1,,2 0 1 * ? *)", "cron(1-2-3 0 1 * ? *)", "cron(0 0 ? * 2#6 *)",
        "cron(0 0 ? * 2#0 *)", "cron(0 0 32W * ? *)", "cron(0 0 W * ? *)", "cron(+1 0 1 * ? *)", "cron(? 0 1 * ? *)",
        "at(2026-01-01T00:00:00)", "cron(0 0 1 * ? * *)",
    ]

    @Test("is no schedule", arguments: faults)
    func refuses(text: String) { #expect(ScheduleExpression(text) == nil) }

    @Test("equals a look at every minute", arguments: UInt64(1)...4)
    func naive(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for _ in 0..<12 {
            let fields = RandomCron(&random)
            let schedule = try #require(ScheduleExpression(fields.text), "\(fields.text)")
            let start = 1_700_000_000 / 60 + Int64.random(in: 0..<2_000_000, using: &random)
            let found = schedule.next(
                after: Timestamp(milliseconds: start * 60_000 + Int64.random(in: 0..<60_000, using: &random)),
                start: Timestamp(milliseconds: 0))
            // Ten days of minutes: a time beyond is not looked for.
            let seen = ((start + 1)...(start + 14_400)).first { fields.name(minute: $0, calendar) }
            if let seen {
                #expect(found?.milliseconds == seen * 60_000, "\(fields.text)")
            } else {
                #expect(found.map { $0.milliseconds > (start + 14_400) * 60_000 } ?? true, "\(fields.text)")
            }
        }
    }
}

/// Sets of values that were drawn, their text, and what Foundation's calendar makes of them.
private struct RandomCron {
    private var minutes: Set<Int>
    private var hours: Set<Int>
    private var days: Set<Int>
    private var weekdays: Set<Int>

    init(_ random: inout SeededGenerator) {
        func some(_ range: ClosedRange<Int>, _ count: Int) -> Set<Int> {
            Set((0..<count).map { _ in Int.random(in: range, using: &random) })
        }
        minutes = some(0...59, 3)
        hours = some(0...23, 2)
        days = some(1...31, 6)
        weekdays = []
        if Bool.random(using: &random) { (days, weekdays) = ([], some(1...7, 2)) }
    }

    var text: String {
        func list(_ values: Set<Int>) -> String {
            values.isEmpty ? "?" : values.sorted().map(String.init).joined(separator: ",")
        }
        return "cron(\(list(minutes)) \(list(hours)) \(list(days)) * \(list(weekdays)) *)"
    }

    func name(minute: Int64, _ calendar: Calendar) -> Bool {
        guard minutes.contains(Int(minute % 60)), hours.contains(Int(minute / 60 % 24)) else { return false }
        let date = Date(timeIntervalSince1970: Double(minute) * 60)
        return days.contains(calendar.component(.day, from: date))
            || weekdays.contains(calendar.component(.weekday, from: date))
    }
}
