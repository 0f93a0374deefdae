import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import JSONBytes
import MetricStore

/// Names metrics that have values of the last two weeks.
struct ListMetrics: OperationHandler {
    private static let page = 500

    let metrics: any MetricStore

    func answer(
        _ request: CloudWatchShapes.ListMetricsInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.ListMetricsOutput {
        try MetricRules.checkNamespace(request.namespace)
        var filter = MetricFilter()
        filter.namespace = request.namespace
        filter.name = request.metricName
        filter.dimensions = (request.dimensions ?? []).map {
            MetricFilter.Dimension(name: $0.name ?? "", value: $0.value)
        }
        if request.recentlyActive != nil { filter.since = call.now.adding(.zero - .seconds(3 * 3600)) }
        if let owner = request.owningAccount, owner != call.scope.account {
            throw .invalidParameterValue(
                "The value \(owner) for parameter OwningAccount is invalid: there is one account.")
        }
        let after = try request.nextToken.map { token throws(APIFault) in try MetricToken.metric(token, call.scope) }
        let found = metrics.metrics(in: call.scope, matching: filter, after: after, limit: Self.page + 1)
        let page = found.prefix(Self.page)
        let owners = request.includeLinkedAccounts == true ? page.map { _ in call.scope.account } : nil
        return CloudWatchShapes.ListMetricsOutput(
            metrics: page.map(\.metric.wire),
            nextToken: found.count > Self.page ? page.last.map { MetricToken.text($0.metric) } : nil,
            owningAccounts: owners)
    }
}

/// A page of metrics ends at one of them: its token is its name.
enum MetricToken {
    static func text(_ metric: MetricID) -> String {
        let parts: [JSONValue] =
            [.string(metric.namespace), .string(metric.name)]
            + metric.dimensions.flatMap { [.string($0.key), .string($0.value)] }
        return Paging.token(String(decoding: JSONValue.array(parts).jsonBytes(), as: UTF8.self))
    }

    /// - Throws: `InvalidParameterValueException` for a token that was not made here.
    static func metric(_ token: String, _ scope: Scope) throws(APIFault) -> MetricID {
        guard let text = (try? Paging(nil, token))?.last, let value = try? JSONValue(jsonBytes: Array(text.utf8)),
            let parts = value.array?.compactMap(\.string), parts.count >= 2, parts.count % 2 == 0
        else { throw .invalidParameterValue("The value \(token.prefix(100)) for parameter NextToken is invalid.") }
        let dimensions = stride(from: 2, to: parts.count, by: 2).map { KeyValue(key: parts[$0], value: parts[$0 + 1]) }
        return MetricID(scope: scope, namespace: parts[0], name: parts[1], dimensions: dimensions)
    }
}
