import APIModel
import Identifiers
import JSONBytes

/// Makes requests that are mostly what an operation wants, from the service model and from what was answered before.
struct RequestMaker {
    /// Of the request that is being made.
    private var model = ServiceModel.ecs
    /// Strings that name something, by the last word of the member they were seen in.
    private var seen: [String: [String]] = [:]

    /// Values that tend to break what was not thought through.
    private static let hostile: [JSONValue] = [
        .null, true, "", " ", "\u{0}", "\u{FEFF}", "🧨", "arn:", "arn:aws:ecs:::",
        "arn:aws:ecs:us-east-1:000000000000:service/", "rate(0 minutes)", "rate(9223372036854775807 days)",
        "cron(0 0 31 2 ? *)", "cron(* * * * * *)", #"{"a":[{"numeric":["<",1e400]}]}"#, #"{"$or":[{}]}"#, "$.a[", "<a",
        "http://", "https://[::1", "http://u:p@h/*/*?*",
        "{ ($.a = 1 && ", "{ $.a[0].b = \"x*\" }", "-\"a", "f/00000000000000000009999999999999999999999999999999999999",
        "a:b:c", "web:", ":1", "web:0", "web:-1", "web:99999999999999999999", "-1", "0", "1e9", "9223372036854775808",
        "../../etc/passwd", "attribute:ecs.os-type == linux or (", "not(not(not(a)))", "%s%n", "${a}", -1, 0, 1, 65535,
        65536, 2_147_483_647, -2_147_483_648, 2_147_483_648, .integer(.max), .integer(.min), 1e308, -0.0, 0.5, [], [:],
        [[]], [:],
    ]

