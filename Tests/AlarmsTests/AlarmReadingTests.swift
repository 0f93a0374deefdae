import Alarms
import Domain
import Identifiers
import JSONBytes
import MetricMath
import Testing

@Suite("An alarm's reading")
struct AlarmReadingTests {
    private static let scope = Scope(account: "000000000000", region: "us-east-1")
    /// 2020-08-14T15:47:00Z
    private static let end = Timestamp(milliseconds: 1_597_420_020_000)

    private static func alarm(_ statistic: MetricStatistic = .average, periods: Int = 3) -> MetricAlarm {
        let metric = MetricID(scope: scope, namespace: "N", name: "cpu")
        return MetricAlarm(
            input: .stat(MetricStat(metric: metric, period: 60, statistic: statistic)), comparison: .greater,
            threshold: 80, evaluationPeriods: periods)
    }

    /// Values of the minutes before `end`, the newest last.
    private static func read(_ values: [Double?]) -> (MetricStat, MathWindow) -> [MetricPoint] {
        { _, window in
            values.reversed().enumerated().compactMap { index, value in
                let time = Timestamp(milliseconds: end.milliseconds - Int64(index + 1) * 60_000)
                guard let value, time >= window.from, time < window.to else { return nil }
                return MetricPoint(time: time, statistics: StatisticSet(value))
            }.reversed()
        }
    }

    private static func words(
        _ alarm: MetricAlarm, _ values: [Double?], _ state: AlarmState
    ) throws -> AlarmWords {
        let reading = try AlarmReading(alarm)
        let range = reading.datapoints(until: end, read: read(values))
        let evaluation = reading.evaluate(range)
        #expect(evaluation.finding == .state(state))
        return AlarmWords(
            alarm, period: reading.period, evaluation, in: state, range: range,
            now: Timestamp(milliseconds: end.milliseconds + 28_000))
    }

    @Test("says how many values crossed the threshold")
    func reasons() throws {
        var alarm = Self.alarm()
        #expect(
            try Self.words(alarm, [99, 98.5, 97], .alarm).reason
                == "Threshold Crossed: 3 out of the last 3 datapoints [97.0 (14/08/20 15:46:00), 98.5 (14/08/20 15:45:00), "
                + "99.0 (14/08/20 15:44:00)] were greater than the threshold (80.0) (minimum 3 datapoints for OK -> ALARM "
                + "transition).")
        #expect(
            try Self.words(alarm, [99, 10, 97], .ok).reason
                == "Threshold Crossed: 1 out of the last 3 datapoints [10.0 (14/08/20 15:45:00)] was not greater than the "
                + "threshold (80.0) (minimum 1 datapoint for ALARM -> OK transition).")
        #expect(try Self.words(alarm, [], .insufficientData).reason == "Insufficient Data: 3 datapoints were unknown.")
        alarm.missingData = .breaching
        #expect(
            try Self.words(alarm, [], .alarm).reason
                == "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
                + "[Breaching].")
        alarm.evaluationPeriods = 1
        alarm.missingData = .notBreaching
        #expect(
            try Self.words(alarm, [], .ok).reason
                == "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
                + "[NonBreaching].")
    }

    @Test("tells programs the same")
    func data() throws {
        let data = try JSONValue(jsonBytes: Array(try Self.words(Self.alarm(periods: 1), [99], .alarm).data.utf8))
        #expect(
            data == [
                "version": "1.0", "queryDate": "2020-08-14T15:47:28.000+0000",
                "startDate": "2020-08-14T15:46:00.000+0000", "statistic": "Average", "period": 60,
                "recentDatapoints": [99.0], "threshold": 80.0,
                "evaluatedDatapoints": [
                    ["timestamp": "2020-08-14T15:46:00.000+0000", "sampleCount": 1.0, "value": 99.0]
                ],
            ])
    }

    @Test("looks only at whole periods, and at two more than it evaluates")
    func range() throws {
        let reading = try AlarmReading(Self.alarm())
        let range = reading.datapoints(until: Self.end, read: Self.read([1, 2, 3, nil, 5, 6]))
        #expect(range.map { $0?.value } == [2, 3, nil, 5, 6])
    }

    @Test("of an expression takes its one series")
    func expression() throws {
        let stat = MetricStat(
            metric: MetricID(scope: Self.scope, namespace: "N", name: "cpu"), period: 60, statistic: .average)
        var alarm = Self.alarm(periods: 1)
        alarm.input = .queries([
            MetricQuery(id: "m", source: .stat(stat), returnsData: false),
            MetricQuery(id: "e", source: .expression("FILL(m, 0) * 2")),
        ])
        let reading = try AlarmReading(alarm)
        let range = reading.datapoints(until: Self.end, read: Self.read([1, nil, 45]))
        #expect(range.map { $0?.value } == [2, 0, 90])
        #expect(reading.evaluate(range).finding == .state(.alarm))
    }

    @Test("of a percentile waits for enough values where it is told to")
    func lowSamples() throws {
        var alarm = Self.alarm(.extended("p99"), periods: 1)
        let range = { (count: Double) in
            [AlarmDatapoint(time: Self.end, value: 99, sampleCount: count)]
        }
        #expect(try AlarmReading(alarm).evaluate(range(1)).finding == .state(.alarm))
        alarm.lowSampleCount = "ignore"
        #expect(try AlarmReading(alarm).evaluate(range(999)).finding == .retained)
        #expect(try AlarmReading(alarm).evaluate(range(1000)).finding == .state(.alarm))
        alarm.input = Self.alarm(.extended("p10")).input
        #expect(try AlarmReading(alarm).evaluate(range(99)).finding == .retained)
        #expect(try AlarmReading(alarm).evaluate(range(100)).finding == .state(.alarm))
    }
}
