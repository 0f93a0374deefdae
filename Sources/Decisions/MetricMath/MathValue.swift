/// What a part of an expression gives.
enum MathValue {
    case number(Double)
    case series(TimeSeries)
    case array([TimeSeries])
    case text(String)

    /// - Throws: `.arguments` when one side is a text, or two arrays have not the same length.
    func combined(_ other: MathValue, by of: MathExpression.Operator) throws(MathError) -> MathValue {
        switch (self, other) {
        case (.number(let left), .number(let right)): .number(of.apply(left, right))
        case (.number(let left), .series(let right)): .series(right.map { of.apply(left, $0) })
        case (.series(let left), .number(let right)): .series(left.map { of.apply($0, right) })
        case (.series(let left), .series(let right)): .series(left.joined(right, of.apply))
        case (.array(let left), .number(let right)): .array(left.map { $0.map { of.apply($0, right) } })
        case (.number(let left), .array(let right)): .array(right.map { $0.map { of.apply(left, $0) } })
        case (.array(let left), .series(let right)): .array(left.map { $0.joined(right, of.apply) })
        case (.series(let left), .array(let right)):
            .array(right.map { one in one.joined(left) { of.apply($1, $0) } })
        case (.array(let left), .array(let right)) where left.count == right.count:
            .array(zip(left, right).map { $0.joined($1, of.apply) })
        default: throw .arguments(of.rawValue)
        }
    }

    /// Changes every number; nil of a text.
    func mapped(_ change: (Double) -> Double) -> MathValue? {
        switch self {
        case .number(let value): .number(change(value))
        case .series(let series): .series(series.map(change))
        case .array(let all): .array(all.map { $0.map(change) })
        case .text: nil
        }
    }

    /// Changes every series; nil of anything else.
    func mappedSeries(_ change: (TimeSeries) -> TimeSeries) -> MathValue? {
        switch self {
        case .series(let series): .series(change(series))
        case .array(let all): .array(all.map(change))
        case .number, .text: nil
        }
    }

    /// Of one series a number, of several a series.
    func reduced(_ combine: ([Double]) -> Double) -> MathValue? {
        switch self {
        case .series(let series): .number(combine(series.points.map(\.value)))
        case .array(let all): .series(TimeSeries.reduced(all, combine))
        case .number, .text: nil
        }
    }
}
