import AWSWire
import AsyncHTTPClient
import Foundation
import JSONBytes
import NIOCore
import NIOHTTP1
import NIOSSL

/// Signed calls to the control plane, as any AWS client would make them.
struct ControlPlaneClient: Sendable {
    let endpoint: String
    private let signer: SigV4Signer
    private let http: HTTPClient

    init(_ file: ClientFile) throws {
        endpoint = file.endpoint
        signer = SigV4Signer(
            credential: SigV4Credential(accessKeyID: file.accessKeyID, secretKey: file.secretAccessKey),
            region: file.region, service: "ecs")
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(60))
        if let authority = file.certificateAuthority {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authority)
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Runs `body` with a client that is shut down afterwards.
    static func with<Result>(
        _ file: ClientFile, _ body: (ControlPlaneClient) async throws -> Result
    ) async throws -> Result {
        let client = try ControlPlaneClient(file)
        do {
            let result = try await body(client)
            try await client.http.shutdown()
            return result
        } catch {
            try? await client.http.shutdown()
            throw error
        }
    }

    /// Calls an operation of ECS.
    func ecs(_ operation: String, _ request: JSONValue = [:]) async throws -> JSONValue {
        try await call("AmazonEC2ContainerServiceV20141113." + operation, request)
    }

    /// Calls an operation of Berth's own.
    func berth(_ operation: String, _ request: JSONValue = [:]) async throws -> JSONValue {
        try await call("Berth." + operation, request)
    }

    /// Whether the control plane answers now.
    func isAlive() async -> Bool {
        let response = try? await http.execute(
            HTTPClientRequest(url: endpoint + "/_berth/health"), timeout: .seconds(5))
        return response?.status == .ok
    }

    /// Fetches a page, unsigned.
    func page(_ url: String) async throws -> String {
        let response = try await http.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else { throw CommandFailure("\(url) answered \(response.status).") }
        return String(buffer: body)
    }

    private func call(_ target: String, _ request: JSONValue) async throws -> JSONValue {
        let body = request.jsonBytes()
        let host =
            endpoint.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? ""
        let headers = [
            (name: "Host", value: host), (name: "Content-Type", value: "application/x-amz-json-1.1"),
            (name: "X-Amz-Target", value: target),
        ]
        let signed = SigV4Request(method: "POST", path: "/", query: "", headers: headers, body: body)
        var message = HTTPClientRequest(url: endpoint + "/")
        message.method = .POST
        for (name, value) in headers where name != "Host" { message.headers.add(name: name, value: value) }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        for (name, value) in signer.headers(for: signed, now: now) {
            message.headers.replaceOrAdd(name: name, value: value)
        }
        message.body = .bytes(ByteBuffer(bytes: body))
        let response: HTTPClientResponse
        do {
            response = try await http.execute(message, timeout: .seconds(60))
        } catch {
            throw CommandFailure("No control plane answers at \(endpoint) (\(error)). Is 'berth up' running?")
        }
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let answer = try JSONValue(jsonBytes: Array(bytes.readableBytesView))
        guard response.status == .ok else {
            let name = answer["__type"]?.string ?? "\(response.status)"
            throw APICallFailure(code: name, message: answer["message"]?.string ?? "")
        }
        return answer
    }
}

/// An error that the control plane answered.
struct APICallFailure: Error, CustomStringConvertible, Sendable {
    var code: String
    var message: String
    var description: String { "\(code): \(message)" }
}
