import Domain
import Foundation
import Identifiers
import JSONBytes
import MetricMath
import Scaling

/// The load that a service had, from its own metrics: what each task carried, times how many ran.
struct LoadHistory {
    let client: ControlPlaneClient
    let cluster: String
    let service: String

    /// A series to ask for, by minutes.
    private struct Series {
        var namespace: String
        var name: String
        var dimensions: [KeyValue]
        var statistic: String
    }

    /// - Parameters:
    ///   - metric: what the first policy follows; CPU where it says nothing.
    ///   - span: how far back.
    /// - Throws: one sentence for a person where there is no history.
    func load(of metric: TargetTrackingPolicy.Metric?, span: Span, capacity: Double?) async throws -> LoadSeries {
        let end = (Date().timeIntervalSince1970 / 60).rounded(.down) * 60
        let start = end - Double(span.seconds)
        let minutes = stride(from: start, to: end, by: 60).map { $0 }
        let values: [Double: Double]
        var full = capacity ?? 100
        switch metric {
        case .averageCPU, nil: values = try await points(of("CPUUtilization"), start, end)
        case .averageMemory: values = try await points(of("MemoryUtilization"), start, end)
        case .requestCountPerTarget(let label):
            guard let label = ResourceLabel(label) else { throw CommandFailure("The policy's ResourceLabel is none.") }
            let requests = Series(
                namespace: "AWS/ApplicationELB", name: "RequestCount",
                dimensions: [
                    KeyValue(key: "LoadBalancer", value: label.loadBalancer),
                    KeyValue(key: "TargetGroup", value: label.targetGroup),
                ], statistic: "Sum")
            // Requests are the load itself, and where none are told of there were none.
            let told = try await points(requests, start, end)
            return LoadSeries(values: minutes.map { told[$0] ?? 0 }, capacity: capacity ?? 1)
        case .custom(let stat):
            full = capacity ?? 1
            values = try await points(
                Series(
                    namespace: stat.metric.namespace, name: stat.metric.name, dimensions: stat.metric.dimensions,
                    statistic: stat.statistic.name), start, end)
        case .queries: throw CommandFailure("A policy of metric math has no load of its own: give --load.")
        }
        let running = try await runningTasks(start, end, at: minutes)
        return LoadSeries(
            values: zip(Self.filled(values, at: minutes), running).map { $0 * $1 }, capacity: full)
    }

    private func of(_ name: String) -> Series {
        Series(namespace: "AWS/ECS", name: name, dimensions: dimensions, statistic: "Average")
    }

    private var dimensions: [KeyValue] {
        [KeyValue(key: "ClusterName", value: cluster), KeyValue(key: "ServiceName", value: service)]
    }

    /// By Container Insights where the cluster has it, else as many as run now.
    private func runningTasks(_ start: Double, _ end: Double, at minutes: [Double]) async throws -> [Double] {
        let counts = try await points(
            Series(
                namespace: "ECS/ContainerInsights", name: "RunningTaskCount", dimensions: dimensions,
                statistic: "Average"), start, end)
        if !counts.isEmpty { return Self.filled(counts, at: minutes) }
        let answer = try await client.ecs(
            "DescribeServices", ["cluster": .string(cluster), "services": [.string(service)]])
        guard let running = answer["services"]?[0]?["runningCount"]?.number else {
            throw CommandFailure("There is no service \(service) in the cluster \(cluster).")
        }
        return minutes.map { _ in running }
    }

    /// - Throws: one sentence for a person when the metric has no values in that time.
    private func points(_ series: Series, _ start: Double, _ end: Double) async throws -> [Double: Double] {
        let stat: JSONValue = [
            "Metric": [
                "Namespace": .string(series.namespace), "MetricName": .string(series.name),
                "Dimensions": .array(series.dimensions.map { ["Name": .string($0.key), "Value": .string($0.value)] }),
            ],
            "Period": 60, "Stat": .string(series.statistic),
        ]
        var found: [Double: Double] = [:]
        var token: JSONValue?
        repeat {
            var request: [String: JSONValue] = [
                "MetricDataQueries": [["Id": "m", "MetricStat": stat]], "StartTime": .number(start),
                "EndTime": .number(end), "ScanBy": "TimestampAscending",
            ]
            request["NextToken"] = token
            let answer = try await client.cloudWatch("GetMetricData", .object(request))
            let result = answer["MetricDataResults"]?[0]
            let times = result?["Timestamps"]?.array ?? []
            for (time, value) in zip(times, result?["Values"]?.array ?? []) {
                if let time = time.number, let value = value.number { found[time] = value }
            }
            token = answer["NextToken"]
        } while token?.string != nil
        if found.isEmpty, series.namespace != "ECS/ContainerInsights" {
            throw CommandFailure("The metric \(series.name) of \(service) has no values in that time.")
        }
        return found
    }

    /// One value for each minute: the one before where there is none.
    private static func filled(_ values: [Double: Double], at minutes: [Double]) -> [Double] {
        var last = minutes.lazy.compactMap { values[$0] }.first ?? 0
        return minutes.map { minute in
            last = values[minute] ?? last
            return last
        }
    }
}
