import AWSWire
import AgentGateway
import Balancer
import CLinux
import CNINetwork
import Controllers
import Domain
import Foundation
import Front
import HAProxyBalancer
import Identifiers
import LoadBalancing
import LogStore
import LogStoreSQLite
import Logging
import MetricStore
import MetricStoreSQLite
import ServiceLifecycle
import StateStore
import StateStoreSQLite
import UnixSignals

/// A control plane with its drivers: the store, the front, the gateway and the controllers.
struct ControlPlane: Sendable {
    let store: SQLiteStateStore
    let logs: any LogStore
    let installation: Installation
    let files: InstallationFiles
    private let options: ControlPlaneOptions
    private let logger: Logger

    /// Opens the data file and makes what the first start makes.
    ///
    /// - Throws: one sentence for a person when the data directory or the options cannot be used.
    /// - Parameter admit: looks at the settings before the first start fixes them.
    static func open(
        _ files: InstallationFiles, _ options: ControlPlaneOptions,
        admit: (InstallationRecord) async throws -> Void = { _ in }
    ) async throws -> ControlPlane {
        // Before the first start fixes anything.
        try frontConfiguration(options).checkExposure()
        do {
            try FileManager.default.createDirectory(
                atPath: files.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure("Cannot make the data directory \(files.data): \(error.localizedDescription)")
        }
        let store = try SQLiteStateStore.open(path: files.store, now: WallClock.now)
        let installation = try await Installation.establish(in: store, options, admit: admit)
        return ControlPlane(
            store: store, logs: openLogs(files), installation: installation, files: files, options: options,
            logger: Log.make("berth"))
    }

    /// Without a file that can be used, what needs logs says so, and all else works.
    private static func openLogs(_ files: InstallationFiles) -> any LogStore {
        let logger = Log.make("logs")
        do throws(LogStoreError) {
            return try SQLiteLogStore.open(path: files.logs, now: WallClock.now, logger: logger)
        } catch {
            logger.error("there are no logs", metadata: ["reason": "\(error)"])
            return UnavailableLogStore("\(error)")
        }
    }

    /// Serves until a signal asks to stop; `onReady` runs once the listener is there.
    ///
    /// The nodes run beside it, in the same process, and end with it; their tasks go on.
    func run(beside nodes: [LocalNode], onReady: @escaping @Sendable (String) async throws -> Void) async throws {
        let failure = Failures()
        let bound = Gate()
        let presence = HostPresence(startedAt: MonotonicClock.now())
        let ids = SystemIDSource()
        let health = TargetHealthBoard()
        let uses = TaskUseBoard()
        let traffic = TrafficBoard()
        let metrics = try openMetrics()
        var configuration = GatewayConfiguration(lostAfter: lostAfter)
        configuration.loadBalancers = AddressPool(options.loadBalancerRange)
        let gateway = AgentGateway(
            store: store, presence: presence, configuration: configuration, clock: SystemGatewayClock(), ids: ids,
            uses: uses, logger: Log.make("gateway"))
        let collector = MetricsController(
            store: store, metrics: metrics, uses: uses, traffic: traffic, clock: ContinuousClock(), now: WallClock.now,
            logger: Log.make("metrics"))
        let ports = FrontPorts(
            store: store, history: store, presence: presence, ids: ids, now: WallClock.now,
            returns: HostReturns(presence: presence, clock: SystemGatewayClock(), companions: nodes.count),
            logs: logs, targetHealth: health, loadBalancers: AddressPool(options.loadBalancerRange), metrics: metrics,
            prometheus: PrometheusPage(
                metrics: metrics, uses: uses, token: try MetricsToken.establish(files), process: ProcessLook.begin()),
            scaling: ScalingSettings(period: options.scalingPeriod, zones: SystemZones.table))
        let front = try APIFront(
            configuration: Self.frontConfiguration(options), ports: ports, gateway: gateway,
            logger: Log.make("front"), restore: restore
        ) { port in
            do {
                try writeClientFile(port: port)
                await bound.open(endpoint(port: port))
            } catch {
                await failure.record(error)
            }
        }
        let requests = EventRequests()
        let ready = ReadyNotice(gate: bound, failures: failure, action: onReady)
        let services: [any Service] =
            try [gateway] + controllers(presence, health, ids) + balancing(health, traffic, ids)
            + eventControllers(ports, requests) + [collector, front] + nodes.map { $0.service(after: bound) }
            // The last one ends first: what it began needs the others.
            + [ready]
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            await requests.shutdown()
            metrics.close()
            store.close()
            throw await failure.first ?? error
        }
        await requests.shutdown()
        metrics.close()
        store.close()
        if let first = await failure.first { throw first }
    }

