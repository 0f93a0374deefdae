import AgentGateway
import AgentWire
import Controllers
import Domain
import Foundation
import Identifiers
import Logging
import MetricStore
import MetricStoreSQLite
import StateStore

/// Agents that tell of their tasks' use, in real time: from the text of a frame to the file.
struct FramesBench {
    /// Whose frames are heard.
    enum Agent: String {
        case ecs = "ECS's agent"
        case berth = "Berth's agent"
    }

    private static let scope = Scope(account: "000000000000", region: "us-east-1")
    private static let cluster = ClusterID(scope: scope, name: "bench")
    private static let tasksPerHost = 10
    let directory: URL
    let tasks: Int
    let agent: Agent
    /// Seconds between two tellings.
    let every: Int

    func run(seconds: Int) async throws {
        let state = MemoryStateStore()
        let hosts = try await fill(state)
        let uses = TaskUseBoard()
        let path = directory.appendingPathComponent("frames-\(agent)").path
        let metrics = try SQLiteMetricStore(path: path) { print("damaged: \($0)") }
        defer { metrics.close() }
        let logger = Logger(label: "bench")
        let gateway = AgentGateway(
            store: state, presence: HostPresence(startedAt: .zero), configuration: GatewayConfiguration(),
            clock: RealClock(), ids: SystemIDSource(), uses: uses, logger: logger)
        let collector = MetricsController(
            store: state, metrics: metrics, uses: uses, traffic: TrafficBoard(), clock: ContinuousClock(),
            now: { RealClock.wall }, logger: logger)
        let frames = hosts.map { frame(of: $0.value) }
        let collecting = Task { try await collector.run() }
        let sockets = hosts.map { _ in QuietSocket() }
        let serving = zip(hosts.map(\.key), sockets).map { host, socket in
            Task { await gateway.serve(.tcs, instance: host, query: [:], socket: socket) }
        }
        try await Task.sleep(for: .seconds(2))
        let began = processorTime()
        let clock = ContinuousClock.now
        let rounds = seconds * 10
        for tick in 0..<rounds {
            // Hosts speak one after the other, each once in the interval.
            for index in sockets.indices where index % (every * 10) == tick % (every * 10) {
                sockets[index].say(frames[index])
            }
            try await Task.sleep(until: clock + .milliseconds(100 * (tick + 1)))
        }
        let spent = processorTime() - began
        let elapsed = Double((ContinuousClock.now - clock).nanoseconds) / 1e9
        let told = uses.counts
        tell("\(tasks) tasks, \(agent.rawValue), every \(every) s", spent / elapsed * 100, "percent of one core")
        tell("tellings", Double(told.taken), "of tasks' use")
        for task in serving { task.cancel() }
        collecting.cancel()
    }

    private func fill(_ state: MemoryStateStore) async throws -> [(key: ContainerInstanceID, value: [TaskID])] {
        var hosts: [ContainerInstanceID: [TaskID]] = [:]
        _ = try await state.commit { transaction in
            transaction.put(ClusterRecord(id: Self.cluster, createdAt: Timestamp(milliseconds: 1)))
        }
        for number in 0..<(tasks / Self.tasksPerHost) {
            let host = ContainerInstanceRecord(
                id: ContainerInstanceID(scope: Self.scope, id: String(format: "%032x", number)), cluster: Self.cluster,
                launchType: .ec2, resources: Resources(cpu: CPUUnits(65_536), memory: MemoryMiB(262_144)),
                registeredAt: Timestamp(milliseconds: 1))
            let records = (0..<Self.tasksPerHost).map { task(number * Self.tasksPerHost + $0, on: host.id) }
            _ = try await state.commit { transaction in
                transaction.put(host)
                for record in records { transaction.put(record) }
            }
            hosts[host.id] = records.map(\.id)
        }
        return hosts.sorted { $0.key < $1.key }
    }

    /// Fifty services of twenty tasks each.
    private func task(_ number: Int, on host: ContainerInstanceID) -> TaskRecord {
        var task = TaskRecord(
            id: TaskID(cluster: Self.cluster, id: String(format: "%032x", number)),
            definition: TaskDefinitionID(family: FamilyID(scope: Self.scope, name: "app"), revision: 1),
            containers: [TaskContainer(name: "app", id: "c")], createdAt: Timestamp(milliseconds: 1), launchType: .ec2,
            reservation: Resources(cpu: CPUUnits(256), memory: MemoryMiB(512)), networkMode: .awsvpc, group: "g")
        task.service = ServiceID(cluster: Self.cluster, name: "service-\(number % 50)")
        task.placement = TaskPlacement(instance: host, placedAt: Timestamp(milliseconds: 2))
        var observed = ObservedTask()
        observed.status = .running
        task.observed = observed
        return task
    }

