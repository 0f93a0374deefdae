import AWSWire
import AgentGateway
import Domain
import ELBShapes
import Identifiers
import JSONBytes
import LogStoreSQLite
import Logging
import ShapeRules
import StateStore
import Synchronization
import TestKit
import Testing

@testable import Front

/// A front over a store in memory, spoken to with bytes; no socket is open.
final class FrontHarness: Sendable {
    static let rootKey = SigV4Credential(accessKeyID: "AKIAROOTROOTROOTROOT", secretKey: "root-secret")
    static let network: JSONValue = ["awsvpcConfiguration": ["subnets": ["subnet-1"]]]

    let store = MemoryStateStore()
    let logs: SQLiteLogStore
    /// An hour before everything else.
    static let startedAt = Instant.zero.adding(.seconds(-3600))
    let presence = HostPresence(startedAt: startedAt)
    let ids = SeededIDSource(seed: 7)
    let time = TestClock()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let gateway: AgentGateway
    let ports: FrontPorts
    let dispatcher: Dispatcher
    private let operations: OperationTable

    /// - Parameter clock: where it stands decides whether hosts are still about to return; by default they are not.
    init(taskCIDR: String = "10.99.0.0/16", clock: any GatewayClock = StoppedClock()) async throws {
        logs = try SQLiteLogStore.inMemory()
        gateway = AgentGateway(
            store: store, presence: presence, configuration: GatewayConfiguration(), clock: StoppedClock(), ids: ids,
            logger: logger)
        let time = time
        ports = FrontPorts(
            store: store, history: store, presence: presence, ids: ids, now: { time.now },
            returns: HostReturns(presence: presence, clock: clock), logs: logs)
        operations = OperationTable(ports, reports: gateway.reports) { path throws(RestoreError) in
            throw RestoreError(message: "no backup at \(path)")
        }
        dispatcher = Dispatcher(
            ports: ports, operations: operations, configuration: FrontConfiguration(), logger: logger)
        try await put { transaction in
            transaction.put(InstallationRecord(scope: .test, taskCIDR: taskCIDR))
            transaction.put(
                AccessKeyRecord(
                    id: Self.rootKey.accessKeyID, secret: Self.rootKey.secretKey, scope: .test, principal: .root,
                    createdAt: .test()))
        }
    }

    func put(_ body: @Sendable (inout Transaction) -> Void) async throws {
        _ = try await store.commit { transaction in body(&transaction) }
    }

    /// Calls an operation of ECS, or with a dot in its name any other. Those of Elastic Load Balancing are called by root and
    /// past their forms, which have tests of their own.
    @discardableResult
    func call(
        _ operation: String, _ request: JSONValue = [:], as key: SigV4Credential? = FrontHarness.rootKey
    ) async throws -> Reply {
        if operation.hasPrefix(Self.balancing),
            let asked = ELBOperation(rawValue: String(operation.dropFirst(Self.balancing.count)))
        {
            return try await call(asked, request)
        }
        let target = operation.contains(".") ? operation : "AmazonEC2ContainerServiceV20141113." + operation
        return try await send(target: target, request.jsonBytes(), as: key)
    }

    static let balancing = "ElasticLoadBalancing."

    private func call(_ operation: ELBOperation, _ request: JSONValue) async throws -> Reply {
        let call = APICall(
            principal: .root, scope: .test, requestID: ids.uuid(), now: time.now, origin: "http://127.0.0.1:4566")
        var answer = HTTPAnswer(status: 200, headers: [], body: [])
        do throws(APIFault) {
            answer.body = try await operations.operation(operation).run(request.jsonBytes(), call)
        } catch {
            answer.status = error.status
            answer.body = error.jsonBytes()
        }
        return Reply(answer: answer, json: try JSONValue(jsonBytes: answer.body))
    }

    func send(target: String?, _ body: [UInt8], as key: SigV4Credential?) async throws -> Reply {
        var headers = [HTTPMessage.Header("Content-Type", "application/x-amz-json-1.1")]
        if let target { headers.append(HTTPMessage.Header("X-Amz-Target", target)) }
        let message = HTTPMessage(method: "POST", target: "/", headers: headers, body: body)
        let answer = await dispatcher.answer(signed(message, as: key))
        return Reply(answer: answer, json: try JSONValue(jsonBytes: answer.body))
    }

