import Domain
import Synchronization
public import TaskNetwork

/// A host network in memory that keeps the port's promises.
public final class FakeNetwork: TaskNetwork {
    struct State {
        var plan: HostNetworkPlan?
        var peers: [PeerRoute] = []
        var names: [TaskName] = []
        var attachments: [String: NetworkAttachment] = [:]
        var requests: [String: NetworkRequest] = [:]
        var attachFailure: NetworkError?
        var detachFailure: NetworkError?
    }

    private let state = Mutex(State())

    public init() {}

    public func prepare(_ plan: HostNetworkPlan) async throws(NetworkError) {
        try state.withLock { (state) throws(NetworkError) in
            guard let range = FakeBlock(plan.taskRange), let block = FakeBlock(plan.block), range.contains(block) else {
                throw .failed("block \(plan.block) is not part of \(plan.taskRange)")
            }
            let isHeld = state.requests.values.contains { !$0.isIsolated }
            if isHeld, let former = state.plan, former.block != plan.block {
                throw .failed("tasks still have addresses of \(former.block)")
            }
            state.plan = plan
        }
    }

    public func route(_ peers: [PeerRoute]) async throws(NetworkError) { state.withLock { $0.peers = peers } }

    public func resolve(_ names: [TaskName]) async throws(NetworkError) { state.withLock { $0.names = names } }

    public func attach(_ request: NetworkRequest) async throws(NetworkError) -> NetworkAttachment {
        try state.withLock { (state) throws(NetworkError) -> NetworkAttachment in
            if let failure = state.attachFailure { throw failure }
            if let known = state.attachments[request.id] { return known }
            try state.checkPorts(of: request)
            let (interface, gateway) =
                request.isIsolated
                ? (TaskInterface(address: "", macAddress: ""), "") : try state.freeInterface()
            let attachment = NetworkAttachment(
                id: request.id, namespacePath: "/run/netns/\(request.id)", interface: interface, gateway: gateway)
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
            state.names = []
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

    public var names: [TaskName] { state.withLock { $0.names } }

    public var attached: [String] { state.withLock { $0.attachments.keys.sorted() } }

    public func request(_ id: String) -> NetworkRequest? { state.withLock { $0.requests[id] } }
}

extension FakeNetwork.State {
    func checkPorts(of request: NetworkRequest) throws(NetworkError) {
        if request.isIsolated, !request.bindings.isEmpty { throw .failed("an isolated task can have no host ports") }
        var wanted: Set<Port> = []
        for binding in request.bindings {
            let port = Port(binding.hostPort, binding.transport)
            guard wanted.insert(port).inserted else { throw .portTaken(port, by: "the same request") }
            for (id, other) in requests
            where other.bindings.contains(where: { Port($0.hostPort, $0.transport) == port }) {
                throw .portTaken(port, by: id)
            }
        }
    }

    /// The lowest free address of the block after the gateway's.
    func freeInterface() throws(NetworkError) -> (TaskInterface, gateway: String) {
        guard let block = plan.flatMap({ FakeBlock($0.block) }) else {
            throw .failed("the network of this host is not prepared yet")
        }
        let used = Set(attachments.values.map(\.interface.address))
        guard let number = (2..<max(2, block.size - 1)).first(where: { !used.contains(block.address($0)) }) else {
            throw .exhausted("no free address in \(plan?.block ?? "")")
        }
        let digits = String(number, radix: 16)
        let mac = "02:00:00:00:00:" + (digits.count < 2 ? "0" : "") + digits
        return (TaskInterface(address: block.address(number), macAddress: mac), block.address(1))
    }
}

/// An IPv4 block in CIDR notation, as far as tests use them.
private struct FakeBlock {
    private var base: Int
    private var prefix: Int

    init?(_ text: String) {
        let halves = text.split(separator: "/")
        let bytes = (halves.first ?? "").split(separator: ".").compactMap { UInt8($0) }
        guard halves.count == 2, let prefix = Int(halves[1]), (0...32).contains(prefix), bytes.count == 4 else {
            return nil
        }
        self.prefix = prefix
        base = bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    var size: Int { min(1 << (32 - prefix), 256) }

    func contains(_ other: FakeBlock) -> Bool {
        prefix <= other.prefix && base >> (32 - prefix) == other.base >> (32 - prefix)
    }

    func address(_ number: Int) -> String {
        let whole = base + number
        return [24, 16, 8, 0].map { "\(whole >> $0 & 0xff)" }.joined(separator: ".")
    }
}
