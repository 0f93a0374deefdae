public import Domain
public import Identifiers

/// One value for each period that has one.
public struct TimeSeries: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        /// When the period begins.
        public var time: Timestamp
        public var value: Double

        public init(time: Timestamp, value: Double) {
            self.time = time
            self.value = value
        }
    }

    /// Seconds.
    public var period: Int
    /// Oldest first; each time once.
    public var points: [Point]
    /// What it is called where several make one result.
    public var label: String

    public init(period: Int, points: [Point] = [], label: String = "") {
        self.period = period
        self.points = points
        self.label = label
    }

    /// The values of one statistic; a period for which it is not known is left out.
    public init(_ points: [MetricPoint], of stat: MetricStat, label: String = "") {
        self.init(
            period: stat.period,
            points: points.compactMap { point in
                point.statistics.value(of: stat.statistic).map { Point(time: point.time, value: $0) }
            }, label: label)
    }

    func map(_ change: (Double) -> Double) -> TimeSeries {
        TimeSeries(
            period: period, points: points.compactMap { Self.point($0.time, change($0.value)) }, label: label)
    }

    /// The times that both have; the longer period.
    func joined(_ other: TimeSeries, _ combine: (Double, Double) -> Double) -> TimeSeries {
        var result = TimeSeries(period: max(period, other.period), label: label)
        var index = 0
        for point in points {
            while index < other.points.count, other.points[index].time < point.time { index += 1 }
            guard index < other.points.count else { break }
            guard other.points[index].time == point.time else { continue }
            if let point = Self.point(point.time, combine(point.value, other.points[index].value)) {
                result.points.append(point)
            }
        }
        return result
    }

    /// Something of each point and the one before it.
    func paired(_ combine: (_ earlier: Point, _ later: Point) -> Double) -> TimeSeries {
        TimeSeries(
            period: period,
            points: zip(points, points.dropFirst()).compactMap { Self.point($1.time, combine($0, $1)) }, label: label)
    }

    /// nil for what is no number, such as a division by zero: there the series has no point.
    static func point(_ time: Timestamp, _ value: Double) -> Point? {
        value.isFinite ? Point(time: time, value: value) : nil
    }

    /// Of all series, at each time that one of them has, one number of the values there.
    static func reduced(_ series: [TimeSeries], _ combine: ([Double]) -> Double) -> TimeSeries {
        var values: [Timestamp: [Double]] = [:]
        for point in series.flatMap(\.points) { values[point.time, default: []].append(point.value) }
        return TimeSeries(
            period: series.map(\.period).max() ?? 60,
            points: values.sorted { $0.key < $1.key }.compactMap { point($0.key, combine($0.value)) })
    }
}

/// The time that an expression looks at.
public struct MathWindow: Hashable, Sendable {
    public var from: Timestamp
    /// Not part of it any more.
    public var to: Timestamp
    /// Seconds to which `from` is rounded down for the periods to begin there; nil where they are counted from 1970.
    private var grain: Int?

    public init(from: Timestamp, to: Timestamp) {
        self.from = from
        self.to = to
    }

    /// What a caller asks for: periods of minutes are counted from the begin that is asked for, rounded down to a minute,
    /// to five of them where it lies more than 15 days back, and to an hour beyond 63 days.
    ///
    /// - Source: Amazon CloudWatch API Reference, GetMetricStatistics and GetMetricData, StartTime
    public init(askedFrom from: Timestamp, to: Timestamp, now: Timestamp) {
        self.init(from: from, to: to)
        let days = (now.seconds - from.seconds) / 86_400
        grain = days < 15 ? 60 : days < 63 ? 300 : 3600
    }

    /// When the first period of so many seconds begins.
    public func start(of seconds: Int) -> Timestamp {
        from.flooredToPeriod(seconds < 60 ? seconds : grain ?? seconds)
    }

    /// No more than one request may ask for.
    private static let mostPeriods: Int64 = 100_800

    /// When the periods begin that begin in the window, its first one rounded down.
    func periods(of seconds: Int) -> [Timestamp] {
        let length = Int64(max(1, seconds)) &* 1000
        let first = start(of: seconds)
        guard first < to else { return [] }
        let (span, overflows) = to.milliseconds.subtractingReportingOverflow(first.milliseconds)
        let count = overflows ? Self.mostPeriods : min((span &- 1) / length &+ 1, Self.mostPeriods)
        return (0..<count).map { Timestamp(milliseconds: first.milliseconds &+ $0 &* length) }
    }
}

extension Timestamp {
    /// The begin of the period of so many seconds, counted from 1970, that it lies in.
    public func flooredToPeriod(_ seconds: Int) -> Timestamp {
        let length = Int64(max(1, seconds)) &* 1000
        let rest = milliseconds % length
        return Timestamp(milliseconds: milliseconds &- (rest < 0 ? rest &+ length : rest))
    }
}
