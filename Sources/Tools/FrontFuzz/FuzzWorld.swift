import AWSWire
import AgentGateway
import Domain
import Front
import Identifiers
import JSONBytes
import LogStoreSQLite
import Logging
import StateStore
import Synchronization
import TestKit

/// A small control plane in memory with hosts, services and tasks, spoken to with bytes.
///
/// Ids and clock come from the seed: equal seeds and equal requests give equal answers.
struct FuzzWorld: Sendable {
    private static let root = SigV4Credential(accessKeyID: "AKIAROOTROOTROOTROOT", secretKey: "root-secret")

    private let store = MemoryStateStore()
    /// Started long ago: nobody waits for hosts.
    private let presence = HostPresence(startedAt: .zero.adding(.seconds(-3600)))
    private let clock = FuzzClock()
    private let front: BareFront

    init(seed: UInt64) async throws {
        let ids = SeededIDSource(seed: seed)
        let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let gateway = AgentGateway(
            store: store, presence: presence, configuration: GatewayConfiguration(), clock: StoppedGatewayClock(),
            ids: ids, logger: logger)
        let clock = clock
        front = BareFront(
            ports: FrontPorts(
                store: store, history: store, presence: presence, ids: ids, now: { clock.now },
                returns: HostReturns(presence: presence, clock: StoppedGatewayClock()),
                logs: try SQLiteLogStore.inMemory()), gateway: gateway,
            logger: logger)
        _ = try await store.commit { transaction in
            transaction.put(InstallationRecord(scope: .test, taskCIDR: "10.99.0.0/16"))
            transaction.put(
                AccessKeyRecord(
                    id: Self.root.accessKeyID, secret: Self.root.secretKey, scope: .test, principal: .root,
                    createdAt: .test()))
        }
        try await populate()
    }

    /// Sends what is the body of `operation`, signed by root; an operation without a dot is one of ECS.
    func send(_ operation: String, _ body: [UInt8], encoding: String? = nil) async -> HTTPAnswer {
        await send(operation, body, encoding: encoding, as: Self.root)
    }

    func pass(_ duration: Duration) { clock.advance(by: duration) }

    private func send(
        _ operation: String, _ body: [UInt8], encoding: String?, as key: SigV4Credential
    ) async -> HTTPAnswer {
        let target = operation.contains(".") ? operation : "AmazonEC2ContainerServiceV20141113." + operation
        let isForm = FuzzForm.isForm(operation)
        var headers = [
            HTTPMessage.Header("Host", "127.0.0.1:4566"),
            HTTPMessage.Header("Content-Type", isForm ? "application/x-www-form-urlencoded" : JSON11.contentType),
        ]
        if !isForm { headers.append(HTTPMessage.Header("X-Amz-Target", target)) }
        if let encoding { headers.append(HTTPMessage.Header("Content-Encoding", encoding)) }
        let request = SigV4Request(
            method: "POST", path: "/", headers: headers.map { (name: $0.name, value: $0.value) }, body: body)
        let service = Self.signingName(operation)
        let signer = SigV4Signer(credential: key, region: "us-east-1", service: service)
        headers += signer.headers(for: request, now: clock.now.milliseconds)
            .map { HTTPMessage.Header($0.name, $0.value) }
        return await front.answer(HTTPMessage(method: "POST", target: "/", headers: headers, body: body))
    }

    private static func signingName(_ operation: String) -> String {
        let services = [
            "AWSEvents.": "events", "ElasticLoadBalancing.": "elasticloadbalancing", "CertificateManager.": "acm",
            "Logs_20140328.": "logs", "AnyScaleFrontendService.": "application-autoscaling",
            "GraniteServiceVersion20100801.": "monitoring",
        ]
        return services.first { operation.hasPrefix($0.key) }?.value ?? "ecs"
    }

    // MARK: What is there before the first request

