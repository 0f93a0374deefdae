import Domain
import Identifiers

/// Gives expressions their values, each once.
struct MathEvaluator {
    let queries: [String: MetricQuery]
    let expressions: [String: MathExpression]
    /// The ids of the metrics, in the order of the request.
    let metrics: [String]
    let window: MathWindow
    let period: Int
    let read: (MetricStat) -> [MetricPoint]
    private var known: [String: MathValue] = [:]
    private var open: Set<String> = []
    private var depth = 0
    /// Points that values may still take.
    private var room = mostPoints

    /// Evaluating recurses. One expression of the longest text needs 1,024.
    private static let mostDepth = 1200
    /// An answer has 100,800 at most; these take 80 MB.
    private static let mostPoints = 5_000_000
    /// As many as queries of one request.
    private static let mostSeries = 500

    init(_ math: MetricMath, _ window: MathWindow, read: @escaping (MetricStat) -> [MetricPoint]) {
        queries = Dictionary(math.queries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        expressions = math.expressions
        metrics = math.metrics
        self.window = window
        period = math.period
        self.read = read
    }

    mutating func value(of id: String) throws(MathError) -> MathValue {
        if let value = known[id] { return value }
        guard let query = queries[id] else { throw .undefined(id) }
        guard open.insert(id).inserted else { throw .cycle }
        defer { open.remove(id) }
        let value: MathValue
        switch query.source {
        case .stat(let stat):
            value = .series(TimeSeries(read(stat), of: stat, label: query.label ?? stat.metric.name))
        case .expression:
            guard let expression = expressions[id] else { throw .syntax }
            value = try evaluate(expression.root)
        }
        switch value {
        case .series(let series): try charge(series.points.count + 1)
        case .array(let all): try charge(all.reduce(all.count) { $0 + $1.points.count })
        case .number, .text: break
        }
        known[id] = value
        return value
    }

    private mutating func charge(_ points: Int) throws(MathError) {
        room -= points
        guard room >= 0 else { throw .tooLarge }
    }

    private mutating func evaluate(_ node: MathExpression.Node) throws(MathError) -> MathValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.mostDepth else { throw .tooLarge }
        switch node {
        case .number(let value): return .number(value)
        case .text(let text): return .text(text)
        case .name(let name): return try value(of: name)
        case .negated(let node):
            guard let value = try evaluate(node).mapped({ -$0 }) else { throw .arguments("-") }
            return value
        case .operation(let of, let left, let right):
            return try evaluate(left).combined(evaluate(right), by: of)
        case .list(let nodes):
            var all: [TimeSeries] = []
            for node in nodes {
                switch try evaluate(node) {
                case .series(let series): all.append(series)
                case .array(let more): all += more
                case .number, .text: throw .arguments("[]")
                }
                guard all.count <= Self.mostSeries else { throw .tooLarge }
            }
            return .array(all)
        case .call("FILL", let nodes): return try fill(nodes)
        case .call("METRICS", let nodes): return .array(try ownMetrics(nodes))
        case .call(let name, let nodes):
            var arguments: [MathValue] = []
            for node in nodes { arguments.append(try evaluate(node)) }
            return try MathFunctions(window: window, period: period).call(name, arguments)
        }
    }

    /// All metrics of the request, or those whose ids hold a text.
    private mutating func ownMetrics(_ nodes: [MathExpression.Node]) throws(MathError) -> [TimeSeries] {
        var part = ""
        if let first = nodes.first {
            guard nodes.count == 1, case .text(let text) = first else { throw .arguments("METRICS") }
            part = text
        }
        var all: [TimeSeries] = []
        for id in metrics where part.isEmpty || id.contains(part) {
            if case .series(let series) = try value(of: id) { all.append(series) }
        }
        return all
    }

    private mutating func fill(_ nodes: [MathExpression.Node]) throws(MathError) -> MathValue {
        guard nodes.count == 2 else { throw .arguments("FILL") }
        let gap: MathGap
        switch nodes[1] {
        case .name("REPEAT"): gap = .repeats
        case .name("LINEAR"): gap = .linear
        default:
            switch try evaluate(nodes[1]) {
            case .number(let value): gap = .value(value)
            case .series(let series): gap = .series(series)
            case .array, .text: throw .arguments("FILL")
            }
        }
        let periods = { [window] in window.periods(of: $0) }
        let source = try evaluate(nodes[0])
        switch source {
        case .series(let series): try charge(periods(series.period).count)
        case .array(let all): for series in all { try charge(periods(series.period).count) }
        case .number, .text: break
        }
        guard let filled = source.mappedSeries({ gap.fill($0, periods($0.period)) }) else {
            throw .arguments("FILL")
        }
        return filled
    }
}

/// What stands in a series where it has no value.
enum MathGap {
    case value(Double)
    /// The last value before.
    case repeats
    /// On the line between the values before and after.
    case linear
    case series(TimeSeries)

    func fill(_ series: TimeSeries, _ periods: [Timestamp]) -> TimeSeries {
        var filled = series
        filled.points = []
        let others: [Timestamp: Double] =
            if case .series(let other) = self {
                Dictionary(other.points.map { ($0.time, $0.value) }, uniquingKeysWith: { $1 })
            } else { [:] }
        var index = 0
        for time in periods {
            while index < series.points.count, series.points[index].time < time { index += 1 }
            if index < series.points.count, series.points[index].time == time {
                filled.points.append(series.points[index])
            } else {
                let after = index < series.points.count ? series.points[index] : nil
                let value = value(at: time, others, before: filled.points.last, after: after)
                if let point = value.flatMap({ TimeSeries.point(time, $0) }) { filled.points.append(point) }
            }
        }
        return filled
    }

    private func value(
        at time: Timestamp, _ others: [Timestamp: Double], before: TimeSeries.Point?, after: TimeSeries.Point?
    ) -> Double? {
        switch self {
        case .value(let value): value
        case .repeats: before?.value
        case .series: others[time]
        case .linear:
            if let before, let after, after.time > before.time {
                before.value + (after.value - before.value) * (time.seconds - before.time.seconds)
                    / (after.time.seconds - before.time.seconds)
            } else {
                nil
            }
        }
    }
}
