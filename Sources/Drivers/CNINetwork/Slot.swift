import Domain
import Foundation
import TaskNetwork

/// One network namespace made by this driver: waiting in the warm pool, or attached to somebody.
struct Slot: Hashable, Codable, Sendable {
    /// How far it is. What is found half-made after a crash is removed.
    enum Phase: String, Codable, Sendable {
        /// The namespace or its interface is being made.
        case making
        /// Connected, nobody's.
        case ready
        /// Promised to `id`; its ports are being opened.
        case attaching
        case attached
        case removing
    }

    /// Name of its namespace and file, and its container id towards the plugins.
    var name: String
    /// The block that its address comes from.
    var block: String
    var phase: Phase
    /// Whose it is; nil in the pool.
    var id: String?
    var bindings: [NetworkBinding] = []
    /// Has a loopback interface only; nothing but the namespace was made for it.
    var isIsolated = false
    /// What the bridge plugin answered; nil before that.
    var result: PluginResult?

    init(name: String, block: CIDR) {
        self.name = name
        self.block = block.description
        phase = .making
    }

    /// - Throws: `.failed` when the record's block is unreadable.
    func parsedBlock() throws(NetworkError) -> CIDR {
        guard let cidr = CIDR(block) else { throw .failed("the record of namespace \(name) names no block: \(block)") }
        return cidr
    }
}
