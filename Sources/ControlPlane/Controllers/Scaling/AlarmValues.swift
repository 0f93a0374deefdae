import Alarms
import Domain
import Identifiers
import MetricMath
import MetricStore

/// What an alarm's metric was in its newest periods, read as the alarm itself is.
struct AlarmValues: Sendable {
    /// Of so many newest periods one must have come: values of a period that has just ended may still be on their way.
    private static let latest = 3

    let metrics: any MetricStore

    /// Oldest first, of as many periods as the alarm evaluates; empty while nothing new is known.
    func callAsFunction(_ alarm: MetricAlarm, _ now: Timestamp) -> [Double] {
        let reading: AlarmReading
        do throws(MetricMathError) { reading = try AlarmReading(alarm) } catch { return [] }
        let range = reading.datapoints(until: now.flooredToPeriod(reading.period)) { stat, window in
            metrics.points(of: stat.metric, unit: stat.unit, from: window.from, to: window.to, period: stat.period)
        }
        guard let newest = range.lastIndex(where: { $0 != nil }), newest >= range.count - Self.latest else { return [] }
        return range[...newest].suffix(max(1, alarm.evaluationPeriods)).compactMap { $0?.value }
    }
}
