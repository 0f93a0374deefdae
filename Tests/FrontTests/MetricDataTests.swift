import CloudWatchShapes
import Identifiers
import JSONBytes
import TestKit
import Testing

@testable import Front

@Suite("Values of metrics")
struct MetricDataTests {
    private static let prefix = CloudWatchOperation.targetPrefix + "."

    private func put(_ front: FrontHarness, _ data: [JSONValue], namespace: String = "App") async throws -> Reply {
        try await front.call(
            Self.prefix + "PutMetricData", ["Namespace": .string(namespace), "MetricData": .array(data)])
    }

    static let refused: [(JSONValue, String, String)] = [
        (["MetricName": "m"], "MissingRequiredParameterException", "must be specified"),
        (["MetricName": "m", "Value": 1, "Values": [1]], "InvalidParameterCombinationException", "mutually exclusive"),
        (["MetricName": "m", "Values": [1, 2], "Counts": [1]], "InvalidParameterValueException", "same size"),
        (["MetricName": "m", "Value": 1, "Counts": [1]], "MissingRequiredParameterException", "Values is required"),
        (["MetricName": "m", "Values": [1], "Counts": [0]], "InvalidParameterValueException", "Counts.member.1"),
        (["MetricName": "m", "Values": []], "InvalidParameterValueException", "between 1 and 150"),
        (["MetricName": "m", "Value": 1e200], "InvalidParameterValueException", "The value 1e+200 for parameter"),
        (
            ["MetricName": "m", "Value": 1, "StorageResolution": 5], "InvalidParameterValueException",
            "StorageResolution"
        ),
        (["MetricName": "m", "Value": 1, "Unit": "Coffees"], "ValidationError", "Unit"),
        (
            ["MetricName": "m", "Value": 1, "Timestamp": 0], "InvalidParameterValueException",
            "within the past two weeks"
        ),
        (
            [
                "MetricName": "m", "Value": 1,
                "Dimensions": [["Name": "a", "Value": "1"], ["Name": "a", "Value": "2"]],
            ],
            "InvalidParameterValueException", "same name"
        ),
        (["Value": 1], "ValidationError", "metricName"),
        (
            [
                "MetricName": "m",
                "StatisticValues": ["SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1],
            ], "InvalidParameterValueException", "greater than or equal"
        ),
        (
            ["MetricName": "m", "StatisticValues": ["SampleCount": 0, "Sum": 1, "Minimum": 1, "Maximum": 1]],
            "InvalidParameterValueException", "SampleCount"
        ),
    ]

    @Test("that cannot be are refused, and none of a call with them is kept", arguments: refused)
    func refusals(datum: JSONValue, code: String, part: String) async throws {
        let front = try await FrontHarness()
        let reply = try await put(front, [["MetricName": "good", "Value": 1], datum])
        #expect(reply.code == code, "\(reply.message ?? "")")
        #expect(reply.message?.lowercased().contains(part.lowercased()) == true, "\(reply.message ?? "")")
        #expect(try await front.call(Self.prefix + "ListMetrics").json["Metrics"] == [])
    }

    @Test("are not put into AWS's namespaces, nor too many at once, nor with entities")
    func namespaces() async throws {
        let front = try await FrontHarness()
        #expect(
            try await put(front, [["MetricName": "m", "Value": 1]], namespace: "AWS/ECS").code
                == "InvalidParameterValueException")
        #expect(
            try await put(front, [["MetricName": "m", "Value": 1]], namespace: ":x").code
                == "InvalidParameterValueException")
        #expect(try await put(front, []).code == "MissingRequiredParameterException")
        let many = Array(repeating: ["MetricName": "m", "Value": 1] as JSONValue, count: 1001)
        #expect(
            try await put(front, many).message == "The collection MetricData must not have a size greater than 1000.")
        let entities = try await front.call(
            Self.prefix + "PutMetricData", ["Namespace": "App", "EntityMetricData": [["MetricData": []]]])
        #expect(entities.code == "ValidationError")
    }

    /// Three minutes of values, the first of which begins at second 0 of `time`.
    private func filled() async throws -> (FrontHarness, from: Double) {
        let front = try await FrontHarness()
        let now = front.time.now
        let start = (now.seconds / 60).rounded(.down) * 60 - 180
        var data: [JSONValue] = []
        for minute in 0..<3 {
            data.append([
                "MetricName": "m", "Timestamp": .number(start + Double(minute) * 60), "Unit": "Count",
                "Values": [1, 2, .integer(Int64(minute) + 3)], "Dimensions": [["Name": "d", "Value": "x"]],
            ])
        }
        data.append(["MetricName": "n", "Timestamp": .number(start), "Value": 7])
        #expect(try await put(front, data).isSuccess)
        return (front, start)
    }

    private static let metric: JSONValue = [
        "Namespace": "App", "MetricName": "m", "Dimensions": [["Name": "d", "Value": "x"]],
    ]

    private static func statistics(_ from: Double, _ changes: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            (metric.object ?? [:]).merging([
                "StartTime": .number(from), "EndTime": .number(from + 180), "Period": 60,
                "Statistics": ["Sum", "Maximum", "SampleCount"],
            ]) { $1 }.merging(changes) { $1 })
    }

    @Test("are read as statistics of periods")
    func getStatistics() async throws {
        let (front, from) = try await filled()
        let reply = try await front.call(Self.prefix + "GetMetricStatistics", Self.statistics(from))
        #expect(reply.json["Label"] == "m")
        let points = try #require(reply.json["Datapoints"]?.array)
        #expect(points.compactMap { $0["Sum"]?.number } == [6, 7, 8])
        #expect(points.compactMap { $0["Maximum"]?.number } == [3, 4, 5])
        #expect(points.compactMap { $0["SampleCount"]?.number } == [3, 3, 3])
        #expect(points.compactMap { $0["Timestamp"]?.number } == [from, from + 60, from + 120])
        #expect(points.allSatisfy { $0["Unit"] == "Count" && $0["Average"] == nil })
    }

    @Test(
        "are not read without a statistic, over too many points, or backwards",
        arguments: [
            (["Statistics": nil], "MissingRequiredParameterException"),
            (["ExtendedStatistics": ["p101"]], "InvalidParameterValueException"),
            (["Period": 61], "InvalidParameterValueException"),
            (["Period": 1, "EndTime": 1e10], "InvalidParameterCombinationException"),
            (["EndTime": 0], "InvalidParameterCombinationException"),
        ] as [([String: JSONValue], String)])
    func statisticsRefused(changes: [String: JSONValue], code: String) async throws {
        let (front, from) = try await filled()
        let reply = try await front.call(Self.prefix + "GetMetricStatistics", Self.statistics(from, changes))
        #expect(reply.code == code, "\(reply.message ?? "")")
    }

    private static func query(_ id: String, _ stat: String = "Sum", returns: Bool = true) -> JSONValue {
        [
            "Id": .string(id), "MetricStat": ["Metric": metric, "Period": 60, "Stat": .string(stat)],
            "ReturnData": .boolean(returns),
        ]
    }

    private func data(
        _ front: FrontHarness, _ from: Double, _ queries: [JSONValue], _ changes: [String: JSONValue] = [:]
    ) async throws -> Reply {
        let request: [String: JSONValue] = [
            "StartTime": .number(from), "EndTime": .number(from + 180), "MetricDataQueries": .array(queries),
        ]
        return try await front.call(Self.prefix + "GetMetricData", .object(request.merging(changes) { $1 }))
    }

    @Test("are read as series, the newest value first, with expressions over them")
    func getData() async throws {
        let (front, from) = try await filled()
        let reply = try await data(
            front, from,
            [
                Self.query("m", returns: false), Self.query("most", "Maximum"),
                ["Id": "twice", "Expression": "m * 2", "Label": "all ${SUM}"],
            ])
        let results = try #require(reply.json["MetricDataResults"]?.array)
        #expect(results.compactMap { $0["Id"]?.string } == ["most", "twice"])
        #expect(results.compactMap { $0["Label"]?.string } == ["m", "all 42.0"])
        #expect(results[0]["Values"]?.array?.compactMap(\.number) == [5, 4, 3])
        #expect(results[1]["Values"]?.array?.compactMap(\.number) == [16, 14, 12])
        #expect(results[1]["Timestamps"]?.array?.compactMap(\.number) == [from + 120, from + 60, from])
        #expect(results.allSatisfy { $0["StatusCode"] == "Complete" })
    }

    @Test(
        "come in pages that miss nothing and repeat nothing", arguments: ["TimestampAscending", "TimestampDescending"])
    func pages(order: String) async throws {
        let (front, from) = try await filled()
        var values: [Double] = []
        var token: JSONValue?
        repeat {
            var changes: [String: JSONValue] = ["MaxDatapoints": 2, "ScanBy": .string(order)]
            changes["NextToken"] = token
            let reply = try await data(front, from, [Self.query("a"), Self.query("b", "Maximum")], changes)
            values += (reply.json["MetricDataResults"]?.array ?? []).flatMap {
                $0["Values"]?.array?.compactMap(\.number) ?? []
            }
            token = reply.json["NextToken"]
        } while token != nil && values.count < 20
        #expect(values == (order == "TimestampAscending" ? [6, 7, 8, 3, 4, 5] : [8, 7, 6, 5, 4, 3]))
    }

    @Test(
        "are not read by queries that cannot be",
        arguments: [
            ([], "between 1 and 500"), ([query("A")], "expected pattern"), ([query("a"), query("a")], "not unique"),
            ([query("a", "p200")], "not supported"), ([["Id": "a"]], "Exactly one"),
            ([["Id": "a", "Expression": "COFFEE(1)"]], "Error in expression 'a': Unknown function 'COFFEE'"),
            ([["Id": "a", "Expression": "b"]], "Undefined variable: b"),
            ([["Id": "a", "Expression": "SELECT AVG(x) FROM y"]], "Metrics Insights"),
            ([["Id": "a", "Expression": "SUM(1)"]], "Invalid arguments of 'SUM'"),
        ] as [([JSONValue], String)])
    func dataRefused(queries: [JSONValue], part: String) async throws {
        let (front, from) = try await filled()
        let reply = try await data(front, from, queries)
        #expect(reply.code == "ValidationError")
        #expect(reply.message?.contains(part) == true, "\(reply.message ?? "")")
    }

    @Test("give their metrics names that are listed")
    func list() async throws {
        let (front, _) = try await filled()
        let all = try await front.call(Self.prefix + "ListMetrics").json["Metrics"]?.array ?? []
        #expect(all.compactMap { $0["MetricName"]?.string } == ["m", "n"])
        let some = try await front.call(Self.prefix + "ListMetrics", ["Dimensions": [["Name": "d"]]])
        #expect(some.json["Metrics"] == [Self.metric])
        #expect(
            try await front.call(Self.prefix + "ListMetrics", ["NextToken": "xx"]).code
                == "InvalidParameterValueException")
    }
}
