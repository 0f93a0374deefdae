import AgentWire
import Domain
import Foundation
import Identifiers
import JSONBytes
import Logging
import NIOSSL
import Synchronization
import TaskNetwork

/// Keeps an ACS connection to the control plane: takes messages in, sends answers out.
final class ControlSession: Sendable {
    private let api: ControlPlaneAPI
    private let host: RunnerHost
    private let reporter: ReportSender
    private let address: SessionAddress
    private let tls: NIOSSLContext?
    private let intervals: NodeIntervals
    private let state: Mutex<State>

    private struct State {
        var step = SessionStep()
        /// When the control plane last said something.
        var heard: Instant
        /// When the stop candidates that wait for an answer were sent.
        var verifyingSince: Instant?
        /// The control plane's address, as it was found last.
        var controlPlane: String?
    }

    private var tools: NodeTools { host.tools }

    init(
        api: ControlPlaneAPI, host: RunnerHost, reporter: ReportSender, address: SessionAddress, tls: NIOSSLContext?,
        intervals: NodeIntervals
    ) {
        self.api = api
        self.host = host
        self.reporter = reporter
        self.address = address
        self.tls = tls
        self.intervals = intervals
        state = Mutex(State(heard: host.tools.clock.now))
    }

    /// Connects again and again until cancelled.
    ///
    /// - Throws: `NodeAgentError.deregistered`.
    func run() async throws {
        var backoff = Backoff(first: intervals.reconnectFirst, most: intervals.reconnectMost)
        var random = SystemRandomNumberGenerator()
        while true {
            try Task.checkCancellation()
            let opened = tools.clock.now
            do {
                try await connect()
            } catch WebSocketError.refused(let status, let body) where body.contains("InactiveInstanceException") {
                tools.logger.error("host is deregistered", metadata: ["status": "\(status)"])
                throw NodeAgentError.deregistered
            } catch {
                tools.logger.info("session ended", metadata: ["reason": "\(error)"])
            }
            try await perform(state.withLock { $0.step.reconnect() }, outbound: nil)
            // A connection that held for a while was no failure.
            if tools.clock.now.since(opened) > .seconds(5) { backoff.reset() }
            try await tools.clock.sleep(for: backoff.next(using: &random))
        }
    }

    private func connect() async throws {
        let endpoint = try await PollEndpoints.discover(api, address).control
        let uri = address.acs(endpoint)
        let headers = SessionAddress.headers(endpoint, uri: uri, api: api)
        try await WebSocket.open(endpoint, uri: uri, headers: headers, tls: endpoint.isSecure ? tls : nil) {
            inbound, outbound in
            self.tools.logger.info("session open", metadata: ["endpoint": "\(endpoint.authority)"])
            self.state.withLock { $0.heard = self.tools.clock.now }
            self.reporter.retryNow()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watch(outbound) }
                group.addTask { try await inbound.forEachText { try await self.receive($0, outbound) } }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func receive(_ text: String, _ outbound: WebSocketOutbound) async throws {
        let message: ACSServerMessage
        do {
            message = try ACSServerMessage(frame: text)
        } catch {
            tools.logger.warning("message not understood", metadata: ["reason": "\(error)"])
            return
        }
        if case .unknown(let type) = message {
            tools.logger.debug("message of unknown type", metadata: ["type": "\(type)"])
            return
        }
        let actions = state.withLock { state in
            state.heard = tools.clock.now
            return state.step.receive(message, wanted: host.wanted)
        }
        try await perform(actions, outbound: outbound)
    }

    private func perform(_ actions: [SessionAction], outbound: WebSocketOutbound?) async throws {
        for action in actions {
            switch action {
            case .send(let message):
                if let frame = message.frame { try await outbound?.send(frame) }
            case .stop(let task): host.stop(task)
            case .start(let assignment): try host.assign(assignment)
            case .decline(let assignment): try host.decline(assignment)
            case .refuse(let assignment, let reason): try host.refuse(assignment, reason: reason)
            case .route(let network): await route(network)
            case .beginVerification:
                state.withLock { $0.verifyingSince = tools.clock.now }
                host.beginVerification()
            case .endVerification(let tasks):
                state.withLock { $0.verifyingSince = nil }
                host.endVerification(stopping: tasks)
            case .repeatReports: host.repeatReports()
            }
        }
    }

    private func route(_ told: AgentWire.PeerNetwork) async {
        var routes = told.peers.map { HostRoute(block: $0.block, via: $0.via) }
        // A name that cannot be looked up just now must not take the route away: it is told once.
        let found = told.balancers == nil ? nil : await ControlPlaneAddress.of(api.endpoint.host)
        let via = state.withLock { state in
            state.controlPlane = found ?? state.controlPlane
            return state.controlPlane
        }
        if let balancers = told.balancers, let via {
            // They are on the control plane's machine.
            routes.append(HostRoute(block: balancers.range, via: via))
        }
        do {
            try await tools.network.route(routes)
        } catch {
            tools.logger.warning("routes to other hosts not set", metadata: ["reason": "\(error.text)"])
        }
        guard let balancers = told.balancers else { return }
        do {
            try await tools.network.resolve(balancers.names.map { TaskName(address: $0.address, names: $0.names) })
        } catch {
            tools.logger.warning("tasks do not find load balancers", metadata: ["reason": "\(error.text)"])
        }
    }

    // MARK: Time

    private struct Silent: Error {}
    private struct Expired: Error {}

    /// Ends the connection when the control plane is silent, or when it is old.
    private func watch(_ outbound: WebSocketOutbound) async throws {
        let opened = tools.clock.now
        let silence = intervals.silence * Double.random(in: 1...2)
        let lifetime = intervals.session * Double.random(in: 1...1.1)
        while true {
            try await tools.clock.sleep(for: min(.seconds(1), silence / 4))
            let now = tools.clock.now
            let (heard, verifying) = state.withLock { ($0.heard, $0.verifyingSince) }
            if now.since(heard) > silence { throw Silent() }
            if now.since(opened) > lifetime {
                try await outbound.close(code: 1000)
                throw Expired()
            }
            if let verifying, now.since(verifying) > intervals.verification {
                try await perform(state.withLock { $0.step.verificationTimedOut() }, outbound: outbound)
            }
        }
    }
}

/// Where the two websockets are.
struct PollEndpoints: Sendable {
    var control: Endpoint
    var telemetry: Endpoint

    static func discover(_ api: ControlPlaneAPI, _ address: SessionAddress) async throws -> PollEndpoints {
        let answer = try await api.call(
            "DiscoverPollEndpoint",
            ["cluster": .string(address.cluster), "containerInstance": .string(address.containerInstance)])
        let control = answer["endpoint"]?.string.flatMap(Endpoint.init) ?? api.endpoint
        return PollEndpoints(
            control: control, telemetry: answer["telemetryEndpoint"]?.string.flatMap(Endpoint.init) ?? control)
    }
}
