import AgentWire
import Domain
import Identifiers
import Logging
import MetricStore
import StateStore
import TaskLifecycle
import Testing

@testable import AgentGateway

@Suite("Agent gateway", .timeLimit(.minutes(1)))
struct AgentGatewayTests {
    private let store = MemoryStateStore()
    private let clock = ManualGatewayClock()
    private let presence = HostPresence(startedAt: .zero)

    /// A running gateway over a store with the host and the tasks.
    private func withGateway(
        _ tasks: TaskRecord..., hosts: [ContainerInstanceRecord] = [.host(here)],
        configuration: GatewayConfiguration = GatewayConfiguration(),
        _ body: @Sendable (AgentGateway) async throws -> Void
    ) async throws {
        _ = try await store.commit { (transaction: inout Transaction) throws(Never) in
            transaction.put(InstallationRecord(scope: scope, taskCIDR: "10.99.0.0/16"))
            transaction.put(webDefinition)
            for host in hosts { transaction.put(host) }
            for task in tasks { transaction.put(task) }
        }
        let gateway = AgentGateway(
            store: store, presence: presence, configuration: configuration, clock: clock, ids: SeededIDs(seed: 1),
            logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.run() }
            try await body(gateway)
            group.cancelAll()
        }
    }

    private func put(_ task: TaskRecord) async throws {
        _ = try await store.commit { (transaction: inout Transaction) throws(Never) in transaction.put(task) }
    }

    @Test("a connected host hears of a task that is placed on it, and counts as connected until it hangs up")
    func placedLater() async throws {
        try await withGateway { gateway in
            let socket = FakeSocket()
            async let session: Void = gateway.serve(.acs, instance: here, query: [:], socket: socket)
            #expect(await eventually { presence.isConnected(here) && socket.frames.count >= 2 })
            try await put(.placed("1"))
            #expect(await eventually { socket.orderedTasks == [taskID("1").arn] })
            socket.hangUp()
            await session
            #expect(!presence.isConnected(here))
        }
    }

    @Test("a newer connection takes the older one's place, and the host stays connected")
    func replacement() async throws {
        try await withGateway(.placed("1")) { gateway in
            let first = FakeSocket()
            let second = FakeSocket()
            async let older: Void = gateway.serve(.acs, instance: here, query: [:], socket: first)
            #expect(await eventually { !first.orderedTasks.isEmpty })
            async let newer: Void = gateway.serve(.acs, instance: here, query: [:], socket: second)
            await older
            #expect(first.closeCode == 4000)
            #expect(await eventually { !second.orderedTasks.isEmpty })
            #expect(presence.isConnected(here))
            second.hangUp()
            await newer
            #expect(!presence.isConnected(here))
        }
    }

    @Test("a host that answers no heartbeat counts as silent since it was last heard")
    func silence() async throws {
        try await withGateway(configuration: GatewayConfiguration(lostAfter: .seconds(3))) { gateway in
            let socket = FakeSocket()
            clock.advance(by: .seconds(100))
            async let session: Void = gateway.serve(.acs, instance: here, query: [:], socket: socket)
            #expect(await eventually { presence.isConnected(here) })
            #expect(
                await eventually {
                    clock.advance(by: .milliseconds(1))
                    return !presence.isConnected(here)
                })
            await session
            #expect(presence.silentSince(here) == moment(100).instant)
            #expect(socket.closeCode == 1001)
        }
    }

    @Test("a task whose definition is missing ends with the reason instead of waiting for ever")
    func missingDefinition() async throws {
        var lacking = TaskRecord.placed("1")
        lacking.definition = TaskDefinitionID(family: web.family, revision: 9)
        let id = lacking.id
        try await withGateway(lacking) { gateway in
            let socket = FakeSocket()
            async let session: Void = gateway.serve(.acs, instance: here, query: [:], socket: socket)
            #expect(await eventually { store.committed().tasks[id]?.lastStatus == .stopped })
            let ended = store.committed().tasks[id]
            #expect(ended?.stopCode == .taskFailedToStart)
            #expect(ended?.stoppedReason?.hasSuffix("task-definition/web:9 is missing") == true)
            socket.hangUp()
            await session
        }
    }

    @Test("what the agent says of its version is stored with the host")
    func version() async throws {
        try await withGateway { gateway in
            let socket = FakeSocket()
            let query = ["agentVersion": "1.105.1", "agentHash": "a8b3e7d3", "dockerVersion": "DockerVersion: 20"]
            async let session: Void = gateway.serve(.acs, instance: here, query: query, socket: socket)
            #expect(await eventually { store.committed().instances[here]?.version?.agentVersion == "1.105.1" })
            socket.hangUp()
            await session
        }
    }

    @Test("health that telemetry brings is committed and acknowledged, metrics are kept")
    func telemetry() async throws {
        try await withGateway(.placed("1").observed(.running), .placed("2", on: elsewhere)) { gateway in
            let socket = FakeSocket()
            async let session: Void = gateway.serve(.tcs, instance: here, query: [:], socket: socket)
            var container = ContainerHealth()
            container.containerName = "web"
            container.healthStatus = "HEALTHY"
            var health = PublishHealthRequest()
            health.tasks = ["1", "2"].map { name in
                var task = TaskHealth()
                task.taskArn = taskID(name).arn
                task.containers = [container]
                return task
            }
            socket.say("Host: a\r\n\r\n" + health.frame())
            var metrics = PublishMetricsRequest()
            metrics.taskMetrics = ["1", "2"].map { name in
                var metric = TaskMetric()
                metric.taskArn = taskID(name).arn
                return metric
            }
            socket.say("Host: a\r\n\r\n" + metrics.frame())
            #expect(await eventually { socket.frames.contains { $0.contains("AckPublishMetric") } })
            #expect(socket.frames.contains { $0.contains("AckPublishHealth") })
            let tasks = store.committed().tasks
            #expect(tasks[taskID("1")]?.observed?.containers.first?.health == .healthy)
            #expect(tasks[taskID("2")]?.observed == nil)
            // The second task is another host's.
            #expect(gateway.uses.take().map(\.task) == [taskID("1")])
            socket.hangUp()
            await session
        }
    }

    @Test("a new host's route reaches the hosts that are connected")
    func routes() async throws {
        let own = ContainerInstanceRecord.host(here, block: "10.99.1.0/24", via: "10.0.0.1")
        try await withGateway(hosts: [own]) { gateway in
            let socket = FakeSocket()
            async let session: Void = gateway.serve(.acs, instance: here, query: [:], socket: socket)
            #expect(await eventually { socket.frames.count >= 2 })
            _ = try await store.commit { (transaction: inout Transaction) throws(Never) in
                transaction.put(ContainerInstanceRecord.host(elsewhere, block: "10.99.2.0/24", via: "10.0.0.2"))
            }
            #expect(
                await eventually {
                    clock.advance(by: .milliseconds(1))
                    return socket.messages.contains { message in
                        guard case .heartbeat(let heartbeat) = message else { return false }
                        return heartbeat.berth?.network?.peers.map(\.via) == ["10.0.0.2"]
                    }
                })
            socket.hangUp()
            await session
        }
    }

    @Test("a commit concerns only the hosts whose orders it changes")
    func concern() {
        let before = TaskRecord.placed("1")
        func change(_ after: TaskRecord?) -> GatewayConcern {
            GatewayConcern([Change(key: .task(before.id), before: .task(before), after: after.map(Record.task))])
        }
        #expect(change(before.observed(.running)).instances.isEmpty)
        #expect(change(before.asked()).instances == [here])
        #expect(change(before.observed(.stopped)).instances == [here])
        #expect(change(nil).instances == [here])
        var unplaced = before
        unplaced.placement = nil
        #expect(change(unplaced).instances == [here])
    }
}
