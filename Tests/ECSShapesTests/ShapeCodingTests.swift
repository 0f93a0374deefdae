import ECSShapes
import JSONBytes
import ShapeRules
import Testing

@Suite("ECS shapes as JSON")
struct ShapeCodingTests {
    private func text(_ value: some JSONWritable) -> String { String(decoding: value.jsonBytes(), as: UTF8.self) }

    @Test("an absent member is not written, neither as null nor as an empty object")
    func omitsAbsent() {
        #expect(text(ECSShapes.Service()) == "{}")
        let service = ECSShapes.Service(serviceName: "web", desiredCount: 2, enableExecuteCommand: false)
        #expect(text(service) == #"{"serviceName":"web","desiredCount":2,"enableExecuteCommand":false}"#)
    }

    @Test("an empty list that is there is written")
    func keepsEmptyLists() {
        #expect(text(ECSShapes.DescribeTasksResponse(tasks: [], failures: [])) == #"{"tasks":[],"failures":[]}"#)
    }

    @Test("null reads as absent, unknown members are skipped, of duplicates the last one counts")
    func readsLeniently() throws {
        let json = #"{"cluster":null,"new":{"a":[1,{"b":null}]},"count":1,"taskDefinition":"web","count":2}"#
        let request = try ECSShapes.RunTaskRequest(jsonBytes: Array(json.utf8))
        #expect(request == ECSShapes.RunTaskRequest(count: 2, taskDefinition: "web"))
    }

    @Test(
        "a value of another type is an error with its place",
        arguments: [
            (#"{"count":"2"}"#, JSONError(.mismatch(expected: .number, found: .string), offset: 9)),
            (#"{"count":2.5}"#, JSONError(.numberOutOfRange, offset: 9)),
            (#"{"count":3000000000}"#, JSONError(.numberOutOfRange, offset: 9)),
            (#"{"cluster":1}"#, JSONError(.mismatch(expected: .string, found: .number), offset: 11)),
            (#"{"tags":{}}"#, JSONError(.mismatch(expected: .array, found: .object), offset: 8)),
            (#"{"tags":[null]}"#, JSONError(.mismatch(expected: .object, found: .null), offset: 9)),
            (#"{"overrides":[]}"#, JSONError(.mismatch(expected: .object, found: .array), offset: 13)),
            ("[]", JSONError(.mismatch(expected: .object, found: .array), offset: 0)),
        ])
    func refusesOtherTypes(json: String, expected: JSONError) {
        #expect(throws: expected) { try ECSShapes.RunTaskRequest(jsonBytes: Array(json.utf8)) }
    }

    @Test("a task definition survives the way to JSON and back")
    func roundTrips() throws {
        let request = ECSShapes.RegisterTaskDefinitionRequest(
            family: "web",
            networkMode: "awsvpc",
            containerDefinitions: [
                ECSShapes.ContainerDefinition(
                    name: "größe/日本",
                    image: "busybox:1.36",
                    cpu: 128,
                    memory: 256,
                    portMappings: [ECSShapes.PortMapping(containerPort: 80, hostPort: 0, protocol: "tcp")],
                    essential: true,
                    command: ["sh", "-c", "echo \"$HOME\"\n"],
                    environment: [ECSShapes.KeyValuePair(name: "A", value: "")],
                    dockerLabels: ["b": "2", "a": "1"],
                    healthCheck: ECSShapes.HealthCheck(command: ["CMD-SHELL", "true"], interval: 5))
            ],
            volumes: [],
            requiresCompatibilities: ["FARGATE"],
            cpu: "256",
            memory: "512")
        #expect(try ECSShapes.RegisterTaskDefinitionRequest(jsonBytes: request.jsonBytes()) == request)
        #expect(text(request).contains(#""dockerLabels":{"a":"1","b":"2"}"#))
    }

    @Test("documents hold any JSON")
    func documents() throws {
        let json = Array(#"{"hookDetails":{"a":[1,"x",null]}}"#.utf8)
        let hook = try ECSShapes.DeploymentLifecycleHook(jsonBytes: json)
        #expect(hook.hookDetails == ["a": [1, "x", nil]])
        #expect(hook.jsonBytes() == json)
    }

    @Test("members that only the agent knows are read and written")
    func privateMembers() throws {
        let request = try ECSShapes.DiscoverPollEndpointRequest(jsonBytes: Array(#"{"zoneId":""}"#.utf8))
        #expect(request.zoneId == "")
        #expect(text(ECSShapes.DiscoverPollEndpointResponse(systemLogsEndpoint: "u")) == #"{"systemLogsEndpoint":"u"}"#)
        #expect(ECSShapes.RegisterContainerInstanceRequest(clientToken: "t").clientToken == "t")
    }

    @Test(
        "time is written in seconds with the decimals it needs",
        arguments: [
            (1_700_000_000_123, "1700000000.123"), (1_700_000_000_120, "1700000000.12"),
            (1_700_000_000_000, "1700000000"),
            (1_700_000_000_001, "1700000000.001"), (0, "0"), (-1500, "-1.5"), (5, "0.005"),
            (.max, "9223372036854775.807"),
        ] as [(Int64, String)])
    func writesTime(milliseconds: Int64, expected: String) throws {
        let time = ECSShapes.Timestamp(milliseconds: milliseconds)
        #expect(text(time) == expected)
        if milliseconds != .max { #expect(try ECSShapes.Timestamp(jsonBytes: Array(expected.utf8)) == time) }
    }

    @Test(
        "time is read from any number, rounded to milliseconds",
        arguments: [
            ("1.7000000001234E9", 1_700_000_000_123), ("1700000000", 1_700_000_000_000), ("0.0004", 0),
        ] as [(String, Int64)])
    func readsTime(text: String, milliseconds: Int64) throws {
        #expect(try ECSShapes.Timestamp(jsonBytes: Array(text.utf8)).milliseconds == milliseconds)
    }

    @Test("time beyond what 64 bits hold is an error", arguments: ["1e17", "-1e300", "\"2026-01-01\""])
    func refusesTime(text: String) {
        #expect(throws: JSONError.self) { try ECSShapes.Timestamp(jsonBytes: Array(text.utf8)) }
    }
}
