import AWSWire
import AsyncHTTPClient
import Foundation
import Identifiers
import JSONBytes
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// An answer of the control plane that is not a success.
struct APIFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// AWS's name, such as `InvalidParameterException`; empty when the answer was not AWS's.
    var code: String
    var message: String
    var status: UInt

    var description: String { code.isEmpty ? "HTTP \(status): \(message)" : "\(code): \(message)" }

    /// Whether asking again could never help.
    var isFinal: Bool {
        ["InvalidParameterException", "ClientException", "AccessDeniedException", "ClusterNotFoundException"]
            .contains(code)
    }
}

/// Calls operations of the control plane, signed with the host's key once it has one.
final class ControlPlaneAPI: Sendable {
    static let ecsTarget = "AmazonEC2ContainerServiceV20141113"

    let endpoint: Endpoint
    private let client: HTTPClient
    private let clock: any NodeClock
    private let signer = Mutex<SigV4Signer?>(nil)
    /// Milliseconds that the control plane's clock is ahead of this host's, as far as a refusal told.
    ///
    /// Without it a clock that was set would cut the host off, and its tasks would be given up.
    private let ahead = Mutex<Int64>(0)

    init(endpoint: Endpoint, client: HTTPClient, clock: any NodeClock) {
        self.endpoint = endpoint
        self.client = client
        self.clock = clock
    }

    func sign(as identity: NodeIdentity) {
        let credential = SigV4Credential(accessKeyID: identity.accessKeyID, secretKey: identity.secretAccessKey)
        signer.withLock { $0 = SigV4Signer(credential: credential, region: identity.region, service: "ecs") }
    }

    /// The headers that sign a request; none while the host has no key.
    func signature(_ request: SigV4Request) -> [(name: String, value: String)] {
        let now = clock.wall.milliseconds &+ ahead.withLock { $0 }
        return signer.withLock { $0 }?.headers(for: request, now: now) ?? []
    }

    /// Asks once more when the signature was refused for its time.
    ///
    /// - Throws: `APIFailure`, or what the transport throws.
    func call(_ operation: String, target: String = ecsTarget, _ body: JSONValue) async throws -> JSONValue {
        do {
            return try await ask(operation, target: target, body)
        } catch let failure as APIFailure {
            guard let time = SigV4Refusal.time(in: failure.message) else { throw failure }
            ahead.withLock { $0 = time &- clock.wall.milliseconds }
            return try await ask(operation, target: target, body)
        }
    }

    private func ask(_ operation: String, target: String, _ body: JSONValue) async throws -> JSONValue {
        let bytes = body.jsonBytes()
        var headers = [
            (name: "Host", value: endpoint.authority), (name: "Content-Type", value: JSON11.contentType),
            (name: "X-Amz-Target", value: "\(target).\(operation)"),
        ]
        headers += signature(SigV4Request(method: "POST", path: "/", headers: headers, body: bytes))
        var request = HTTPClientRequest(url: "\(endpoint.scheme)://\(endpoint.authority)/")
        request.method = .POST
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(bytes)
        let response = try await client.execute(request, timeout: .seconds(20))
        // An answer beyond this is not the control plane's.
        let answer = Array(try await response.body.collect(upTo: 4 << 20).readableBytesView)
        if response.status == .ok { return try JSONValue(jsonBytes: answer) }
        throw Self.failure(answer, status: response.status.code)
    }

    static func failure(_ bytes: [UInt8], status: UInt) -> APIFailure {
        let value = try? JSONValue(jsonBytes: bytes)
        let type = value?["__type"]?.string ?? ""
        let message = value?["message"]?.string ?? value?["Message"]?.string
        return APIFailure(
            code: type.split(separator: "#").last.map(String.init) ?? "",
            message: message ?? String(decoding: bytes.prefix(200), as: UTF8.self), status: status)
    }
}

/// Where the control plane listens.
struct Endpoint: Hashable, Sendable {
    var scheme: String
    var host: String
    var port: Int
    var path: String

    /// Nil unless `text` is an http or https URL with a host.
    init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), let host = url.host,
            !host.isEmpty, scheme == "http" || scheme == "https"
        else { return nil }
        self.scheme = scheme
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = url.port ?? (scheme == "https" ? 443 : 80)
        path = url.path
        guard (1...65535).contains(port) else { return nil }
    }

    var isSecure: Bool { scheme == "https" }

    /// Host and port as the `Host` header has them: a default port is left out.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