    private func controllers(_ presence: HostPresence, _ health: TargetHealthBoard, _ ids: any IDSource)
        -> [any Service]
    {
        let clock = ContinuousClock()
        let policy = LostHostsPolicy(
            managed: lostAfter, own: options.ownLostAfter.map { Duration.seconds($0) })
        let capacity = options.capacityCommand.map { command in
            CapacityHookController(
                store: store,
                hook: CapacityCommand(
                    command: command, timeout: .seconds(options.capacityTimeout.seconds), files: files),
                interval: .seconds(options.capacityInterval.seconds), period: .seconds(options.scalingPeriod),
                clock: clock, monotonic: MonotonicClock.now, now: WallClock.now, logger: Log.make("capacity"))
        }
        return [
            ServicesController(
                store: store, presence: presence, health: health, ids: ids, clock: clock, now: WallClock.now,
                logger: Log.make("services")),
            DaemonsController(
                store: store, presence: presence, ids: ids, clock: clock, now: WallClock.now,
                logger: Log.make("daemons")),
            PlacementController(
                store: store, presence: presence, ids: ids, clock: clock, now: WallClock.now,
                logger: Log.make("placement")),
            LostHostsController(
                store: store, presence: presence, policy: policy, clock: clock, monotonic: MonotonicClock.now,
                now: WallClock.now, logger: Log.make("lost-hosts")),
            RetentionController(store: store, clock: clock, now: WallClock.now, logger: Log.make("retention")),
            LogRetentionController(
                logs: logs, clock: clock, now: WallClock.now, logger: Log.make("log-retention")),
        ] + (capacity.map { [$0] } ?? [])
    }