    /// A request to open a socket.
    func socketRequest(_ query: String, as key: SigV4Credential?) -> HTTPMessage {
        signed(HTTPMessage(method: "GET", target: "/ws?" + query, headers: []), as: key)
    }

    func signed(_ message: HTTPMessage, host: String = "127.0.0.1:4566", as key: SigV4Credential?) -> HTTPMessage {
        var message = message
        message.headers.append(HTTPMessage.Header("Host", host))
        guard let key else { return message }
        let service = ServedServices.service(of: message.header("x-amz-target")).signingName
        let signer = SigV4Signer(credential: key, region: "us-east-1", service: service)
        message.headers += signer.headers(for: message.signed, now: time.now.milliseconds)
            .map { HTTPMessage.Header($0.name, $0.value) }
        return message
    }

    /// Joins and registers a host, which then counts as connected unless told otherwise.
    func host(
        _ capacity: JSONValue = "managed", cpu: Int64 = 4096, memory: Int64 = 8192, connects: Bool = true
    ) async throws -> JoinedHost {
        let token = try await call("Berth.CreateJoinToken").json["token"] ?? .null
        let join = try await call("Berth.JoinHost", ["token": token, "capacity": capacity], as: nil).json
        let host = JoinedHost(
            key: SigV4Credential(
                accessKeyID: join["accessKeyId"]?.string ?? "", secretKey: join["secretAccessKey"]?.string ?? ""),
            arn: join["containerInstanceArn"]?.string ?? "")
        let reply = try await call("RegisterContainerInstance", Self.registration(cpu, memory), as: host.key)
        try #require(reply.status == 200, "\(reply.json)")
        if connects, let id = ContainerInstanceID.parse(arn: host.arn)?.id { presence.connect(id) }
        return host
    }

    static func registration(_ cpu: Int64 = 4096, _ memory: Int64 = 8192) -> JSONValue {
        [
            "totalResources": [
                ["name": "CPU", "type": "INTEGER", "integerValue": .integer(cpu)],
                ["name": "MEMORY", "type": "INTEGER", "integerValue": .integer(memory)],
                ["name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]],
            ],
            "attributes": [
                ["name": "ecs.os-type", "value": "linux"], ["name": "ecs.capability.task-eni"],
                ["name": "ecs.capability.task-cpu-mem-limit"],
            ],
            "berth": ["version": 1, "nodeAddress": "192.0.2.1"],
        ]
    }

    /// A cluster `default` and a definition `web:1` that runs on managed capacity.
    func demo() async throws {
        try await call("CreateCluster")
        let reply = try await call(
            "RegisterTaskDefinition",
            [
                "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                "requiresCompatibilities": ["FARGATE"],
                "containerDefinitions": [["name": "app", "image": "demo", "essential": true]],
            ])
        try #require(reply.status == 200, "\(reply.json)")
    }
}

struct JoinedHost: Sendable {
    let key: SigV4Credential
    let arn: String

    var id: String { arn.split(separator: "/").last.map(String.init) ?? "" }
}

struct Reply: Sendable {
    let answer: HTTPAnswer
    let json: JSONValue

    var status: Int { answer.status }
    var isSuccess: Bool { status == 200 }
    /// The exception's name.
    var code: String? { json["__type"]?.string }
    var message: String? { json["message"]?.string }
}

/// A wall clock that a test moves.
final class TestClock: Sendable {
    private let value = Mutex(Timestamp.test())

    var now: Timestamp { value.withLock { $0 } }

    func advance(by duration: Duration) { value.withLock { $0 = $0.adding(duration) } }
}

/// A gateway's clock at which nothing ever comes due.
struct StoppedClock: GatewayClock {
    func now() -> Moment { Moment(instant: .zero, wall: .test()) }

    func sleep(until instant: Instant) async throws { try await Task.sleep(for: .seconds(3600)) }
}
