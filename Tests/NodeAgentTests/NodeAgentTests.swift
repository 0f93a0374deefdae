import AgentWire
import Domain
import Foundation
import Identifiers
import JSONBytes
import Logging
import NIOHTTP1
import Synchronization
import TaskNetwork
import TaskRuntime
import TestKit
import Testing

@testable import NodeAgent

/// An agent with a runtime and a network in memory, and a control plane on loopback.
private struct AgentBench: Sendable {
    let plane: ScriptedControlPlane
    let runtime = FakeRuntime()
    let network = FakeNetwork()
    let path: String
    /// The certificate that the agent trusts besides nothing else; nil for the system's.
    var authorityFile: String?

    var configuration: NodeAgentConfiguration {
        var configuration = NodeAgentConfiguration(
            dataDirectory: path, controlPlane: plane.url, capacity: .own(cluster: "default", launchType: .ec2),
            joinToken: "token")
        configuration.resources = Resources(cpu: CPUUnits(4096), memory: MemoryMiB(8192))
        configuration.nodeAddress = "192.0.2.1"
        configuration.authorityFile = authorityFile
        configuration.intervals.reconnectFirst = .milliseconds(10)
        configuration.intervals.reconnectMost = .milliseconds(50)
        configuration.intervals.sample = .milliseconds(10)
        configuration.intervals.telemetry = .milliseconds(50)
        return configuration
    }

    /// Runs an agent for as long as `body` takes; its end is sudden for everything but this process.
    func withAgent(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let agent = NodeAgent(
            configuration: configuration, runtime: runtime, network: network,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    func payload(_ assignments: [TaskAssignment], id: String = "m1") throws -> ACSServerMessage {
        plane.payload(try assignments.map(SessionStepTests.running), id: id)
    }

    func start(_ assignment: TaskAssignment) async throws {
        try await eventually { plane.connections > 0 }
        try await plane.say(try payload([assignment]))
        try await reported(assignment.task, "RUNNING")
    }

    func reported(_ task: TaskID, _ status: String) async throws {
        try await eventually { plane.reports(task).contains { $0["status"]?.string == status } }
    }
}

private func withBench(
    tls: TestCertificate? = nil, trusting authority: TestCertificate? = nil,
    _ body: @escaping @Sendable (AgentBench) async throws -> Void
) async throws {
    let temporary = try TemporaryDirectory()
    let bench = AgentBench(
        plane: try await ScriptedControlPlane(tls: try tls?.serverContext()), path: temporary.path,
        authorityFile: authority?.certificate)
    bench.runtime.addImage("app:1")
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await bench.plane.run() }
        group.addTask { try await body(bench) }
        defer { group.cancelAll() }
        try await group.next()
    }
}

@Suite("The whole agent")
struct NodeAgentTests {
    static let task = TaskAssignment.of([.named("web")], id: "t1")

