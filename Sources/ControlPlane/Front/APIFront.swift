public import AgentGateway
import Glibc
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle

/// The one listener of the control plane: the ECS API for callers, and the sockets of agents.
public struct APIFront: Service {
    private let configuration: FrontConfiguration
    private let dispatcher: Dispatcher
    private let sockets: any SocketResponder
    private let onBound: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - gateway: serves the sockets of agents; run it beside the front.
    ///   - restore: puts a backup in place of the state, by its path; the text of what it throws goes to the caller.
    ///   - onBound: told the port as soon as requests are taken.
    /// - Throws: `.tlsRequired` when other machines would reach a listener without TLS.
    public init(
        configuration: FrontConfiguration, ports: FrontPorts, gateway: AgentGateway, logger: Logger,
        restore: @escaping @Sendable (String) async throws(RestoreError) -> Void,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(FrontError) {
        let dispatcher = Dispatcher(
            ports: ports, operations: OperationTable(ports, reports: gateway.reports, restore: restore),
            configuration: configuration, logger: logger)
        try self.init(
            configuration: configuration, dispatcher: dispatcher,
            sockets: AgentSockets(dispatcher: dispatcher, gateway: gateway), logger: logger, onBound: onBound)
    }

    /// - Throws: `.tlsRequired` when other machines would reach a listener without TLS.
    init(
        configuration: FrontConfiguration, dispatcher: Dispatcher, sockets: any SocketResponder, logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void
    ) throws(FrontError) {
        try configuration.checkExposure()
        self.configuration = configuration
        self.dispatcher = dispatcher
        self.sockets = sockets
        self.logger = logger
        self.onBound = onBound
    }

    /// Listens and serves until graceful shutdown or cancellation.
    ///
    /// - Throws: `FrontError` when the address or the certificate cannot be used.
    public func run() async throws {
        let channel = FrontChannel(
            http: dispatcher, sockets: sockets, isSecure: configuration.tls != nil,
            configuration: configuration)
        do {
            if let tls = configuration.tls {
                try await serve(TLSChannel(channel, tlsConfiguration: Self.tlsConfiguration(tls)))
            } else {
                try await serve(channel)
            }
        } catch let error as IOError {
            throw Self.fault(of: error, configuration)
        } catch let error as SocketAddressError {
            throw FrontError.cannotListen(
                host: configuration.host, port: configuration.port, reason: "\(error)")
        }
    }

    private func serve(_ channel: some ServerChildChannel) async throws {
        let server = Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)),
            onServerRunning: { channel in await onBound(channel.localAddress?.port ?? configuration.port) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await server.run()
    }

    private static func tlsConfiguration(_ tls: FrontConfiguration.TLS) throws(FrontError) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(tls.certificatePath)
        } catch {
            throw .badCertificate(path: tls.certificatePath, reason: "\(error)")
        }
        do {
            let key = try NIOSSLPrivateKey(file: tls.keyPath, format: .pem)
            let configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            // Reads the pair once more than needed, to tell at start that they do not belong together.
            _ = try NIOSSLContext(configuration: configuration)
            return configuration
        } catch {
            throw .badCertificate(path: tls.keyPath, reason: "\(error)")
        }
    }

    private static func fault(of error: IOError, _ configuration: FrontConfiguration) -> FrontError {
        if error.errnoCode == EADDRINUSE {
            return .portTaken(host: configuration.host, port: configuration.port)
        }
        return .cannotListen(
            host: configuration.host, port: configuration.port, reason: error.description)
    }
}
