public import Domain
import FoundationEssentials
public import JSONBytes

/// The form of the `berth` members that this build writes, and the newest that it reads.
///
/// It grows with a member that an agent must act on: one of an older form would leave it out without a word, and so refuses
/// the task. 2 has links, `volumesFrom`, devices, swap, ranges of ports, Docker's volumes and shared namespaces.
public let berthExtensionVersion = 2

/// What a heartbeat tells Berth's own agent.
public struct HeartbeatExtension: WireShape {
    public var version = berthExtensionVersion
    public var network: PeerNetwork?

    public init() {}

    public init(_ network: PeerNetwork) { self.network = network }

    public static let members: [Member<HeartbeatExtension>] = [
        .always("version", \.version),
        .optional("network", \.network),
    ]
}

/// How to reach tasks on other hosts.
public struct PeerNetwork: WireShape {
    /// Every other host with a block, in order of the blocks.
    public var peers: [PeerRoute] = []
    /// nil from a control plane that balances nothing, and from older ones.
    public var balancers: BalancerNetwork?

    public init() {}

    public init(peers: [PeerRoute], balancers: BalancerNetwork? = nil) {
        self.peers = peers
        self.balancers = balancers
    }

    public static let members: [Member<PeerNetwork>] = [
        .always("peers", \.peers), .optional("balancers", \.balancers),
    ]
}

/// Where load balancers are reached, on the control plane's machine.
public struct BalancerNetwork: WireShape {
    /// All their addresses, such as `10.98.0.0/24`.
    public var range = ""
    public var names: [BalancerName] = []

    public init() {}

    public init(range: String, names: [BalancerName]) {
        self.range = range
        self.names = names
    }

    public static let members: [Member<BalancerNetwork>] = [.always("range", \.range), .always("names", \.names)]
}

/// The names of one load balancer, its own first.
public struct BalancerName: WireShape {
    public var address = ""
    public var names: [String] = []

    public init() {}

    public init(address: String, names: [String]) {
        self.address = address
        self.names = names
    }

    public static let members: [Member<BalancerName>] = [.always("address", \.address), .always("names", \.names)]
}

/// The way to the tasks of one other host.
public struct PeerRoute: WireShape, Comparable {
    /// Such as `10.99.3.0/24`.
    public var block = ""
    /// The host's own address.
    public var via = ""

    public init() {}

    public init(block: String, via: String) {
        self.block = block
        self.via = via
    }

    public static let members: [Member<PeerRoute>] = [.always("block", \.block), .always("via", \.via)]

    public static func < (lhs: PeerRoute, rhs: PeerRoute) -> Bool { (lhs.block, lhs.via) < (rhs.block, rhs.via) }
}

/// What a task of a payload carries for Berth's own agent.
public struct TaskExtension: WireShape {
    public var version = berthExtensionVersion
    /// A `TaskAssignment` in its Codable form; read it with `decodedAssignment()`.
    public var assignment: JSONValue = .null

    public init() {}

    /// - Throws: what the encoder throws; nothing, for values that came from records.
    public init(assignment: TaskAssignment) throws {
        let bytes = try JSONEncoder().encode(assignment)
        self.assignment = try JSONValue(jsonBytes: Array(bytes))
    }

    /// Written by a newer control plane, which may ask for what this build does not know.
    public struct NewerForm: Error, Hashable, CustomStringConvertible {
        public var version: Int
        public var description: String {
            "it is in form \(version) and this agent reads forms up to \(berthExtensionVersion): upgrade berth on this host"
        }
    }

    /// The assignment.
    /// - Throws: `NewerForm`; what the decoder throws when it is no assignment.
    public func decodedAssignment() throws -> TaskAssignment {
        guard version <= berthExtensionVersion else { throw NewerForm(version: version) }
        return try JSONDecoder().decode(TaskAssignment.self, from: Data(assignment.jsonBytes()))
    }

    public static let members: [Member<TaskExtension>] = [
        .always("version", \.version),
        .always("assignment", \.assignment),
    ]
}