    private func frame(of tasks: [TaskID]) -> String {
        var request = PublishMetricsRequest()
        request.metadata = TelemetryMetadata()
        request.metadata?.cluster = "bench"
        request.metadata?.messageId = UUID().uuidString
        request.metadata?.fin = true
        request.taskMetrics = tasks.map { id in
            var metric = TaskMetric()
            metric.taskArn = id.arn
            metric.taskDefinitionFamily = "app"
            metric.taskDefinitionVersion = "1"
            switch agent {
            case .ecs: metric.containerMetrics = [ecsContainer()]
            case .berth:
                metric.clusterArn = id.cluster.arn
                metric.containerMetrics = [berthContainer()]
            }
            return metric
        }
        return "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/ecs/aws4_request\r\n"
            + "Host: 127.0.0.1\r\nX-Amz-Date: 20261122T201112Z\r\n\r\n" + request.frame()
    }

    /// Each second's sample summed up, of all that there is.
    private func ecsContainer() -> ContainerMetric {
        var container = ContainerMetric()
        container.containerName = "app"
        container.cpuStatsSet = set(12.5, 19)
        container.memoryStatsSet = set(100, 19)
        container.networkStatsSet = NetworkStatsSet()
        container.networkStatsSet?.rxBytesPerSecond = set(58.65, 19)
        container.networkStatsSet?.txBytesPerSecond = set(58.65, 19)
        for member in [
            \NetworkStatsSet.rxBytes, \.rxDropped, \.rxErrors, \.rxPackets, \.txBytes, \.txDropped, \.txErrors,
            \.txPackets,
        ] { container.networkStatsSet?[keyPath: member] = ecsCounter(94_600) }
        container.storageStatsSet = StorageStatsSet()
        container.storageStatsSet?.readSizeBytes = ecsCounter(4096)
        container.storageStatsSet?.writeSizeBytes = ecsCounter(8192)
        return container
    }

    /// One sample of what metrics are made of.
    private func berthContainer() -> ContainerMetric {
        var container = ContainerMetric()
        container.containerName = "app"
        container.cpuStatsSet = set(12.504312345, 1)
        container.memoryStatsSet = set(100.265625, 1)
        container.networkStatsSet = NetworkStatsSet()
        container.networkStatsSet?.rxBytes = counter(94_600, 1)
        container.networkStatsSet?.txBytes = counter(94_600, 1)
        container.storageStatsSet = StorageStatsSet()
        container.storageStatsSet?.readSizeBytes = counter(4096, 1)
        container.storageStatsSet?.writeSizeBytes = counter(8192, 1)
        return container
    }

    private func set(_ value: Double, _ count: Int64) -> StatsSet {
        var set = StatsSet()
        (set.min, set.max, set.sampleCount, set.sum) = (value, value, count, value * Double(count))
        return set
    }

    private func counter(_ value: Int64, _ count: Int64) -> CounterStatsSet {
        var set = CounterStatsSet()
        (set.min, set.max, set.sampleCount, set.sum) = (value, value, count, value * count)
        return set
    }

    private func ecsCounter(_ value: Int64) -> CounterStatsSet {
        var set = counter(value, 19)
        (set.overflowMin, set.overflowMax, set.overflowSum) = (0, 0, 0)
        return set
    }
}

/// A socket that agents' frames are put into, and whose answers nobody reads.
private final class QuietSocket: AgentSocket {
    let inbound: AsyncStream<AgentSocketEvent>
    private let input: AsyncStream<AgentSocketEvent>.Continuation

    init() { (inbound, input) = AsyncStream.makeStream() }

    func say(_ text: String) { input.yield(.text(text)) }

    func send(text: String) async throws {}

    func close(code: Int, reason: String) async { input.finish() }
}

private struct RealClock: GatewayClock {
    private static let origin = ContinuousClock.now

    static var wall: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    func now() -> Moment {
        Moment(instant: Instant(nanoseconds: (ContinuousClock.now - Self.origin).nanoseconds), wall: Self.wall)
    }

    func sleep(until instant: Instant) async throws {
        try await Task.sleep(for: instant.since(now().instant))
    }
}
