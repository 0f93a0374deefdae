import CloudWatchShapes
import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Alarms")
struct AlarmOperationTests {
    @discardableResult
    private static func call(
        _ front: FrontHarness, _ name: String, _ request: JSONValue = [:]
    ) async throws -> Reply {
        try await front.call(CloudWatchOperation.targetPrefix + "." + name, request)
    }

    private static let plain: [String: JSONValue] = [
        "AlarmName": "high", "Namespace": "App", "MetricName": "m", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 3, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
    ]

    @discardableResult
    private static func put(
        _ front: FrontHarness, _ changes: [String: JSONValue?] = [:]
    ) async throws -> Reply {
        var request = plain
        for (name, value) in changes { request[name] = value }
        return try await call(front, "PutMetricAlarm", .object(request))
    }

    @discardableResult
    private static func composite(
        _ front: FrontHarness, _ name: String, _ rule: String, _ changes: [String: JSONValue] = [:]
    ) async throws -> Reply {
        let request: [String: JSONValue] = ["AlarmName": .string(name), "AlarmRule": .string(rule)]
        return try await call(front, "PutCompositeAlarm", .object(request.merging(changes) { $1 }))
    }

    private static let policy =
        "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p"

    @Test("are shown as they were put, and put anew keep their state and tags")
    func put() async throws {
        let front = try await FrontHarness()
        let tags: JSONValue = [["Key": "a", "Value": "b"]]
        #expect(
            try await Self.put(
                front,
                [
                    "Tags": tags, "DatapointsToAlarm": 2, "TreatMissingData": "breaching", "Unit": "Count",
                    "AlarmActions": [.string(Self.policy)], "AlarmDescription": "d",
                    "Dimensions": [["Name": "x", "Value": "y"]],
                ]
            ).isSuccess)
        let alarms = try await Self.call(front, "DescribeAlarms").json["MetricAlarms"]?.array ?? []
        let alarm = try #require(alarms.first)
        for (name, value) in Self.plain {
            #expect(alarm[name] == value || alarm[name]?.number == value.number, "\(name)")
        }
        #expect(alarm["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:high")
        #expect(alarm["StateValue"] == "INSUFFICIENT_DATA")
        #expect(alarm["StateReason"] == "Unchecked: Initial alarm creation")
        #expect(alarm["DatapointsToAlarm"] == 2 && alarm["TreatMissingData"] == "breaching")
        #expect(alarm["AlarmActions"] == [.string(Self.policy)] && alarm["OKActions"] == [])
        #expect(alarm["ActionsEnabled"] == true && alarm["AlarmDescription"] == "d")
        let set = try await Self.call(
            front, "SetAlarmState", ["AlarmName": "high", "StateValue": "ALARM", "StateReason": "test"])
        #expect(set.isSuccess)
        #expect(try await Self.put(front, ["Threshold": 9]).isSuccess)
        let changed = try await Self.call(front, "DescribeAlarms").json["MetricAlarms"]?[0]
        #expect(changed?["Threshold"]?.number == 9 && changed?["StateValue"] == "ALARM")
        #expect(changed?["AlarmActions"] == [] && changed?["TreatMissingData"] == nil)
        let shown = try await Self.call(
            front, "ListTagsForResource", ["ResourceARN": alarm["AlarmArn"] ?? .null])
        #expect(shown.json["Tags"] == tags)
    }

    @Test(
        "that cannot be are refused",
        arguments: [
            (["Statistic": nil], "Exactly one of Statistic"),
            (["ExtendedStatistic": "p90"], "Exactly one of Statistic"),
            (["Statistic": nil, "ExtendedStatistic": "p900"], "not supported"), (["Period": 45], "multiple of 60"),
            (["Period": 1], "must be 10, 20, 30"), (["Period": 3600, "EvaluationPeriods": 169], "seven days"),
            (["EvaluationPeriods": 1441], "more than a day"), (["DatapointsToAlarm": 4], "less than or equal"),
            (["TreatMissingData": "drop"], "TreatMissingData"), (["ComparisonOperator": nil], "ComparisonOperator"),
            (["ComparisonOperator": "GreaterThanUpperThreshold"], "anomaly detection"),
            (["ThresholdMetricId": "a"], "anomaly detection"), (["Threshold": nil], "Threshold"),
            (["MetricName": nil], "Either MetricName"),
            (["EvaluateLowSampleCountPercentile": "ignore"], "percentile only"),
            (["AlarmName": "a\u{7}"], "printable ASCII"), (["Namespace": nil], "Either MetricName"),
            (["AlarmActions": ["arn:aws:sns:us-east-1:000000000000:topic"]], "Invalid arn syntax"),
            (["AlarmActions": ["arn:aws:lambda:us-east-1:000000000000:function:f"]], "no action that is built"),
            (["OKActions": ["arn:aws:autoscaling:eu-west-1:000000000000:scalingPolicy:x"]], "Invalid region eu-west-1"),
            (["Metrics": [["Id": "a", "Expression": "TIME_SERIES(1)"]]], "must not be specified when Metrics"),
            (["EvaluationInterval": 10], "PromQL"),
        ] as [([String: JSONValue?], String)])
    func refused(changes: [String: JSONValue?], part: String) async throws {
        let front = try await FrontHarness()
        let reply = try await Self.put(front, changes)
        #expect(reply.code == "ValidationError" || reply.code == "InvalidParameterValueException")
        #expect(reply.message?.contains(part) == true, "\(reply.message ?? "")")
        #expect(front.store.committed().alarms.count == 0)
    }

    @Test("on expressions have one series that returns data")
    func expressions() async throws {
        let front = try await FrontHarness()
        let metric: JSONValue = [
            "Id": "m", "ReturnData": false,
            "MetricStat": ["Metric": ["Namespace": "App", "MetricName": "m"], "Period": 60, "Stat": "Sum"],
        ]
        let put = { (queries: [JSONValue]) in
            try await Self.put(
                front,
                [
                    "Metrics": .array(queries), "MetricName": nil, "Namespace": nil, "Statistic": nil, "Period": nil,
                ])
        }
        #expect(try await put([metric]).message?.contains("Exactly one element") == true)
        #expect(
            try await put([metric, ["Id": "e", "Expression": "[m, m]"]]).message?.contains("single time series") == true
        )
        #expect(try await put([metric, ["Id": "e", "Expression": "m * 2"]]).isSuccess)
        let alarm = try await Self.call(front, "DescribeAlarms").json["MetricAlarms"]?[0]
        #expect(alarm?["Metrics"]?.array?.count == 2 && alarm?["MetricName"] == nil)
        let found = try await Self.call(front, "DescribeAlarmsForMetric", ["Namespace": "App", "MetricName": "m"])
        #expect(found.json["MetricAlarms"]?.array?.count == 1)
        let none = try await Self.call(
            front, "DescribeAlarmsForMetric", ["Namespace": "App", "MetricName": "m", "Period": 10])
        #expect(none.json["MetricAlarms"] == [])
    }

    @Test("that are composite look at alarms that are there, and never at themselves")
    func composites() async throws {
        let front = try await FrontHarness()
        try await Self.put(front)
        #expect(try await Self.composite(front, "b", "ALARM(high)").isSuccess)
        #expect(try await Self.composite(front, "c", "ALARM(b) OR OK(high)").isSuccess)
        #expect(try await Self.composite(front, "d", "ALARM(gone)").message == "The alarm gone does not exist.")
        #expect(try await Self.composite(front, "b", "ALARM(c)").message == "The alarm b would depend on itself.")
        #expect(try await Self.composite(front, "b", "ALARM(").code == "ValidationError")
        #expect(try await Self.composite(front, "high", "TRUE").message?.contains("another type") == true)
        #expect(
            try await Self.composite(front, "d", "TRUE", ["AlarmActions": [.string(Self.policy)]]).message?
                .contains("Composite alarms have none") == true)
        #expect(
            try await Self.composite(front, "d", "TRUE", ["ActionsSuppressor": "high"]).message?
                .contains("ActionsSuppressorWaitPeriod") == true)
        let parents = try await Self.call(front, "DescribeAlarms", ["ParentsOfAlarmName": "high"])
        #expect(parents.json["CompositeAlarms"]?.array?.compactMap { $0["AlarmName"]?.string } == ["b", "c"])
        let children = try await Self.call(front, "DescribeAlarms", ["ChildrenOfAlarmName": "c"])
        #expect(children.json["CompositeAlarms"]?.array?.count == 1)
        #expect(children.json["MetricAlarms"]?.array?.count == 1)
        let refused = try await Self.call(front, "DeleteAlarms", ["AlarmNames": ["high"]])
        #expect(refused.message == "The alarm high cannot be deleted: the composite alarm b depends on it.")
        let two = try await Self.call(front, "DeleteAlarms", ["AlarmNames": ["b", "c"]])
        #expect(two.message?.contains("More than one composite") == true)
        for names in [["c"], ["b", "high"]] as [JSONValue] {
            #expect(try await Self.call(front, "DeleteAlarms", ["AlarmNames": names]).isSuccess)
        }
        #expect(front.store.committed().alarms.count == 0)
        #expect(try await Self.call(front, "DeleteAlarms", ["AlarmNames": ["b"]]).code == "ResourceNotFound")
    }

    @Test("are found by name, prefix, state, type and action, in pages")
    func describe() async throws {
        let front = try await FrontHarness()
        for name in ["a1", "a2", "a3", "b1"] { try await Self.put(front, ["AlarmName": .string(name)]) }
        try await Self.put(front, ["AlarmName": "b2", "OKActions": [.string(Self.policy)]])
        try await Self.composite(front, "a4", "TRUE")
        try await Self.call(front, "SetAlarmState", ["AlarmName": "a2", "StateValue": "OK", "StateReason": ""])
        let names = { (request: JSONValue) async throws -> [String] in
            let json = try await Self.call(front, "DescribeAlarms", request).json
            return ((json["MetricAlarms"]?.array ?? []) + (json["CompositeAlarms"]?.array ?? []))
                .compactMap { $0["AlarmName"]?.string }
        }
        #expect(try await names([:]) == ["a1", "a2", "a3", "b1", "b2"])
        #expect(try await names(["AlarmNamePrefix": "a"]) == ["a1", "a2", "a3"])
        #expect(try await names(["AlarmNames": ["b1", "a3", "gone"]]) == ["a3", "b1"])
        #expect(try await names(["AlarmTypes": ["CompositeAlarm"]]) == ["a4"])
        #expect(try await names(["StateValue": "OK"]) == ["a2"])
        #expect(try await names(["ActionPrefix": "arn:aws:autoscaling"]) == ["b2"])
        let first = try await Self.call(front, "DescribeAlarms", ["MaxRecords": 2])
        #expect(first.json["MetricAlarms"]?.array?.count == 2)
        let rest: JSONValue = ["MaxRecords": 10, "NextToken": first.json["NextToken"] ?? .null]
        #expect(try await names(rest) == ["a3", "b1", "b2"])
        #expect(try await Self.call(front, "DescribeAlarms", ["NextToken": "x"]).code == "InvalidNextToken")
        let both = try await Self.call(front, "DescribeAlarms", ["AlarmNames": ["a"], "AlarmNamePrefix": "a"])
        #expect(both.code == "ValidationError")
    }

    @Test("have a history that outlives them")
    func history() async throws {
        let front = try await FrontHarness()
        try await Self.put(front)
        front.time.advance(by: .seconds(1))
        let data = #"{"a":1}"#
        let set = { (state: String, data: String) in
            try await Self.call(
                front, "SetAlarmState",
                [
                    "AlarmName": "high", "StateValue": .string(state), "StateReason": "why",
                    "StateReasonData": .string(data),
                ])
        }
        #expect(try await set("ALARM", "{").code == "InvalidFormatFault")
        #expect(try await set("ALARM", data).isSuccess)
        front.time.advance(by: .seconds(1))
        try await Self.call(front, "DisableAlarmActions", ["AlarmNames": ["high", "gone"]])
        #expect(front.store.committed().alarms[AlarmID(scope: .test, name: "high")]?.actionsEnabled == false)
        try await Self.call(front, "EnableAlarmActions", ["AlarmNames": ["high"]])
        front.time.advance(by: .seconds(1))
        try await Self.call(front, "DeleteAlarms", ["AlarmNames": ["high"]])
        let all = try await Self.call(front, "DescribeAlarmHistory", ["ScanBy": "TimestampAscending"])
        let items = all.json["AlarmHistoryItems"]?.array ?? []
        #expect(
            items.compactMap { $0["HistorySummary"]?.string } == [
                #"Alarm "high" created"#, "Alarm updated from INSUFFICIENT_DATA to ALARM", #"Alarm "high" updated"#,
                #"Alarm "high" updated"#, #"Alarm "high" deleted"#,
            ])
        let move = try JSONValue(jsonBytes: Array((items[1]["HistoryData"]?.string ?? "").utf8))
        #expect(move["newState"] == ["stateValue": "ALARM", "stateReason": "why", "stateReasonData": ["a": 1]])
        #expect(move["oldState"]?["stateValue"] == "INSUFFICIENT_DATA")
        let some = try await Self.call(
            front, "DescribeAlarmHistory", ["AlarmName": "high", "HistoryItemType": "StateUpdate"])
        #expect(some.json["AlarmHistoryItems"]?.array?.count == 1)
        let first = try await Self.call(front, "DescribeAlarmHistory", ["MaxRecords": 2])
        #expect(first.json["AlarmHistoryItems"]?[0]?["HistorySummary"] == #"Alarm "high" deleted"#)
        let rest = try await Self.call(
            front, "DescribeAlarmHistory", ["NextToken": first.json["NextToken"] ?? .null])
        #expect(rest.json["AlarmHistoryItems"]?.array?.count == 3)
    }

    @Test("have tags")
    func tags() async throws {
        let front = try await FrontHarness()
        try await Self.put(front)
        let arn: JSONValue = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:high"
        let tag = { (key: String) -> JSONValue in
            ["ResourceARN": arn, "Tags": [["Key": .string(key), "Value": "v"]]]
        }
        #expect(try await Self.call(front, "TagResource", tag("k")).isSuccess)
        #expect(try await Self.call(front, "TagResource", tag("aws:k")).code == "InvalidParameterValueException")
        let list = { try await Self.call(front, "ListTagsForResource", ["ResourceARN": arn]).json["Tags"] }
        #expect(try await list() == [["Key": "k", "Value": "v"]])
        try await Self.call(front, "UntagResource", ["ResourceARN": arn, "TagKeys": ["k"]])
        #expect(try await list() == [])
        let gone: JSONValue = ["ResourceARN": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:gone"]
        #expect(try await Self.call(front, "ListTagsForResource", gone).code == "ResourceNotFoundException")
        #expect(
            try await Self.call(front, "ListTagsForResource", ["ResourceARN": "high"]).code
                == "InvalidParameterValueException")
    }

    @Test("that change their state are events")
    func events() async throws {
        let front = try await FrontHarness()
        try await Self.put(front, ["AlarmDescription": "d"])
        try await Self.call(front, "SetAlarmState", ["AlarmName": "high", "StateValue": "ALARM", "StateReason": "why"])
        let reply = try await front.call("Berth.Events", [:])
        let events = reply.json["events"]?.array?.filter { $0["source"] == "aws.cloudwatch" } ?? []
        #expect(events.count == 1)
        let event = try #require(events.first)
        #expect(event["detail-type"] == "CloudWatch Alarm State Change")
        #expect(event["resources"] == ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:high"])
        let detail = try #require(event["detail"])
        #expect(detail["alarmName"] == "high" && detail["state"]?["value"] == "ALARM")
        #expect(detail["state"]?["reason"] == "why" && detail["previousState"]?["value"] == "INSUFFICIENT_DATA")
        #expect(detail["configuration"]?["metrics"]?[0]?["metricStat"]?["metric"]?["namespace"] == "App")
        #expect(detail["configuration"]?["description"] == "d")
    }
}
