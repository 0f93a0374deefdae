public import Balancer
import Domain
public import Identifiers
import LoadBalancing
public import Logging
public import ServiceLifecycle
public import StateStore

/// Where lines of access logs are kept.
public protocol AccessLogs: Sendable {
    /// - Throws: when they could not be written; they are lost then.
    func append(_ lines: [String], of balancer: LoadBalancerID) throws
    /// Takes away what is kept of all other load balancers.
    func keep(only balancers: Set<LoadBalancerID>) throws
}

/// Writes down what the data plane says about requests, for load balancers whose access log is on.
public struct AccessLogController: Service {
    let store: any StateStore
    let source: any AccessLogSource
    let logs: any AccessLogs
    let clock: any Clock<Duration>
    let logger: Logger

    /// The data plane holds 10,000 lines: so often, 40,000 requests a second are told whole.
    private static let interval = Duration.milliseconds(250)
    /// The same while no log is on.
    private static let rest = Duration.seconds(1)

    public init(
        store: any StateStore, source: any AccessLogSource, logs: any AccessLogs, clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.store = store
        self.source = source
        self.logs = logs
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var known: Set<LoadBalancerID>?
        var wasWriting = false
        while !Task.isCancelled {
            let state = store.committed()
            let balancers = Set(state.loadBalancers.values().map { $0.0 })
            if balancers != known {
                attempt {
                    try logs.keep(only: balancers)
                    known = balancers
                }
            }
            let isWriting = state.loadBalancers.values().contains { $0.1.writesAccessLog }
            // Once more after the last was turned off.
            if isWriting || wasWriting { await write(state) }
            wasWriting = isWriting
            try await clock.sleep(for: isWriting ? Self.interval : Self.rest)
        }
    }

    private func write(_ state: StateSnapshot) async {
        let entries: [AccessLogEntry]
        do throws(BalancerError) {
            entries = try await source.takeAccessLog()
        } catch {
            return logger.debug("the data plane gives no access log", metadata: ["reason": "\(error.text)"])
        }
        var lines: [LoadBalancerID: [String]] = [:]
        for case (let id, let line)? in entries.map({ AccessLogText.line($0, in: state) }) {
            lines[id, default: []].append(line)
        }
        for (id, lines) in lines where state.loadBalancers[id] != nil { attempt { try logs.append(lines, of: id) } }
    }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch {
            logger.error("access logs cannot be written", metadata: ["reason": "\(error)"])
        }
    }
}