    /// What names things here, by the last word of a member's name in lower case.
    private static let known: [String: [String]] = [
        "cluster": ["default", "other"], "service": ["alpha", "beta"], "taskdefinition": ["web", "web:1", "own:1"],
        "family": ["web", "own"], "image": ["demo"], "cpu": ["256", "1 vCPU", "1024"],
        "memory": ["512", "1GB", "2048"], "name": ["app", "web", "alpha", "/web", "a"], "subnet": ["subnet-1"],
        "provider": ["FARGATE", "FARGATE_SPOT"], "expression": ["attribute:ecs.os-type == linux", "task:group == a"],
        "rule": ["ticks", "stops"],
        "arn": [
            "arn:aws:ecs:us-east-1:000000000000:cluster/default", "http://192.0.2.9/*",
            "arn:aws:logs:us-east-1:000000000000:log-group:/web",
        ],
        "pattern": [
            #"{"source":["aws.ecs"]}"#, #"{"detail":{"a":[{"prefix":"x"},{"exists":false}]}}"#, "{ $.a = 1 }", "hello",
        ],
        "scheduleexpression": ["rate(1 minute)", "cron(0/5 8 ? * MON-FRI *)"], "eventbusname": ["default"],
        "event": [
            #"{"id":"1","account":"000000000000","source":"a","time":"2026-01-01T00:00:00Z","region":"us-east-1","#
                + #""resources":[],"detail-type":"b","detail":{}}"#
        ],
        "protocol": ["HTTP", "TCP"], "priority": ["1", "default"], "subnets": ["subnet-1"], "vpcid": ["vpc-1"],
        "targettype": ["ip", "instance"], "path": ["/", "/a*"], "key": ["idle_timeout.timeout_seconds", "a"],
        "value": ["30", "true", "/a*"], "statuscode": ["200", "HTTP_301"], "httpcode": ["200-399"],
        "detail": [#"{"a":"x"}"#], "input": ["{}"], "inputpath": ["$.detail"], "inputtemplate": ["\"<a>\""],
        "type": ["memberOf", "spread", "binpack"], "field": ["cpu", "attribute:ecs.availability-zone"],
    ]

    mutating func request(
        for operation: ServiceModel.Operation, of model: ServiceModel, _ random: inout SeededGenerator
    ) -> JSONValue {
        self.model = model
        return value(operation.request, named: operation.request, depth: 0, &random)
    }

    /// Remembers the names in an answer, so that later requests are about what exists.
    mutating func learn(_ value: JSONValue, named name: String = "") {
        switch value {
        case .object(let members):
            // In the order of the names: that of a dictionary differs between equal runs.
            for (name, value) in members.sorted(by: { $0.key < $1.key }) { learn(value, named: name) }
        case .array(let values): for value in values { learn(value, named: name) }
        case .string(let text) where (1...300).contains(text.utf8.count):
            let word = Self.lastWord(of: name)
            guard ["arn", "name", "token", "id", "family", "definition"].contains(where: { word.hasSuffix($0) }) else {
                return
            }
            var known = seen[word] ?? []
            guard !known.contains(text) else { return }
            if known.count >= 24 { known.removeFirst() }
            seen[word] = known + [text]
        default: return
        }
    }

    // MARK: Values

    private mutating func value(
        _ name: String, named member: String, depth: Int, _ random: inout SeededGenerator
    ) -> JSONValue {
        if random.oneIn(40) { return Self.hostile.randomElement(using: &random) ?? .null }
        switch model.shape(name) {
        case .structure(let members):
            var object: [String: JSONValue] = [:]
            for inner in members where inner.isRequired ? !random.oneIn(60) : random.oneIn(depth == 0 ? 3 : 4 + depth) {
                object[inner.name] = value(inner.shape, named: inner.name, depth: depth + 1, &random)
            }
            return .object(object)
        case .list(let element, _):
            let count =
                random.oneIn(50) ? Int.random(in: 0...120, using: &random) : Int.random(in: 1...3, using: &random)
            return .array((0..<count).map { _ in value(element, named: member, depth: depth + 1, &random) })
        case .map(let inner):
            var object: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                object[text(named: "key", &random)] = value(inner, named: member, depth: depth + 1, &random)
            }
            return .object(object)
        case .string(let values, _):
            return .string(values.randomElement(using: &random) ?? text(named: member, &random))
        case .integer(let bounds, _): return .integer(whole(bounds, &random))
        case .double(let bounds): return .number(Double(whole(bounds, &random)) + 0.5)
        case .boolean: return .boolean(.random(using: &random))
        case .timestamp: return .number(Double(Int.random(in: 0...2_000_000_000, using: &random)))
        case .document: return ["Version": "2012-10-17"]
        }
    }

    private func whole(_ bounds: ModelShape.Bounds, _ random: inout SeededGenerator) -> Int64 {
        let edges: [Int64] = [0, 1, 2, 10, 100, 200, 256, 512, 1024, 8080, 65535, -1]
        guard let low = bounds.minimum.flatMap({ Int64(exactly: $0) }) else {
            return edges.randomElement(using: &random) ?? 0
        }
        let high = bounds.maximum.flatMap { Int64(exactly: $0) } ?? low &+ 1000
        return Int64.random(in: low...max(low, high), using: &random)
    }

    private func text(named member: String, _ random: inout SeededGenerator) -> String {
        let word = Self.lastWord(of: member)
        let known = (Self.known.first { word.hasSuffix($0.key) || word.hasSuffix($0.key + "s") }?.value ?? [])
        let seen = self.seen.filter { word.hasSuffix($0.key) || $0.key.hasPrefix(word) }.sorted { $0.key < $1.key }
            .flatMap(\.value)
        if let name = (known + seen).randomElement(using: &random), !random.oneIn(10) { return name }
        if random.oneIn(60) { return String(repeating: "x", count: Int.random(in: 200...70_000, using: &random)) }
        let letters = Array("abcxyz019-_./: ")
        return String(
            (0..<Int.random(in: 1...8, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
    }

    /// `taskArns` and `taskArn` alike are `taskarn`.
    private static func lastWord(of name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix("s") && !lower.hasSuffix("ss") ? String(lower.dropLast()) : lower
    }
}

extension SeededGenerator {
    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
