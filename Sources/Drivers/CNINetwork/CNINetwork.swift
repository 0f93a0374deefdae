import CLinux
import Dispatch
public import Logging
import Synchronization
public import TaskNetwork

/// The task network by CNI plugins: `bridge` and `host-local` for the address, `portmap` for host ports.
///
/// Calls are taken one at a time: the plugins wait for each other's locks anyway, and one order is easy to recover.
/// They block a dispatch thread of their own, never one of the concurrency pool.
public final class CNINetwork: TaskNetwork {
    private let queue = DispatchQueue(label: "berth.task-network")
    private let hostNamespace: String?
    private let network: Mutex<HostNetwork>
    private let vacancies: AsyncStream<Void>
    private let vacancy: AsyncStream<Void>.Continuation
    private let logger: Logger

    public init(_ configuration: CNINetworkConfiguration, logger: Logger) {
        hostNamespace = configuration.hostNamespace
        network = Mutex(HostNetwork(configuration, logger: logger))
        (vacancies, vacancy) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.logger = logger
    }

    /// Says whether tasks could have addresses of that range on this host, before anything is changed.
    ///
    /// - Throws: `.overlap` when a route or address of the host that is not Berth's lies in it.
    public func check(taskRange: String) async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.check(taskRange) }
    }

    public func prepare(_ plan: HostNetworkPlan) async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.prepare(plan) }
        vacancy.yield()
    }

    public func route(_ peers: [PeerRoute]) async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.route(peers) }
    }

    public func resolve(_ names: [TaskName]) async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.resolve(names) }
    }

    public func attach(_ request: NetworkRequest) async throws(NetworkError) -> NetworkAttachment {
        defer { vacancy.yield() }
        return try await perform { network throws(NetworkError) in try network.attach(request) }
    }

    public func detach(_ id: String) async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.detach(id) }
    }

    public func attachments() async throws(NetworkError) -> [String] {
        try await perform { network throws(NetworkError) in try network.attachments() }
    }

    public func tearDown() async throws(NetworkError) {
        try await perform { network throws(NetworkError) in try network.tearDown() }
    }

    /// Keeps the warm pool full until cancelled; to be run once. Without it every namespace is made on demand.
    public func keepWarm() async {
        for await _ in vacancies {
            do {
                while try await perform({ network throws(NetworkError) in try network.warm() }) {}
            } catch {
                // The next attach makes its own, and reports what is wrong.
                logger.warning("could not fill the pool of namespaces", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Keeps the tasks' resolver running until cancelled; to be run once.
    public func keepResolver() async throws {
        while true {
            let isWell = try await perform { network in network.tendResolver() }
            // What another program's port prevents is tried again after a while.
            try await Task.sleep(for: isWell ? .seconds(1) : .seconds(60))
        }
    }

    /// Runs `body` in the host's network namespace, alone.
    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (inout HostNetwork) throws(NetworkError) -> Value
    ) async throws(NetworkError) -> Value {
        let result: Result<Value, NetworkError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                let result = inHostNamespace { [self] in
                    network.withLock { host in
                        Result { () throws(NetworkError) in try body(&host) }
                    }
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private func inHostNamespace<Value: Sendable>(
        _ body: @escaping () -> Result<Value, NetworkError>
    ) -> Result<Value, NetworkError> {
        guard let hostNamespace else { return body() }
        return Namespace.call(hostNamespace, body)
            ?? .failure(.failed("the namespace \(hostNamespace) cannot be entered"))
    }
}
