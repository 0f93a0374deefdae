public import Domain
public import Identifiers

extension MathWindow {
    /// The points of a metric in periods as the window counts them.
    ///
    /// - Parameters:
    ///   - period: seconds.
    ///   - read: the points in periods that are counted from 1970 (`MetricStore.points`), by their begin and length.
    public func points(
        period: Int, read: (_ from: Timestamp, _ period: Int) -> [MetricPoint]
    ) -> [MetricPoint] {
        let start = start(of: period)
        let rest = start.milliseconds &- start.flooredToPeriod(period).milliseconds
        guard rest != 0 else { return read(start, period) }
        // Both begin at whole minutes: periods as long as what divides both are read, and put together.
        return Self.joined(read(start, Self.divisor(period, Int(rest / 1000))), from: start, period: period)
    }

    private static func joined(_ parts: [MetricPoint], from start: Timestamp, period: Int) -> [MetricPoint] {
        let length = Int64(max(1, period)) &* 1000
        var points: [MetricPoint] = []
        for part in parts where part.time >= start {
            let number = (part.time.milliseconds &- start.milliseconds) / length
            let time = Timestamp(milliseconds: start.milliseconds &+ number &* length)
            if let last = points.indices.last, points[last].time == time {
                points[last].statistics.merge(part.statistics)
            } else {
                points.append(MetricPoint(time: time, statistics: part.statistics))
            }
        }
        return points
    }

    /// The largest number that divides both.
    private static func divisor(_ first: Int, _ second: Int) -> Int {
        var (large, small) = (max(1, first), max(0, second))
        while small > 0 { (large, small) = (small, large % small) }
        return large
    }
}
