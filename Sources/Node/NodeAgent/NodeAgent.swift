import AsyncHTTPClient
import Domain
import Foundation
import Identifiers
import JSONBytes
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle
public import TaskNetwork
public import TaskRuntime

/// Runs this host's part of Berth: takes tasks from the control plane and runs them through the two ports.
///
/// Tasks outlive the agent. After a restart, however it ended, running ones go on untouched, and what ended meanwhile is
/// reported.
public struct NodeAgent: Service {
    private let configuration: NodeAgentConfiguration
    private let runtime: any TaskRuntime
    private let network: any TaskNetwork
    private let logger: Logger

    public init(
        configuration: NodeAgentConfiguration, runtime: any TaskRuntime, network: any TaskNetwork, logger: Logger
    ) {
        self.configuration = configuration
        self.runtime = runtime
        self.network = network
        self.logger = logger
    }

    /// Runs until shutdown; tasks go on after it.
    ///
    /// - Throws: `NodeAgentError`: no token, a refused join or registration, a deregistered host, unusable local state.
    public func run() async throws {
        let connection = try Connection(configuration, logger)
        do {
            try await cancelWhenGracefulShutdown { try await serve(connection) }
        } catch is CancellationError {
            logger.info("agent ends; its tasks go on")
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func serve(_ connection: Connection) async throws {
        let directory = NodeDirectory(root: configuration.dataDirectory)
        do {
            try directory.prepare()
        } catch {
            throw NodeAgentError.localState("\(error)")
        }
        let reporter = ReportSender(
            api: connection.api, clock: connection.clock, logger: logger, most: configuration.intervals.reportMost)
        let tools = NodeTools(
            runtime: runtime, network: network, reporter: reporter, directory: directory, clock: connection.clock,
            logger: logger, reservedPorts: configuration.reservedPorts)
        let host = RunnerHost(tools: tools, capacity: configuration.resources ?? HostFacts.resources())
        let membership = Membership(
            configuration: configuration, api: connection.api, tools: tools,
            runtimeVersion: try await runtimeVersion(tools))
        let identity = try await membership.join()
        // Tasks of an earlier run first: they need no control plane.
        if let plan = identity.plan { await membership.prepare(plan) }
        try await adopt(host)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            group.addTask { try await keepSession(membership, identity, host, reporter, connection) }
            group.addTask {
                try await Housekeeping(
                    host: host, retention: configuration.retention, interval: configuration.intervals.housekeeping
                ).run()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// Registers, then keeps both sessions; a deregistered host stops its tasks and ends.
    private func keepSession(
        _ membership: Membership, _ identity: NodeIdentity, _ host: RunnerHost, _ reporter: ReportSender,
        _ connection: Connection
    ) async throws {
        do {
            let address = try await membership.register(identity)
            let control = ControlSession(
                api: connection.api, host: host, reporter: reporter, address: address, tls: connection.tls,
                intervals: configuration.intervals)
            let telemetry = TelemetrySession(
                api: connection.api, host: host, address: address, tls: connection.tls,
                intervals: configuration.intervals)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await control.run() }
                group.addTask { try await telemetry.run() }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch NodeAgentError.deregistered {
            await host.stopAll(reportWithin: .seconds(5))
            throw NodeAgentError.deregistered
        }
    }

    private func adopt(_ host: RunnerHost) async throws {
        do {
            try await host.adopt()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw NodeAgentError.localState("\(error)")
        }
    }

    /// Waits for the runtime, which may be starting.
    private func runtimeVersion(_ tools: NodeTools) async throws -> String {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(5))
        var random = SystemRandomNumberGenerator()
        while true {
            do {
                return try await runtime.version()
            } catch {
                logger.info("waiting for the container runtime", metadata: ["reason": "\(error.text)"])
            }
            try await tools.clock.sleep(for: backoff.next(using: &random))
        }
    }

    /// Stops every task on this host and removes what was made for them, without the control plane.
    ///
    /// For `berth down`: no other agent may run on the data directory.
    /// - Throws: what the ports throw; what was reached by then is stopped.
    public func stopEverything() async throws {
        let directory = NodeDirectory(root: configuration.dataDirectory)
        try directory.prepare()
        try await Demolition(
            runtime: runtime, network: network, directory: directory, clock: SystemNodeClock(), logger: logger
        ).run()
    }
}

/// The agent's way to the control plane.
struct Connection: Sendable {
    let api: ControlPlaneAPI
    let tls: NIOSSLContext?
    let clock: any NodeClock
    private let client: HTTPClient

    init(_ configuration: NodeAgentConfiguration, _ logger: Logger) throws {
        guard let endpoint = Endpoint(configuration.controlPlane) else {
            throw NodeAgentError.configuration("'\(configuration.controlPlane)' is not an http or https address")
        }
        var tlsConfiguration = TLSConfiguration.makeClientConfiguration()
        if let file = configuration.authorityFile { tlsConfiguration.trustRoots = .file(file) }
        do {
            tls =
                endpoint.isSecure || configuration.authorityFile != nil
                ? try NIOSSLContext(configuration: tlsConfiguration) : nil
        } catch {
            throw NodeAgentError.configuration("the authority file cannot be used: \(error)")
        }
        clock = SystemNodeClock()
        client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            configuration: HTTPClient.Configuration(
                tlsConfiguration: tlsConfiguration, redirectConfiguration: .disallow,
                timeout: .init(connect: .seconds(5), read: .seconds(20))))
        api = ControlPlaneAPI(endpoint: endpoint, client: client, clock: clock)
    }

    /// Ends the connections that are kept open.
    func close() async {
        do {
            try await client.shutdown()
        } catch {
            // Only says that it was shut down before.
        }
    }
}
