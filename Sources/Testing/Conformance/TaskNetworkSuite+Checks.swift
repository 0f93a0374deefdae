import Domain
import TaskNetwork

extension TaskNetworkSuite {
    func beforePlan() async throws {
        let error = await failure { try await attach("early") }
        try require(error.isFailed, "without a plan nothing is attached, not \(error)")
        try require(try await network.attachments() == [], "what was refused is not attached")
    }

    func strayBlock() async throws {
        let error = await failure {
            try await network.prepare(HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.98.3.0/24"))
        }
        try require(error.isFailed, "a block outside the range is refused, not \(error)")
    }

    func distinct() async throws {
        try await network.prepare(Self.plan)
        let first = try await attach("first", [binding(80, 18080)])
        let second = try await attach("second")
        for attachment in [first, second] {
            let address = attachment.interface.address
            try require(address.hasPrefix("10.99.3."), "\(address) lies in the block")
            try require(address != attachment.gateway, "\(address) is not the gateway's")
            try require(attachment.gateway == "10.99.3.1", "the gateway is the block's first address")
            try require(!attachment.namespacePath.isEmpty, "an attachment has a namespace")
        }
        try require([first.id, second.id] == ["first", "second"], "an attachment has its request's id")
        try require(first.interface.address != second.interface.address, "addresses differ")
        try require(first.interface.macAddress != second.interface.macAddress, "link addresses differ")
        try require(first.namespacePath != second.namespacePath, "namespaces differ")
    }

    func repeated() async throws {
        try await network.prepare(Self.plan)
        try await network.prepare(Self.plan)
        let peers = [PeerRoute(block: "10.99.4.0/24", via: "10.200.1.2")]
        try await network.route(peers)
        try await network.route(peers)
        let once = try await attach("one", [binding(80, 18080)])
        try await network.prepare(Self.plan)
        try require(
            try await attach("one", [binding(80, 18080)]) == once, "the same request gives the same attachment")
        try await network.detach("one")
        try await network.detach("one")
        try await network.detach("never")
        try await network.route([])
    }

    func listed() async throws {
        try await network.prepare(Self.plan)
        for id in ["b", "a-web", "c"] { _ = try await attach(id) }
        try await network.detach("b")
        try require(try await network.attachments().sorted() == ["a-web", "c"], "what is detached is not listed")
    }

    func takenPort() async throws {
        try await network.prepare(Self.plan)
        _ = try await attach("one", [binding(80, 18080)])
        let error = await failure { try await attach("two", [binding(81, 18080)]) }
        try require(error == .portTaken(Port(18080), by: "one"), "a port belongs to one attachment, not \(error)")
        _ = try await attach("udp", [binding(80, 18080, .udp)])
        try await network.detach("one")
        _ = try await attach("two", [binding(81, 18080)])
    }

    func doublePort() async throws {
        try await network.prepare(Self.plan)
        let error = await failure { try await attach("one", [binding(80, 18080), binding(81, 18080)]) }
        guard case .portTaken(Port(18080), _)? = error.network else {
            throw Violation(description: "a request cannot have one port twice, not \(error)")
        }
    }

    func refused() async throws {
        try await network.prepare(Self.plan)
        _ = try await attach("one", [binding(80, 18080)])
        _ = await failure { try await attach("two", [binding(80, 18081), binding(81, 18080)]) }
        try require(try await network.attachments() == ["one"], "what was refused is not attached")
        _ = try await attach("three", [binding(80, 18081)])
    }

    func isolated() async throws {
        try await network.prepare(Self.plan)
        let request = NetworkRequest(id: "alone", isIsolated: true)
        let alone = try await network.attach(request)
        try require(alone.interface == TaskInterface(address: "", macAddress: ""), "it has no interface")
        try require(alone.gateway.isEmpty, "it has no gateway")
        try require(!alone.namespacePath.isEmpty, "it has a namespace")
        try require(try await network.attach(request) == alone, "repeating it gives the same")
        let error = await failure {
            try await network.attach(NetworkRequest(id: "ported", bindings: [binding(80, 18080)], isIsolated: true))
        }
        try require(error.isFailed, "it can have no host ports, not \(error)")
        try require(try await network.attachments() == ["alone"], "it is listed, and the refused one is not")
    }

    func exhausted() async throws {
        try await network.prepare(Self.narrow)
        _ = try await attach("one")
        let error = await failure { try await attach("two") }
        guard case .exhausted? = error.network else {
            throw Violation(description: "a full block is exhausted, not \(error)")
        }
        try require(try await network.attachments() == ["one"], "what found no address is not attached")
        try await network.detach("one")
        _ = try await attach("two")
    }

    func moved() async throws {
        let other = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.8.0/24")
        try await network.prepare(Self.plan)
        _ = try await attach("one")
        let error = await failure { try await network.prepare(other) }
        try require(error.isFailed, "a block with an attachment is not given up, not \(error)")
        try await network.detach("one")
        try await network.prepare(other)
        let address = try await attach("two").interface.address
        try require(address.hasPrefix("10.99.8."), "\(address) lies in the new block")
    }

    func tornDown() async throws {
        try await network.prepare(Self.plan)
        _ = try await attach("one", [binding(80, 18080)])
        try await network.tearDown()
        try await network.tearDown()
        try require(try await network.attachments() == [], "nothing is attached any more")
        let error = await failure { try await attach("two") }
        try require(error.isFailed, "the plan is gone too, not \(error)")
        try await network.prepare(Self.plan)
        _ = try await attach("two", [binding(80, 18080)])
    }

    // MARK: Words of the checks

    @discardableResult
    private func attach(_ id: String, _ bindings: [NetworkBinding] = []) async throws -> NetworkAttachment {
        try await network.attach(NetworkRequest(id: id, bindings: bindings))
    }

    private func binding(_ container: Int, _ host: Int, _ transport: Port.Transport = .tcp) -> NetworkBinding {
        NetworkBinding(containerPort: container, hostPort: host, transport: transport)
    }

    private func require(_ isKept: Bool, _ promise: String) throws {
        if !isKept { throw Violation(description: promise) }
    }

    /// How a call failed; nothing when it did not.
    private func failure(_ call: () async throws -> some Any) async -> Failure {
        do {
            _ = try await call()
            return Failure(network: nil)
        } catch {
            return Failure(network: error as? NetworkError)
        }
    }
}

/// The error of a call that should have failed.
private struct Failure: CustomStringConvertible {
    var network: NetworkError?

    var isFailed: Bool { if case .failed? = network { true } else { false } }

    var description: String { network.map { "\($0)" } ?? "no error of the port" }

    static func == (failure: Failure, error: NetworkError) -> Bool { failure.network == error }
}
