public import Domain
import Identifiers

/// Queries that belong together: metrics, and expressions over them and each other.
///
/// Pure: values of metrics enter by a function. To look at one number of a metric or an expression now, evaluate the
/// last periods and take the last point of the series.
public struct MetricMath: Hashable, Sendable {
    public let queries: [MetricQuery]
    let expressions: [String: MathExpression]
    /// Ids of metrics, in their order.
    let metrics: [String]

    /// - Throws: what is wrong with an expression: its words, what it names, or that it gives no time series. Ids are
    ///   expected to be there once.
    public init(_ queries: [MetricQuery]) throws(MetricMathError) {
        self.queries = queries
        var expressions: [String: MathExpression] = [:]
        var metrics: [String] = []
        for query in queries {
            switch query.source {
            case .stat: metrics.append(query.id)
            case .expression(let text):
                do throws(MathError) { expressions[query.id] = try MathExpression(text) } catch {
                    throw MetricMathError(id: query.id, error: error)
                }
            }
        }
        self.expressions = expressions
        self.metrics = metrics
        // What kind of value something has does not depend on the numbers.
        let nothing = MathWindow(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 0))
        var evaluator = MathEvaluator(self, nothing) { _ in [] }
        for query in queries {
            do throws(MathError) {
                switch try evaluator.value(of: query.id) {
                case .series, .array: break
                case .number, .text:
                    // Others may use a number; what is shown has to be a series.
                    if query.returnsData { throw .noSeries }
                }
            } catch { throw MetricMathError(id: query.id, error: error) }
        }
    }

    /// The metrics that are read, each as often as it stands there.
    public var stats: [MetricStat] {
        queries.compactMap { if case .stat(let stat) = $0.source { stat } else { nil } }
    }

    /// The longest period of the metrics that are read, in seconds; of an expression without any its own, or 60.
    public var period: Int { stats.map(\.period).max() ?? queries.compactMap(\.period).max() ?? 60 }

    /// The series of every query that returns data, by its id. An expression may give several.
    ///
    /// - Parameter read: the points of a metric in the window, oldest first, one for each period that has values
    ///   (`MetricStore.points`).
    public func evaluate(
        in window: MathWindow, read: @escaping (MetricStat) -> [MetricPoint]
    ) -> [String: [TimeSeries]] {
        var evaluator = MathEvaluator(self, window, read: read)
        var results: [String: [TimeSeries]] = [:]
        for query in queries where query.returnsData {
            switch try? evaluator.value(of: query.id) {
            case .series(let series): results[query.id] = [series]
            case .array(let all): results[query.id] = all
            case .number, .text, nil: results[query.id] = []
            }
        }
        return results
    }
}

/// What is wrong with one expression of several.
public struct MetricMathError: Error, Hashable, Sendable {
    public var id: String
    public var error: MathError

    public init(id: String, error: MathError) {
        self.id = id
        self.error = error
    }

    /// As CloudWatch begins it.
    public var message: String { "Error in expression '\(id)': \(error.message)" }
}
