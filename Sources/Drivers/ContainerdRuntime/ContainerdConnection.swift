import SwiftProtobuf
import Foundation
import TaskRuntime
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore

/// One gRPC connection to containerd, and its services.
struct ContainerdConnection: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    let client: GRPCClient<Transport>
    let metadata: Metadata

    /// `namespace` goes with every call. CRI pulls only into `k8s.io`.
    init(socket: String, namespace: String = "k8s.io") throws(Failure) {
        let config = Transport.Config.defaults { config in
            config.backoff.initial = .milliseconds(50)
            config.backoff.max = .milliseconds(250)
            config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PingResponder(), position: .first)
                }
            }
        }
        do {
            let transport = try Transport(
                target: .unixDomainSocket(path: socket, authority: "localhost"), transportSecurity: .plaintext,
                config: config)
            client = GRPCClient(transport: transport)
        } catch {
            throw .unavailable("\(error)")
        }
        metadata = ["containerd-namespace": .string(namespace)]
    }

    var containers: Containerd_Services_Containers_V1_Containers.Client<Transport> { .init(wrapping: client) }
    var content: Containerd_Services_Content_V1_Content.Client<Transport> { .init(wrapping: client) }
    var events: Containerd_Services_Events_V1_Events.Client<Transport> { .init(wrapping: client) }
    var images: Containerd_Services_Images_V1_Images.Client<Transport> { .init(wrapping: client) }
    var leases: Containerd_Services_Leases_V1_Leases.Client<Transport> { .init(wrapping: client) }
    var snapshots: Containerd_Services_Snapshots_V1_Snapshots.Client<Transport> { .init(wrapping: client) }
    var tasks: Containerd_Services_Tasks_V1_Tasks.Client<Transport> { .init(wrapping: client) }
    var version: Containerd_Services_Version_V1_Version.Client<Transport> { .init(wrapping: client) }
    var puller: Runtime_V1_ImageService.Client<Transport> { .init(wrapping: client) }

    /// The same call's metadata under a lease, so that garbage collection keeps what it makes.
    func metadata(lease: String) -> Metadata {
        var leased = metadata
        leased.addString(lease, forKey: "containerd-lease")
        return leased
    }

    /// Keeps the connection until cancelled.
    func run() async throws { try await client.runConnections() }

    /// The content with this digest. Larger than `limit` is refused before it fills memory.
    func read(_ digest: String, limit: Int) async throws(Failure) -> Data {
        try await attempt {
            try await content.read(.with { $0.digest = digest }, metadata: metadata) { response in
                var collected = Data()
                for try await part in response.messages {
                    collected.append(part.data)
                    if collected.count > limit { throw Failure.invalid("\(digest): too large") }
                }
                return collected
            }
        }
    }

    /// Passes on every event that a filter lets through until the connection is lost or `body` throws.
    func subscribe(
        filters: [String], _ body: @Sendable @escaping (Containerd_Services_Events_V1_Envelope) async throws -> Void
    ) async throws {
        try await events.subscribe(.with { $0.filters = filters }, metadata: metadata) { response in
            for try await envelope in response.messages { try await body(envelope) }
        }
    }

    /// Runs one call and gives its error the port's name.
    func attempt<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws(Failure) -> Result {
        do {
            return try await body()
        } catch {
            throw Self.failure(error)
        }
    }

    /// The same for a call that makes something of a given name. containerd ends what a client that was killed had asked for,
    /// maybe after its successor has looked: what is there already is taken away, and the call made once more.
    func attempt<Result: Sendable>(
        removingLeftover remove: @Sendable () async throws -> Void,
        _ body: @Sendable () async throws -> Result
    ) async throws(Failure) -> Result {
        try await attempt {
            do {
                return try await body()
            } catch  where Self.isAlreadyExists(error) {
                try await remove()
                return try await body()
            }
        }
    }

    static func failure(_ error: any Error) -> Failure {
        if let failure = error as? Failure { return failure }
        guard let rpc = error as? RPCError else { return .unavailable("\(error)") }
        switch rpc.code {
        case .notFound: return .notFound(rpc.message)
        case .unavailable, .cancelled, .deadlineExceeded: return .unavailable(rpc.message)
        case .unauthenticated, .permissionDenied: return .unauthorized(rpc.message)
        case .invalidArgument: return .invalid(rpc.message)
        default: return .failed(rpc.message)
        }
    }

    static func isAlreadyExists(_ error: any Error) -> Bool { (error as? RPCError)?.code == .alreadyExists }
}