    private func populate() async throws {
        for capacity in ["managed", "managed"] as [JSONValue] { try await addHost(capacity) }
        for name in ["default", "other"] as [JSONValue] { try await must("CreateCluster", ["clusterName": name]) }
        for _ in 0..<2 { try await addHost("own") }
        for (family, mode, type) in [("web", "awsvpc", "FARGATE"), ("own", "bridge", "EC2")]
            as [(JSONValue, JSONValue, JSONValue)]
        {
            try await must(
                "RegisterTaskDefinition",
                [
                    "family": family, "networkMode": mode, "requiresCompatibilities": [type], "cpu": "256",
                    "memory": "512",
                    "containerDefinitions": [["name": "app", "image": "demo", "essential": true, "memory": 64]],
                ])
        }
        for name in ["alpha", "beta"] as [JSONValue] {
            try await must("CreateService", Self.launch.merging(["serviceName": name, "desiredCount": 2]) { $1 })
        }
        try await must("RunTask", Self.launch.merging(["count": 3]) { $1 })
        for name in ["/web", "/other"] as [JSONValue] {
            try await must("Logs_20140328.CreateLogGroup", ["logGroupName": name])
        }
        try await must("Logs_20140328.CreateLogStream", ["logGroupName": "/web", "logStreamName": "a"])
        let at = JSONValue.integer(clock.now.milliseconds)
        try await must(
            "Logs_20140328.PutLogEvents",
            [
                "logGroupName": "/web", "logStreamName": "a",
                "logEvents": [["timestamp": at, "message": "hello"], ["timestamp": at, "message": #"{"a":1}"#]],
            ])
        try await must("AWSEvents.PutRule", ["Name": "ticks", "ScheduleExpression": "rate(1 minute)"])
        try await must("AWSEvents.PutRule", ["Name": "stops", "EventPattern": #"{"source":["aws.ecs"]}"#])
        try await must(
            "AWSEvents.PutTargets", ["Rule": "stops", "Targets": [["Id": "a", "Arn": "http://192.0.2.9/"]]])
        let cloudWatch = "GraniteServiceVersion20100801."
        try await must(
            cloudWatch + "PutMetricData", ["Namespace": "App", "MetricData": [["MetricName": "m", "Values": [1, 2]]]])
        try await must(
            cloudWatch + "PutMetricAlarm",
            [
                "AlarmName": "high", "Namespace": "App", "MetricName": "m", "Statistic": "Average", "Period": 60,
                "EvaluationPeriods": 3, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
            ])
        try await must(cloudWatch + "PutCompositeAlarm", ["AlarmName": "both", "AlarmRule": "ALARM(high)"])
        let scaled: [String: JSONValue] = [
            "ServiceNamespace": "ecs", "ResourceId": "service/default/alpha",
            "ScalableDimension": "ecs:service:DesiredCount",
        ]
        try await must(
            "AnyScaleFrontendService.RegisterScalableTarget",
            scaled.merging(["MinCapacity": 1, "MaxCapacity": 4]) { $1 })
        try await must(
            "AnyScaleFrontendService.PutScalingPolicy",
            scaled.merging([
                "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": [
                    "TargetValue": 50,
                    "PredefinedMetricSpecification": ["PredefinedMetricType": "ECSServiceAverageCPUUtilization"],
                ],
            ]) { $1 })
        try await mustBalance("CreateLoadBalancer", ["Name": "front", "Subnets": ["subnet-1", "subnet-2"]])
        try await mustBalance("CreateLoadBalancer", ["Name": "net", "Type": "network", "Subnets": ["subnet-1"]])
        for (name, type) in [("blue", "ip"), ("hosts", "instance")] as [(JSONValue, JSONValue)] {
            try await mustBalance(
                "CreateTargetGroup",
                ["Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": type])
        }
    }

    private static let launch: [String: JSONValue] = [
        "taskDefinition": "web", "launchType": "FARGATE",
        "networkConfiguration": ["awsvpcConfiguration": ["subnets": ["subnet-1"]]],
    ]

    private func addHost(_ capacity: JSONValue) async throws {
        let token = try await must("Berth.CreateJoinToken", [:])["token"] ?? .null
        let joined = try await must("Berth.JoinHost", ["token": token, "capacity": capacity])
        let key = SigV4Credential(
            accessKeyID: joined["accessKeyId"]?.string ?? "", secretKey: joined["secretAccessKey"]?.string ?? "")
        let answer = await send("RegisterContainerInstance", Self.registration.jsonBytes(), encoding: nil, as: key)
        guard answer.status == 200 else { throw FuzzError(answer) }
        if let arn = joined["containerInstanceArn"]?.string, let id = ContainerInstanceID.parse(arn: arn)?.id {
            presence.connect(id)
        }
    }

    private static let registration: JSONValue = [
        "totalResources": [
            ["name": "CPU", "type": "INTEGER", "integerValue": 65536],
            ["name": "MEMORY", "type": "INTEGER", "integerValue": 262_144],
            ["name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]],
        ],
        "attributes": [
            ["name": "ecs.os-type", "value": "linux"], ["name": "ecs.capability.task-eni"],
            ["name": "ecs.capability.task-cpu-mem-limit"],
        ],
        "berth": ["version": 1, "nodeAddress": "192.0.2.1"],
    ]

    private func mustBalance(_ action: String, _ request: [String: JSONValue]) async throws {
        let operation = "ElasticLoadBalancing." + action
        let answer = await send(operation, FuzzForm.bytes(operation, .object(request)))
        guard answer.status == 200 else { throw FuzzError(answer) }
    }

    @discardableResult
    private func must(_ operation: String, _ request: [String: JSONValue]) async throws -> JSONValue {
        let answer = await send(operation, JSONValue.object(request).jsonBytes())
        guard answer.status == 200 else { throw FuzzError(answer) }
        return try JSONValue(jsonBytes: answer.body)
    }
}

/// The world could not be set up.
struct FuzzError: Error, CustomStringConvertible {
    let description: String

    init(_ answer: HTTPAnswer) { description = "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))" }
}

/// A wall clock that stands until it is moved.
private final class FuzzClock: Sendable {
    private let value = Mutex(Timestamp.test())

    var now: Timestamp { value.withLock { $0 } }

    func advance(by duration: Duration) { value.withLock { $0 = $0.adding(duration) } }
}

/// No session is open here, so nothing of a session ever comes due.
private struct StoppedGatewayClock: GatewayClock {
    func now() -> Moment { Moment(instant: .zero, wall: .test()) }

    func sleep(until instant: Instant) async throws { try await Task.sleep(for: .seconds(3600)) }
}