    private func openMetrics() throws -> SQLiteMetricStore {
        let logger = Log.make("metrics")
        do throws(MetricStoreError) {
            return try SQLiteMetricStore(path: files.metrics) { logger.error("\($0)") }
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// HAProxy runs on this machine, and goes on when this process ends.
    private func balancing(
        _ health: TargetHealthBoard, _ traffic: TrafficBoard, _ ids: any IDSource
    ) throws -> [any Service] {
        let clock = ContinuousClock()
        guard let pool = AddressPool(options.loadBalancerRange) else {
            throw CommandFailure("--lb-cidr \(options.loadBalancerRange) is no range of addresses.")
        }
        let balancer = try Self.balancer(files)
        return [
            DataPlane(balancer: balancer),
            TargetsController(
                store: store, ids: ids, clock: clock, now: WallClock.now, logger: Log.make("targets")),
            BalancingController(
                store: store, balancer: balancer, addresses: Self.addresses(files), health: health, traffic: traffic,
                pool: pool, shared: ["127.0.0.1"], clock: clock, now: WallClock.now, logger: Log.make("balancing")),
            AccessLogController(
                store: store, source: balancer, logs: AccessLogFiles(files), clock: clock,
                logger: Log.make("access-logs")),
        ]
    }

    /// The data plane of an installation.
    ///
    /// - Throws: one sentence for a person when its directory cannot be used.
    static func balancer(_ files: InstallationFiles) throws -> HAProxyBalancer {
        do throws(BalancerError) {
            return try HAProxyBalancer(directory: files.run("balancer"), logger: Log.make("haproxy"))
        } catch {
            throw CommandFailure("The load balancers' data plane cannot be used: \(error.text)")
        }
    }

    private static func addresses(_ files: InstallationFiles) -> LoadBalancerAddresses {
        LoadBalancerAddresses(owner: files.digest)
    }

    /// Ends the data plane of an installation and gives its addresses back.
    static func endBalancing(_ files: InstallationFiles) async throws {
        let balancer = try balancer(files)
        do throws(BalancerError) {
            try await balancer.tearDown()
        } catch {
            throw CommandFailure("The load balancers' data plane does not end: \(error.text)")
        }
        _ = await addresses(files).set([])
    }

    private func eventControllers(_ ports: FrontPorts, _ requests: EventRequests) -> [any Service] {
        let clock = ContinuousClock()
        return [
            EventsController(
                store: store, history: store, events: EventStream.events, text: { ISO8601.seconds($0.milliseconds) },
                ids: ports.ids, clock: clock, now: WallClock.now, logger: Log.make("events")),
            EventDeliveryController(
                store: store,
                sink: EventSinks(tasks: TaskTarget(ports), logs: LogGroupTarget(ports), requests: requests),
                ids: ports.ids, clock: clock, now: WallClock.now, logger: Log.make("event-delivery")),
            AlarmsController(
                store: store, metrics: ports.metrics, clock: clock, now: WallClock.now, logger: Log.make("alarms")),
            ScalingController(
                store: store, metrics: ports.metrics, zones: ports.scaling.zones, ids: ports.ids, clock: clock,
                now: WallClock.now, logger: Log.make("scaling")),
        ]
    }

    /// Puts a backup in place of the state, for `berth restore` on a running control plane.
    @Sendable private func restore(_ path: String) async throws(RestoreError) {
        do throws(BackupError) {
            _ = try await store.restore(from: path)
        } catch {
            throw RestoreError(message: error.description)
        }
    }

    private var lostAfter: Duration { .seconds(options.lostAfter) }

    private static func frontConfiguration(_ options: ControlPlaneOptions) -> FrontConfiguration {
        var tls: FrontConfiguration.TLS?
        if let certificate = options.certificate, let key = options.key {
            tls = FrontConfiguration.TLS(certificatePath: certificate, keyPath: key)
        }
        return FrontConfiguration(host: options.host, port: options.port, tls: tls)
    }

    /// The address that clients are told: never the wildcard, which no client can connect to.
    private func endpoint(port: Int) -> String {
        let wildcards = ["0.0.0.0": "127.0.0.1", "::": "[::1]"]
        let host = options.advertised ?? wildcards[options.host] ?? options.host
        return "\(options.certificate == nil ? "http" : "https")://\(host):\(port)"
    }

    private func writeClientFile(port: Int) throws {
        let authority = options.certificate.map { URL(fileURLWithPath: options.authority ?? $0).path }
        try ClientFile(
            endpoint: endpoint(port: port), region: installation.record.scope.region,
            accessKeyID: installation.rootKey.id, secretAccessKey: installation.rootKey.secret,
            certificateAuthority: authority
        ).write(files)
    }
}

/// Runs once the listener is there, and lets go of what only the start needed. A failure ends the whole process with its
/// sentence.
private struct ReadyNotice: Service {
    let gate: Gate
    let failures: Failures
    let action: @Sendable (String) async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await action(try await gate.passed())
                // Most of what a start runs does not run again: a server that waits shall be small.
                clinux_unmap_idle_code()
            } catch {
                // What the stop cut off says so in an error of its own.
                if Task.isCancelled { return }
                await failures.record(error)
                throw error
            }
        }
    }
}

/// The first failure, kept for the sentence that ends the process.
private actor Failures {
    private(set) var first: (any Error)?

    func record(_ error: any Error) { first = first ?? error }
}

/// Opens once, with the endpoint, for all who wait for it.
actor Gate {
    private var endpoint: String?
    private var waiting: [Int: CheckedContinuation<String?, Never>] = [:]
    private var next = 0

    func open(_ endpoint: String) {
        self.endpoint = endpoint
        for waiter in waiting.values { waiter.resume(returning: endpoint) }
        waiting = [:]
    }

    /// - Throws: `CancellationError` when the task is cancelled first.
    func passed() async throws -> String {
        if let endpoint { return endpoint }
        next += 1
        let id = next
        let passed = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[id] = $0 }
        } onCancel: {
            Task { await self.give(up: id) }
        }
        guard let passed else { throw CancellationError() }
        return passed
    }

    private func give(up id: Int) { waiting.removeValue(forKey: id)?.resume(returning: nil) }
}
