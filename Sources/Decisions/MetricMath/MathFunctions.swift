import Identifiers

/// The functions of metric math over values.
struct MathFunctions {
    let window: MathWindow
    /// Seconds, of series that come from no metric.
    let period: Int

    /// - Throws: `.unknownFunction`, `.unbuiltFunction` or `.arguments`.
    func call(_ name: String, _ arguments: [MathValue]) throws(MathError) -> MathValue {
        if name == "IF" { return try choice(arguments) }
        guard Self.single.contains(name) else {
            throw Self.unbuilt.contains(name) ? .unbuiltFunction(name) : .unknownFunction(name)
        }
        guard arguments.count == 1, let value = numeric(name, arguments[0]) ?? overTime(name, arguments[0]) else {
            throw .arguments(name)
        }
        return value
    }

    private static let single: Set<String> = [
        "ABS", "AVG", "CEIL", "DATAPOINT_COUNT", "DIFF", "DIFF_TIME", "EPOCH", "EXP", "FIRST", "FLOOR", "LAST", "LOG",
        "LOG10", "MAX", "METRIC_COUNT", "MIN", "PERIOD", "RATE", "REMOVE_EMPTY", "RUNNING_SUM", "STDDEV", "SUM",
        "TIME_SERIES",
    ]

    private static let unbuilt: Set<String> = [
        "ANOMALY_DETECTION_BAND", "DATE", "DAY", "DB_PERF_INSIGHTS", "HOUR", "INSIGHT_RULE_METRIC", "LAMBDA", "MINUTE",
        "MONTH", "SEARCH", "SERVICE_QUOTA", "SLICE", "SORT", "YEAR",
    ]

    /// Functions of the values alone.
    private func numeric(_ name: String, _ value: MathValue) -> MathValue? {
        switch name {
        case "ABS": value.mapped { $0.magnitude }
        case "CEIL": value.mapped { $0.rounded(.up) }
        case "FLOOR": value.mapped { $0.rounded(.down) }
        case "EXP": value.mapped(Power.exp)
        case "LOG": value.mapped(Power.ln)
        case "LOG10": value.mapped { Power.ln($0) / Power.ln(10) }
        case "SUM": value.reduced { $0.reduce(0, +) }
        case "AVG": value.reduced { $0.reduce(0, +) / Double($0.count) }
        case "MAX": value.reduced { $0.max() ?? .nan }
        case "MIN": value.reduced { $0.min() ?? .nan }
        case "STDDEV": value.reduced(Self.deviation)
        default: nil
        }
    }

    /// Functions of the times as well.
    private func overTime(_ name: String, _ value: MathValue) -> MathValue? {
        switch name {
        case "DIFF": return value.mappedSeries { $0.paired { $1.value - $0.value } }
        case "DIFF_TIME": return value.mappedSeries { $0.paired { $1.time.seconds - $0.time.seconds } }
        case "RATE":
            return value.mappedSeries {
                $0.paired { ($1.value - $0.value) / ($1.time.seconds - $0.time.seconds) }
            }
        case "EPOCH":
            return value.mappedSeries { series in
                var series = series
                series.points = series.points.map { TimeSeries.Point(time: $0.time, value: $0.time.seconds) }
                return series
            }
        case "RUNNING_SUM": return value.mappedSeries(Self.runningSum)
        default: return counted(name, value)
        }
    }

    private func counted(_ name: String, _ value: MathValue) -> MathValue? {
        switch (name, value) {
        case ("PERIOD", .series(let series)): .number(Double(series.period))
        case ("DATAPOINT_COUNT", .series(let series)): .number(Double(series.points.count))
        case ("METRIC_COUNT", .array(let all)): .number(Double(all.count))
        case ("FIRST", .array(let all)): .series(all.first ?? TimeSeries(period: period))
        case ("LAST", .array(let all)): .series(all.last ?? TimeSeries(period: period))
        case ("REMOVE_EMPTY", .array(let all)): .array(all.filter { !$0.points.isEmpty })
        case ("TIME_SERIES", .number(let value)):
            .series(
                TimeSeries(
                    period: period, points: window.periods(of: period).compactMap { TimeSeries.point($0, value) }))
        default: nil
        }
    }

    /// Where the first argument is not 0, the second, else the third, or nothing where there is none.
    private func choice(_ arguments: [MathValue]) throws(MathError) -> MathValue {
        guard (2...3).contains(arguments.count) else { throw .arguments("IF") }
        let otherwise = arguments.count == 3 ? arguments[2] : .number(.nan)
        let (yes, no) = (try Picked(arguments[1]), try Picked(otherwise))
        switch arguments[0] {
        case .series(let condition):
            var result = condition
            result.points = condition.points.compactMap { point in
                let value = point.value != 0 ? yes.value(at: point.time) : no.value(at: point.time)
                return value.flatMap { TimeSeries.point(point.time, $0) }
            }
            return .series(result)
        case .number(let condition):
            let (chosen, other) = condition != 0 ? (yes, no) : (no, yes)
            guard case .number(let value) = chosen.of, case .series(let model) = other.of else { return chosen.of }
            return .series(model.map { _ in value })
        case .array, .text: throw .arguments("IF")
        }
    }

    /// What an `IF` takes its values from.
    private struct Picked {
        let of: MathValue
        private var times: [Timestamp: Double] = [:]

        init(_ value: MathValue) throws(MathError) {
            of = value
            switch value {
            case .number: break
            case .series(let series):
                times = Dictionary(series.points.map { ($0.time, $0.value) }, uniquingKeysWith: { $1 })
            case .array, .text: throw .arguments("IF")
            }
        }

        func value(at time: Timestamp) -> Double? {
            if case .number(let value) = of { value } else { times[time] }
        }
    }

    private static func runningSum(_ series: TimeSeries) -> TimeSeries {
        var (result, sum) = (series, 0.0)
        result.points = series.points.compactMap {
            sum += $0.value
            return TimeSeries.point($0.time, sum)
        }
        return result
    }

    private static func deviation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }
}
