import Domain
import Identifiers
import Testing

@testable import MetricMath

@Suite("A window that a caller asks for")
struct MathWindowTests {
    /// Noon of a day.
    private static let noon: Int64 = 1_800_014_400

    struct Row: Sendable, CustomTestStringConvertible {
        /// Seconds since noon.
        var from: Int
        var period: Int
        var daysAgo = 0
        var start: Int
        var testDescription: String { "\(period) s from \(from), \(daysAgo) days ago" }
    }

    @Test(
        "counts its periods from its begin, rounded down to a minute, or to what is left of older values",
        arguments: [
            Row(from: 0, period: 60, start: 0), Row(from: 754, period: 60, start: 720),
            Row(from: 754, period: 300, start: 720), Row(from: 754, period: 3600, start: 720),
            Row(from: 754, period: 86_400, start: 720), Row(from: 754, period: 1, start: 754),
            Row(from: 754, period: 10, start: 750), Row(from: 754, period: 30, start: 750),
            Row(from: 754, period: 300, daysAgo: 20, start: 600),
            Row(from: 754, period: 3600, daysAgo: 70, start: 0),
        ])
    func starts(row: Row) {
        let from = Timestamp(milliseconds: (Self.noon + Int64(row.from)) * 1000 + 5)
        let window = MathWindow(
            askedFrom: from, to: from.adding(.seconds(7200)), now: from.adding(.seconds(row.daysAgo * 86_400)))
        let start = Timestamp(milliseconds: (Self.noon + Int64(row.start)) * 1000)
        #expect(window.start(of: row.period) == start)
        #expect(window.periods(of: row.period).first == start)
    }

    /// As a store gives them: one value each second, in periods that are counted from 1970.
    private static func read(_ from: Timestamp, _ period: Int, until end: Timestamp) -> [MetricPoint] {
        var points: [MetricPoint] = []
        var second = from.flooredToPeriod(period).milliseconds / 1000
        while second * 1000 < end.milliseconds {
            let time = Timestamp(milliseconds: second * 1000).flooredToPeriod(period)
            let set = StatisticSet(Double(second - noon))
            if let last = points.indices.last, points[last].time == time {
                points[last].statistics.merge(set)
            } else {
                points.append(MetricPoint(time: time, statistics: set))
            }
            second += 1
        }
        return points
    }

    @Test("puts together what a store knows of parts of its periods", arguments: [60, 120, 300, 900, 3600])
    func joins(period: Int) {
        let from = Timestamp(milliseconds: (Self.noon + 437) * 1000)
        let to = from.adding(.seconds(7200))
        let window = MathWindow(askedFrom: from, to: to, now: to)
        let points = window.points(period: period) { Self.read($0, $1, until: to) }
        for (index, point) in points.enumerated() {
            let first = 420 + index * period
            #expect(point.time.milliseconds == (Self.noon + Int64(first)) * 1000)
            #expect(point.statistics.minimum == Double(first))
            guard index < points.count - 1 else { continue }
            #expect(point.statistics.count == Double(period))
            #expect(point.statistics.maximum == Double(first + period - 1))
        }
        #expect(points.count == (7217 + period - 1) / period)
    }

    @Test("of alarms is counted from 1970")
    func alarms() {
        let from = Timestamp(milliseconds: (Self.noon + 437) * 1000)
        let window = MathWindow(from: from, to: from.adding(.seconds(600)))
        #expect(window.start(of: 300).milliseconds == (Self.noon + 300) * 1000)
        var asked: [Int] = []
        _ = window.points(period: 300) { _, period in
            asked.append(period)
            return []
        }
        #expect(asked == [300])
    }
}