    @Test("joins once, registers, runs a task it is given and reports it")
    func runsTask() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                #expect(bench.runtime.running == ["t1-web"])
                #expect(bench.network.plan == HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.3.0/24"))
                let ack = AckRequest(cluster: testCluster.arn, containerInstance: "i1", messageId: "m1")
                try await eventually { bench.plane.heard.contains(.ack(ack)) }
            }
            let join = try #require(bench.plane.calls("JoinHost").first)
            #expect(!join.isSigned)
            #expect(join.body["token"]?.string == "token")
            let registration = try #require(bench.plane.calls("RegisterContainerInstance").first)
            #expect(registration.isSigned)
            #expect(registration.body["berth"]?["nodeAddress"]?.string == "192.0.2.1")
            let running = try #require(bench.plane.reports(Self.task.task).last)
            #expect(running["berth"]?["interface"]?["address"]?.string == "10.99.3.2")
            #expect(running["containers"]?[0]?["runtimeId"]?.string == "t1-web")
        }
    }

    @Test("a container sees its task's environment, names and network")
    func containerPlan() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                let plan = try #require(bench.runtime.plan(of: "t1-web"))
                #expect(plan.networkNamespace == "/run/netns/t1")
                #expect(plan.hostname == "ip-10-99-3-2")
                #expect(plan.environment.contains(KeyValue(key: "AWS_EXECUTION_ENV", value: "AWS_ECS_EC2")))
                #expect(plan.mounts.map(\.destination) == ["/etc/resolv.conf", "/etc/hosts", "/etc/hostname"])
                #expect(plan.labels["com.amazonaws.ecs.task-arn"] == Self.task.task.arn)
            }
        }
    }

    @Test("stops a container by the signal its image names, and by SIGTERM when it names none")
    func stopSignal() async throws {
        try await withBench { bench in
            bench.runtime.addImage("quits:1", stopSignal: 3)
            let task = TaskAssignment.of([.named("web"), .named("side") { $0.image = "quits:1" }], id: "t1")
            try await bench.withAgent {
                try await bench.start(task)
                bench.runtime.exit("t1-web", code: 0)
                try await bench.reported(task.task, "STOPPED")
                let last = try #require(bench.plane.reports(task.task).last)
                #expect(last["containers"]?[1]?["exitCode"]?.integer == 131)
            }
        }
    }

    @Test("does everything over TLS with the authority it was given")
    func secure() async throws {
        let certificate = try TestCertificate()
        try await withBench(tls: certificate, trusting: certificate) { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                try await eventually { !bench.plane.telemetry.isEmpty }
                bench.runtime.exit("t1-web", code: 0)
                try await bench.reported(Self.task.task, "STOPPED")
            }
        }
    }

    @Test("says nothing to a control plane whose certificate is not of that authority", .timeLimit(.minutes(1)))
    func impostor() async throws {
        try await withBench(tls: try TestCertificate(), trusting: try TestCertificate()) { bench in
            let connection = try Connection(
                bench.configuration, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await #expect(throws: (any Error).self) { try await connection.api.call("JoinHost", [:]) }
            let endpoint = try #require(Endpoint(bench.plane.url))
            await #expect(throws: (any Error).self) {
                try await WebSocket.open(endpoint, uri: "/ws", headers: HTTPHeaders(), tls: connection.tls) { _, _ in }
            }
            await connection.close()
            #expect(bench.plane.calls("JoinHost").isEmpty)
            #expect(bench.plane.connections == 0)
        }
    }

    @Test("an exit is reported with its code, and nothing stays behind")
    func exit() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                bench.runtime.exit("t1-web", code: 7)
                try await bench.reported(Self.task.task, "STOPPED")
                let last = try #require(bench.plane.reports(Self.task.task).last)
                #expect(last["containers"]?[0]?["exitCode"]?.integer == 7)
                #expect(last["reason"]?.string == "Essential container in task exited")
                try await eventually { try await bench.runtime.containers().isEmpty }
                try await eventually { bench.runtime.preparedTasks.isEmpty }
                #expect(bench.network.attached.isEmpty)
            }
        }
    }

    @Test("an image that is nowhere is a CannotPullContainerError")
    func missingImage() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 0 }
                var definition = ContainerDefinition(name: "web", image: "nowhere:1")
                definition.memory = MemoryMiB(64)
                try await bench.plane.say(try bench.payload([.of([definition])]))
                try await bench.reported(Self.task.task, "STOPPED")
                let reason = try #require(bench.plane.reports(Self.task.task).last?["reason"]?.string)
                #expect(reason == "CannotPullContainerError: nowhere:1: not found")
            }
        }
    }

    @Test("a task outlives its agent: same process, reported on, stopped when asked")
    func outlives() async throws {
        try await withBench { bench in
            try await bench.withAgent { try await bench.start(Self.task) }
            let pid = bench.runtime.pid(of: "t1-web")
            #expect(pid != nil)
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 1 }
                try await bench.plane.say(
                    bench.plane.payload([PayloadTask(stopping: Self.task.task.arn, cluster: testCluster.arn)]))
                #expect(bench.runtime.pid(of: "t1-web") == pid || bench.runtime.running.isEmpty)
                try await bench.reported(Self.task.task, "STOPPED")
            }
            #expect(bench.runtime.starts(of: "t1-web") == 1)
            #expect(bench.plane.calls("JoinHost").count == 1)
            let last = try #require(bench.plane.reports(Self.task.task).last)
            #expect(last["containers"]?[0]?["exitCode"]?.integer == 143)
        }
    }

    @Test("what exited while no agent ran is reported with its code")
    func exitWithoutAgent() async throws {
        try await withBench { bench in
            try await bench.withAgent { try await bench.start(Self.task) }
            bench.runtime.exit("t1-web", code: 42)
            try await bench.withAgent { try await bench.reported(Self.task.task, "STOPPED") }
            let last = try #require(bench.plane.reports(Self.task.task).last)
            #expect(last["containers"]?[0]?["exitCode"]?.integer == 42)
        }
    }

    @Test("an exit while the runtime did not answer is found after it came back")
    func runtimeOutage() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                bench.runtime.breakDown()
                bench.runtime.exit("t1-web", code: 9)
                bench.runtime.recover()
                try await bench.reported(Self.task.task, "STOPPED")
            }
            let last = try #require(bench.plane.reports(Self.task.task).last)
            #expect(last["containers"]?[0]?["exitCode"]?.integer == 9)
        }
    }

    @Test("reports wait for a control plane that fails, and come in order")
    func reportsWait() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 0 }
                bench.plane.fail("SubmitTaskStateChange", with: "ServerException")
                try await bench.plane.say(try bench.payload([Self.task]))
                try await eventually { bench.runtime.running == ["t1-web"] }
                bench.runtime.exit("t1-web", code: 0)
                try await eventually { bench.plane.reports(Self.task.task).count > 2 }
                let refused = bench.plane.reports(Self.task.task).count
                #expect(bench.plane.reports(Self.task.task).allSatisfy { $0["status"]?.string == "PENDING" })
                bench.plane.fail("SubmitTaskStateChange", with: nil)
                try await bench.reported(Self.task.task, "STOPPED")
                let after = bench.plane.reports(Self.task.task).dropFirst(refused).compactMap { $0["status"]?.string }
                #expect(after.filter { $0 != "PENDING" } == ["RUNNING", "STOPPED"])
            }
        }
    }

    @Test("a clock that was set costs no host: the agent signs by the control plane's", arguments: [3_600, -3_600])
    func clockSet(seconds: Int) async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                bench.plane.watch.set(ahead: seconds)
                try await bench.plane.drop()
                try await eventually { bench.plane.connections > 1 }
                bench.runtime.exit("t1-web", code: 3)
                try await bench.reported(Self.task.task, "STOPPED")
            }
        }
    }

    @Test("a dropped session is opened again, and a redelivered task is not started twice")
    func reconnects() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                try await bench.plane.drop()
                try await eventually { bench.plane.connections > 1 }
                try await bench.plane.say(try bench.payload([Self.task], id: "again"))
                let ack = AckRequest(cluster: testCluster.arn, containerInstance: "i1", messageId: "again")
                try await eventually { bench.plane.heard.contains(.ack(ack)) }
            }
            #expect(bench.runtime.starts(of: "t1-web") == 1)
        }
    }

    @Test("a task that was given up is stopped before a new one starts")
    func givenUp() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await bench.start(Self.task)
                bench.runtime.behave("web", .ignoresTerm)
                var manifest = TaskManifestMessage()
                manifest.messageId = "man"
                manifest.timeline = 10
                try await bench.plane.say(.manifest(manifest))
                try await eventually {
                    bench.plane.heard.contains { if case .stopVerification = $0 { true } else { false } }
                }
                let next = TaskAssignment.of([.named("next")], id: "t2")
                try await bench.plane.say(try bench.payload([next], id: "m2"))
                let stop = TaskIdentifier(taskArn: Self.task.task.arn, taskClusterArn: nil, desiredStatus: "STOPPED")
                try await bench.plane.say(
                    .stopVerificationAck(TaskStopVerificationAck(messageId: "man", generatedAt: 1, stopTasks: [stop])))
                let ack = AckRequest(cluster: testCluster.arn, containerInstance: "i1", messageId: "m2")
                try await eventually { bench.plane.heard.contains(.ack(ack)) }
                #expect(bench.runtime.running == ["t1-web"])
                bench.runtime.exit("t1-web", code: 0)
                try await bench.reported(next.task, "RUNNING")
            }
        }
    }

    @Test("health and use of tasks go over telemetry")
    func telemetry() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 0 }
                let checked = TaskAssignment.of([
                    .named("web") { $0.healthCheck = HealthCheck(command: ["CMD", "true"], interval: 1) }
                ])
                try await bench.start(checked)
                try await eventually {
                    bench.plane.telemetry.contains { message in
                        guard case .health(let request) = message else { return false }
                        return request.tasks.contains { $0.containers.contains { $0.healthStatus == "HEALTHY" } }
                    }
                }
                try await eventually {
                    bench.plane.telemetry.contains { message in
                        guard case .metrics(let request) = message else { return false }
                        return request.taskMetrics.contains { $0.taskArn == checked.task.arn }
                    }
                }
            }
        }
    }

    @Test("routes of a heartbeat are set")
    func routes() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 0 }
                let peers = HeartbeatExtension(PeerNetwork(peers: [.init(block: "10.99.2.0/24", via: "192.0.2.2")]))
                try await bench.plane.say(.heartbeat(HeartbeatMessage(messageId: "h", berth: peers)))
                try await eventually { bench.network.peers == [.init(block: "10.99.2.0/24", via: "192.0.2.2")] }
            }
        }
    }

    @Test("tasks are told the names of load balancers, and their way is the control plane's machine")
    func names() async throws {
        try await withBench { bench in
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 0 }
                let names = [BalancerName(address: "10.98.0.1", names: ["web.elb.localhost", "shop.localhost"])]
                let network = PeerNetwork(
                    peers: [], balancers: BalancerNetwork(range: "10.98.0.0/24", names: names))
                try await bench.plane.say(
                    .heartbeat(HeartbeatMessage(messageId: "h", berth: HeartbeatExtension(network))))
                try await eventually {
                    bench.network.names
                        == [TaskName(address: "10.98.0.1", names: ["web.elb.localhost", "shop.localhost"])]
                }
                #expect(bench.network.peers == [.init(block: "10.98.0.0/24", via: "127.0.0.1")])
            }
        }
    }

    @Test("a lost record is made again from the containers' labels, and its task goes on")
    func corruptRecord() async throws {
        try await withBench { bench in
            try await bench.withAgent { try await bench.start(Self.task) }
            try Data("torn".utf8).write(to: URL(fileURLWithPath: "\(bench.path)/tasks/t1.json"))
            try await bench.withAgent {
                try await eventually { bench.plane.connections > 1 }
                #expect(bench.runtime.running == ["t1-web"])
                bench.runtime.exit("t1-web", code: 5)
                try await bench.reported(Self.task.task, "STOPPED")
            }
            #expect(bench.runtime.starts(of: "t1-web") == 1)
        }
    }

    @Test("what is left of tasks without a record goes, with containers or without")
    func strays() async throws {
        try await withBench { bench in
            for task in ["gone", "half"] { try await bench.runtime.prepareTask(task, limits: TaskLimits()) }
            for name in ["web", "side"] {
                try await bench.runtime.create(
                    RuntimeContainer(
                        id: "half-\(name)", task: "half", definition: .named(name), logDirectory: bench.path))
            }
            try await bench.withAgent {
                try await bench.start(Self.task)
                #expect(bench.runtime.preparedTasks == ["t1"])
                #expect(try await bench.runtime.containers().map(\.id) == ["t1-web"])
            }
        }
    }

    @Test("stopping everything leaves no process, container or network")
    func stopEverything() async throws {
        try await withBench { bench in
            try await bench.withAgent { try await bench.start(Self.task) }
            let agent = NodeAgent(
                configuration: bench.configuration, runtime: bench.runtime, network: bench.network,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await agent.stopEverything()
            #expect(try await bench.runtime.containers().isEmpty)
            #expect(bench.runtime.preparedTasks.isEmpty)
            #expect(bench.network.attached.isEmpty && bench.network.plan == nil)
        }
    }

    @Test("a host without key and token says what it needs")
    func noToken() async throws {
        try await withBench { bench in
            var configuration = bench.configuration
            configuration.joinToken = nil
            let agent = NodeAgent(
                configuration: configuration, runtime: bench.runtime, network: bench.network,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await #expect(throws: NodeAgentError.noJoinToken) { try await agent.run() }
        }
    }

    @Test("a deregistered host stops its tasks and says so")
    func deregistered() async throws {
        try await withBench { bench in
            try await bench.withAgent { try await bench.start(Self.task) }
            bench.plane.fail("RegisterContainerInstance", with: "InactiveInstanceException")
            await #expect(throws: NodeAgentError.deregistered) {
                try await bench.withAgent {
                    try await eventually { false }
                }
            }
            #expect(bench.runtime.running.isEmpty)
        }
    }
}
