import Foundation
import TaskNetwork

/// Who this host is to the control plane. Holds the secret: 0600 on disk, never printed.
struct NodeIdentity: Codable, Sendable, CustomStringConvertible {
    var version = 1
    var accessKeyID: String
    var secretAccessKey: String
    var containerInstance: String
    var region: String
    /// The network plan of the last registration, used before the control plane answers again.
    var plan: HostNetworkPlan?

    var description: String { "NodeIdentity(\(containerInstance))" }

    /// nil when the host never joined.
    static func load(_ directory: NodeDirectory) throws -> NodeIdentity? {
        guard FileManager.default.fileExists(atPath: directory.nodeFile) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: directory.nodeFile))
        let identity = try JSONDecoder().decode(NodeIdentity.self, from: data)
        guard identity.version == 1 else { throw CocoaError(.fileReadUnknown) }
        return identity
    }

    func save(_ directory: NodeDirectory) throws {
        try DurableFile.write(Array(try JSONEncoder().encode(self)), to: directory.nodeFile)
    }
}
