import AWSWire
import AgentWire
import Domain
import Foundation
import Identifiers
import Logging
import NIOSSL
import TaskRuntime

/// Keeps a TCS connection to the control plane: health when it changes, health and use every interval.
struct TelemetrySession: Sendable {
    let api: ControlPlaneAPI
    let host: RunnerHost
    let address: SessionAddress
    let tls: NIOSSLContext?
    let intervals: NodeIntervals

    private var tools: NodeTools { host.tools }

    /// Connects again and again until cancelled. Tasks do not depend on it.
    func run() async throws {
        var backoff = Backoff(first: intervals.reconnectFirst, most: intervals.reconnectMost)
        var random = SystemRandomNumberGenerator()
        while true {
            try Task.checkCancellation()
            let opened = tools.clock.now
            do {
                try await connect()
            } catch {
                tools.logger.debug("telemetry session ended", metadata: ["reason": "\(error)"])
            }
            if tools.clock.now.since(opened) > .seconds(5) { backoff.reset() }
            try await tools.clock.sleep(for: backoff.next(using: &random))
        }
    }

    private func connect() async throws {
        let endpoint = try await PollEndpoints.discover(api, address).telemetry
        let uri = address.tcs(endpoint)
        let headers = SessionAddress.headers(endpoint, uri: uri, api: api)
        try await WebSocket.open(endpoint, uri: uri, headers: headers, tls: endpoint.isSecure ? tls : nil) {
            inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Acks and heartbeats need no answer.
                group.addTask { try await inbound.forEachText { _ in } }
                group.addTask { try await publishUse(outbound, endpoint, uri) }
                group.addTask { try await publishHealth(outbound, endpoint, uri) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private var frames: TelemetryFrames {
        TelemetryFrames(cluster: address.cluster, containerInstance: address.containerInstance)
    }

    private func publishHealth(_ outbound: WebSocketOutbound, _ endpoint: Endpoint, _ uri: String) async throws {
        try await sendHealth(outbound, endpoint, uri)
        for await _ in host.changes.subscribe() { try await sendHealth(outbound, endpoint, uri) }
    }

    private func sendHealth(_ outbound: WebSocketOutbound, _ endpoint: Endpoint, _ uri: String) async throws {
        let messages = frames.health(host.records, messageID: UUID().uuidString, wall: tools.clock.wall)
        try await send(messages, outbound, endpoint, uri)
    }

    private func publishUse(_ outbound: WebSocketOutbound, _ endpoint: Endpoint, _ uri: String) async throws {
        var window = UsageWindow()
        var (toldAt, healthAt) = (tools.clock.now, tools.clock.now)
        while true {
            let records = host.records
            window.add(await statistics(of: records), now: tools.clock.now)
            try await tools.clock.sleep(for: intervals.sample)
            guard tools.clock.now.since(toldAt) >= intervals.telemetry else { continue }
            toldAt = tools.clock.now
            let messages = frames.metrics(
                records, usage: window.take(), messageID: UUID().uuidString, wall: tools.clock.wall)
            try await send(messages, outbound, endpoint, uri)
            guard tools.clock.now.since(healthAt) >= intervals.health else { continue }
            healthAt = tools.clock.now
            try await sendHealth(outbound, endpoint, uri)
        }
    }

    private func statistics(of records: [TaskRunnerRecord]) async -> [String: ContainerStatistics] {
        var statistics: [String: ContainerStatistics] = [:]
        for record in records {
            for index in record.containers.indices
            where record.containers[index].hasRun && !record.containers[index].hasEnded {
                let id = record.containerID(index)
                do {
                    statistics[id] = try await tools.runtime.statistics(id)
                } catch {
                    tools.logger.trace("no statistics", metadata: ["container": "\(id)", "reason": "\(error.text)"])
                }
            }
        }
        return statistics
    }

    /// Every frame carries the header block of a signed pseudo request before its JSON.
    private func send(
        _ messages: [TCSAgentMessage], _ outbound: WebSocketOutbound, _ endpoint: Endpoint, _ uri: String
    ) async throws {
        for json in messages.compactMap(\.json) {
            let parts = uri.split(separator: "?", maxSplits: 1).map(String.init)
            let hostHeader = [(name: "Host", value: endpoint.authority)]
            let request = SigV4Request(
                method: "GET", path: parts.first ?? "/", query: parts.count > 1 ? parts[1] : "", headers: hostHeader,
                body: Array(json.utf8))
            let headers = (hostHeader + api.signature(request)).map { TCSFrame.Header(name: $0.name, value: $0.value) }
            try await outbound.send(TCSFrame(headers: headers, json: json).text)
        }
    }
}
