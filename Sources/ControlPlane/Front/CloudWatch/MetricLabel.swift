import AWSWire
import Domain
import Identifiers
import MetricMath

/// What a series is called: the text of its query, in which `${…}` stands for what it is made of.
///
/// - Source: Amazon CloudWatch User Guide, "Using dynamic labels"
struct MetricLabel {
    let query: MetricQuery

    /// - Throws: `ValidationError` for what stands in `${…}` and is not built.
    static func check(_ label: String?) throws(APIFault) {
        guard (label ?? "").utf8.count <= 1024 else {
            throw .validationError("A label must have at most 1024 characters.")
        }
        for name in names(in: label ?? "") where !known.contains(name) && !name.hasPrefix("PROP('") {
            throw .validationError("The dynamic label ${\(name.prefix(100))} is not built.")
        }
    }

    private static let known: Set<String> = [
        "AVG", "DATAPOINT_COUNT", "FIRST", "LABEL", "LAST", "MAX", "MIN", "SUM",
    ]

    func text(of series: TimeSeries) -> String {
        let plain: String =
            switch query.source {
            case .stat(let stat): stat.metric.name
            case .expression: series.label.isEmpty ? query.id : series.label
            }
        guard var text = query.label else { return plain }
        for name in Self.names(in: text) {
            text = text.replacing("${\(name)}", with: value(of: name, series, plain))
        }
        return text
    }

    private func value(of name: String, _ series: TimeSeries, _ plain: String) -> String {
        let values = series.points.map(\.value)
        let number: Double? =
            switch name {
            case "AVG": values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
            case "SUM": values.isEmpty ? nil : values.reduce(0, +)
            case "MAX": values.max()
            case "MIN": values.min()
            case "FIRST": values.first
            case "LAST": values.last
            default: nil
            }
        switch name {
        case "LABEL": return plain
        case "DATAPOINT_COUNT": return "\(values.count)"
        case _ where name.hasPrefix("PROP('"): return property(String(name.dropFirst(6).prefix { $0 != "'" }))
        default: return number.map { "\($0)" } ?? "--"
        }
    }

    private func property(_ name: String) -> String {
        guard case .stat(let stat) = query.source else { return "" }
        switch name {
        case "AccountId": return stat.metric.scope.account
        case "MetricName": return stat.metric.name
        case "Namespace": return stat.metric.namespace
        case "Period": return "\(stat.period)"
        case "Region": return stat.metric.scope.region
        case "Stat": return stat.statistic.name
        case _ where name.hasPrefix("Dim."):
            return stat.metric.dimensions.first { $0.key == name.dropFirst(4) }?.value ?? ""
        default: return ""
        }
    }

    private static func names(in text: String) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            names.append(String(rest[start.upperBound..<end]))
            rest = rest[end...]
        }
        return names
    }
}
