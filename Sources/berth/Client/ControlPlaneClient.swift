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
    private let balancingSigner: SigV4Signer
    private let monitoringSigner: SigV4Signer
    private let http: HTTPClient

    init(_ file: ClientFile) throws {
        endpoint = file.endpoint
        let credential = SigV4Credential(accessKeyID: file.accessKeyID, secretKey: file.secretAccessKey)
        signer = SigV4Signer(credential: credential, region: file.region, service: "ecs")
        balancingSigner = SigV4Signer(credential: credential, region: file.region, service: "elasticloadbalancing")
        monitoringSigner = SigV4Signer(credential: credential, region: file.region, service: "monitoring")
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
        try await call("AmazonEC2ContainerServiceV20141113." + operation, request, signer)
    }

    /// Calls an operation of Berth's own.
    func berth(_ operation: String, _ request: JSONValue = [:]) async throws -> JSONValue {
        try await call("Berth." + operation, request, signer)
    }

    /// Calls an operation of CloudWatch.
    func cloudWatch(_ operation: String, _ request: JSONValue) async throws -> JSONValue {
        try await call("GraniteServiceVersion20100801." + operation, request, monitoringSigner)
    }

    /// Calls an operation of Elastic Load Balancing v2.
    ///
    /// - Parameter parameters: by their dotted names, such as `Subnets.member.1`.
    func elb(_ operation: String, _ parameters: [(name: String, value: String)]) async throws -> QueryAnswer {
        let call = [(name: "Action", value: operation), (name: "Version", value: "2015-12-01")]
        let (status, bytes) = try await send(
            QueryForm.encode(call + parameters), [(name: "Content-Type", value: QueryForm.contentType)],
            balancingSigner)
        let answer = QueryAnswer(text: String(decoding: bytes, as: UTF8.self))
        guard status == .ok else {
            throw APICallFailure(code: answer["Code"] ?? "\(status)", message: answer["Message"] ?? "")
        }
        return answer
    }

    /// Whether the control plane answers now.
    func isAlive() async -> Bool {
        let response = try? await http.execute(
            HTTPClientRequest(url: endpoint + "/_berth/health"), timeout: .seconds(5))
        return response?.status == .ok
    }

    /// Fetches a page, unsigned.
    ///
    /// - Parameter host: what the page's server is asked for, as one of several names at its address.
    func page(_ url: String, host: String) async throws -> String {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Host", value: host)
        let response = try await http.execute(request, timeout: .seconds(5))
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else { throw CommandFailure("\(url) answered \(response.status).") }
        return String(buffer: body)
    }

    private func call(_ target: String, _ request: JSONValue, _ signer: SigV4Signer) async throws -> JSONValue {
        let headers = [
            (name: "Content-Type", value: "application/x-amz-json-1.1"), (name: "X-Amz-Target", value: target),
        ]
        let (status, bytes) = try await send(request.jsonBytes(), headers, signer)
        let answer = try JSONValue(jsonBytes: bytes)
        guard status == .ok else {
            let name = answer["__type"]?.string ?? "\(status)"
            throw APICallFailure(code: name, message: answer["message"]?.string ?? "")
        }
        return answer
    }

    private func send(
        _ body: [UInt8], _ headers: [(name: String, value: String)], _ signer: SigV4Signer
    ) async throws -> (HTTPResponseStatus, [UInt8]) {
        let host =
            endpoint.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? ""
        let signed = SigV4Request(
            method: "POST", path: "/", query: "", headers: [(name: "Host", value: host)] + headers, body: body)
        var message = HTTPClientRequest(url: endpoint + "/")
        message.method = .POST
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        for (name, value) in headers + signer.headers(for: signed, now: now) {
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
        return (response.status, Array(bytes.readableBytesView))
    }
}

/// An error that the control plane answered.
struct APICallFailure: Error, CustomStringConvertible, Sendable {
    var code: String
    var message: String
    var description: String { "\(code): \(message)" }
}
