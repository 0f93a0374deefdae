public import Domain
public import Identifiers
public import MetricMath

/// A metric alarm's evaluation range, and how to fill it.
public struct AlarmReading: Hashable, Sendable {
    public let alarm: MetricAlarm
    private let math: MetricMath?

    /// - Throws: what is wrong with an expression; it was read when the alarm was put, so nothing is.
    public init(_ alarm: MetricAlarm) throws(MetricMathError) {
        self.alarm = alarm
        math = if case .queries(let queries) = alarm.input { try MetricMath(queries) } else { nil }
    }

    /// Seconds.
    public var period: Int {
        switch alarm.input {
        case .stat(let stat): stat.period
        case .queries: math?.period ?? 60
        }
    }

    /// The evaluation range that ends at `end`, the oldest period first.
    ///
    /// - Parameters:
    ///   - end: the begin of the first period that is not over yet.
    ///   - read: the points of a metric in the window.
    public func datapoints(
        until end: Timestamp, read: @escaping (MetricStat, MathWindow) -> [MetricPoint]
    ) -> [AlarmDatapoint?] {
        let length = Int64(period) &* 1000
        let count = Int64(alarm.evaluationRange)
        let from = Timestamp(milliseconds: end.milliseconds &- count &* length)
        var byTime: [Timestamp: AlarmDatapoint] = [:]
        for point in values(in: MathWindow(from: from, to: end), read) {
            byTime[point.time.flooredToPeriod(period)] = point
        }
        return (0..<count).map { byTime[Timestamp(milliseconds: from.milliseconds &+ $0 &* length)] }
    }

    private func values(
        in window: MathWindow, _ read: @escaping (MetricStat, MathWindow) -> [MetricPoint]
    ) -> [AlarmDatapoint] {
        switch alarm.input {
        case .stat(let stat):
            return read(stat, window).compactMap { point in
                point.statistics.value(of: stat.statistic).map {
                    AlarmDatapoint(time: point.time, value: $0, sampleCount: point.statistics.count)
                }
            }
        case .queries:
            let series = math?.evaluate(in: window) { read($0, window) }.values.first?.first
            return series?.points.map { AlarmDatapoint(time: $0.time, value: $0.value) } ?? []
        }
    }

    /// What the range says; an alarm on a percentile that waits for enough values retains its state.
    public func evaluate(_ range: [AlarmDatapoint?]) -> AlarmEvaluation {
        var evaluation = alarm.evaluate(range)
        guard alarm.lowSampleCount == "ignore", case .stat(let stat) = alarm.input,
            case .extended(let text) = stat.statistic, case .percentile(let share) = ExtendedStatistic(text),
            evaluation.evaluated.contains(where: { MetricAlarm.isTooFew($0.sampleCount ?? 0, for: share) })
        else { return evaluation }
        evaluation.finding = .retained
        return evaluation
    }
}
