public import Domain
import FoundationEssentials
public import JSONBytes

/// The version of the `berth` members that this build writes.
public let berthExtensionVersion = 1

/// What a heartbeat tells Berth's own agent.
public struct HeartbeatExtension: WireShape {
    public var version = berthExtensionVersion
    public var network: PeerNetwork?

    public init() {}

    public init(peers: [PeerRoute]) { network = PeerNetwork(peers: peers) }

    public static let members: [Member<HeartbeatExtension>] = [
        .always("version", \.version),
        .optional("network", \.network),
    ]
}

/// How to reach tasks on other hosts.
public struct PeerNetwork: WireShape {
    /// Every other host with a block, in order of the blocks.
    public var peers: [PeerRoute] = []

    public init() {}

    public init(peers: [PeerRoute]) { self.peers = peers }

    public static let members: [Member<PeerNetwork>] = [.always("peers", \.peers)]
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

    /// The assignment; throws when it is not in the form this version reads.
    public func decodedAssignment() throws -> TaskAssignment {
        try JSONDecoder().decode(TaskAssignment.self, from: Data(assignment.jsonBytes()))
    }

    public static let members: [Member<TaskExtension>] = [
        .always("version", \.version),
        .always("assignment", \.assignment),
    ]
}
