import AsyncHTTPClient
import Controllers
import Domain
import EventRules
import Foundation
import Front
import Identifiers
import NIOCore
import NIOHTTP1

/// Where events go: tasks of ECS, log groups and addresses.
struct EventSinks: EventSink {
    let tasks: TaskTarget
    let logs: LogGroupTarget
    let requests: EventRequests

    func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome {
        if target.isHTTP { return await requests.deliver(delivery, to: target) }
        if target.isLogGroup { return await logs.deliver(delivery, to: target) }
        return await tasks.deliver(delivery, to: target)
    }
}

/// Posts events to addresses.
///
/// An answer of 2xx is a delivery. One of 401, 407, 409, 429 and 5xx, or none within five seconds, is tried again; every
/// other is final, as for API destinations on AWS. Redirections are not followed.
/// - Source: Amazon EventBridge User Guide, "API destinations as targets in Amazon EventBridge"
struct EventRequests: Sendable {
    private static let patience = TimeAmount.seconds(5)
    private static let passing: Set<UInt> = [401, 407, 408, 409, 425, 429]

    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: Self.patience, read: Self.patience)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome {
        guard let address = target.address else { return .refused("\(target.arn) is no address.") }
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
        request.headers.add(name: "User-Agent", value: "Amazon/EventBridge/ApiDestinations")
        for (name, value) in target.http?.headers ?? [:] { request.headers.replaceOrAdd(name: name, value: value) }
        request.headers.replaceOrAdd(name: "X-Berth-Event-Id", value: delivery.id.event)
        request.headers.replaceOrAdd(name: "X-Berth-Rule", value: delivery.id.target.rule.name)
        request.body = .bytes(ByteBuffer(string: delivery.input))
        do {
            let response = try await client.execute(request, timeout: Self.patience)
            // Read to its end, so that the connection can be used again; a longer one ends it.
            _ = try? await response.body.collect(upTo: 1 << 16)
            let code = response.status.code
            if (200..<300).contains(code) { return .delivered }
            let text = "The address answered \(code)."
            return code >= 500 || Self.passing.contains(code) ? .failed(text) : .refused(text)
        } catch {
            return .failed("The address cannot be reached: \(error)")
        }
    }
}

extension EventTarget {
    /// The address with what the target's parameters add to it.
    fileprivate var address: String? {
        guard var parts = URLComponents(string: arn) else { return nil }
        var path = parts.percentEncodedPath
        for value in http?.pathValues ?? [] {
            guard let mark = path.firstIndex(of: "*") else { break }
            let encoded = value.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? ""
            path.replaceSubrange(mark...mark, with: encoded)
        }
        parts.percentEncodedPath = path
        if let query = http?.query, !query.isEmpty {
            parts.queryItems =
                (parts.queryItems ?? [])
                + query.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) }
        }
        return parts.string
    }
}
