import Domain
import Synchronization
public import TaskNetwork

/// A host network in memory that keeps the port's promises.
public final class FakeNetwork: TaskNetwork {
    struct State {
        var plan: HostNetworkPlan?
        var peers: [PeerRoute] = []
        var attachments: [String: NetworkAttachment] = [:]
        var requests: [String: NetworkRequest] = [:]
        var nextAddress = 2
        var attachFailure: NetworkError?
        var detachFailure: NetworkError?
    }

    private let state = Mutex(State())

    public init() {}

    public func prepare(_ plan: HostNetworkPlan) async throws(NetworkError) { state.withLock { $0.plan = plan } }

    public func route(_ peers: [PeerRoute]) async throws(NetworkError) { state.withLock { $0.peers = peers } }

    public func attach(_ request: NetworkRequest) async throws(NetworkError) -> NetworkAttachment {
        try state.withLock { (state) throws(NetworkError) -> NetworkAttachment in
            if let failure = state.attachFailure { throw failure }
            if let known = state.attachments[request.id] { return known }
            let number = state.nextAddress
            state.nextAddress += 1
            let interface =
                request.isIsolated
                ? TaskInterface(address: "", macAddress: "")
                : TaskInterface(address: "10.99.0.\(number)", macAddress: "02:00:00:00:00:0\(number % 10)")
            let attachment = NetworkAttachment(
                id: request.id, namespacePath: "/run/netns/\(request.id)", interface: interface,
                gateway: request.isIsolated ? "" : "10.99.0.1")
            state.attachments[request.id] = attachment
            state.requests[request.id] = request
            return attachment
        }
    }

    public func detach(_ id: String) async throws(NetworkError) {
        try state.withLock { (state) throws(NetworkError) in
            if let failure = state.detachFailure { throw failure }
            state.attachments[id] = nil
            state.requests[id] = nil
        }
    }

    public func attachments() async throws(NetworkError) -> [String] {
        state.withLock { $0.attachments.keys.sorted() }
    }

    public func tearDown() async throws(NetworkError) {
        state.withLock { state in
            state.attachments = [:]
            state.requests = [:]
            state.peers = []
            state.plan = nil
        }
    }

    // MARK: What a test makes happen, and what it looks at

    /// Makes every `attach` fail until it is set to nil.
    public func failAttaching(_ error: NetworkError?) { state.withLock { $0.attachFailure = error } }

    /// Makes every `detach` fail until it is set to nil.
    public func failDetaching(_ error: NetworkError?) { state.withLock { $0.detachFailure = error } }

    public var plan: HostNetworkPlan? { state.withLock { $0.plan } }

    public var peers: [PeerRoute] { state.withLock { $0.peers } }

    public var attached: [String] { state.withLock { $0.attachments.keys.sorted() } }

    public func request(_ id: String) -> NetworkRequest? { state.withLock { $0.requests[id] } }
}
