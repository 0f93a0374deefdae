import Domain
import Foundation

/// What a CNI plugin reads on standard input.
/// - Source: CNI specification 1.0.0, "Network configuration format".
struct PluginConfiguration: Encodable {
    var cniVersion = "1.0.0"
    var name: String
    var type: String
    var bridge: String?
    var isGateway: Bool?
    var isDefaultGateway: Bool?
    var hairpinMode: Bool?
    var ipam: AddressPool?
    var capabilities: [String: Bool]?
    var runtimeConfig: RuntimeConfiguration?
    var snat: Bool?
    var prevResult: PluginResult?

    struct AddressPool: Encodable {
        var type = "host-local"
        var ranges: [[Range]]
        var dataDir: String
    }

    struct Range: Encodable {
        var subnet: String
        var gateway: String?
    }

    struct RuntimeConfiguration: Encodable {
        var portMappings: [PortMapping]
    }

    struct PortMapping: Encodable {
        var hostPort: Int
        var containerPort: Int
        var `protocol`: String
        var hostIP: String?
    }
}

extension PluginConfiguration {
    /// An interface on the bridge with an address of the block, and the bridge as default gateway.
    static func bridge(_ name: String, block: CIDR, addressDirectory: String) -> PluginConfiguration {
        PluginConfiguration(
            name: name, type: "bridge", bridge: name, isGateway: true, isDefaultGateway: true, hairpinMode: true,
            ipam: AddressPool(
                ranges: [[Range(subnet: block.description, gateway: block.gateway)]], dataDir: addressDirectory))
    }

    /// Host ports to an interface that `bridge` made.
    static func portmap(_ name: String, bindings: [NetworkBinding], after result: PluginResult?) -> PluginConfiguration
    {
        let mappings = bindings.flatMap(\.each).map { binding in
            PortMapping(
                hostPort: binding.hostPort, containerPort: binding.containerPort,
                protocol: binding.transport.rawValue,
                hostIP: binding.bindIP == "0.0.0.0" ? nil : binding.bindIP)
        }
        return PluginConfiguration(
            name: name, type: "portmap", capabilities: ["portMappings": true],
            runtimeConfig: RuntimeConfiguration(portMappings: mappings), snat: true, prevResult: result)
    }
}

/// What a CNI plugin answers to ADD.
struct PluginResult: Hashable, Codable, Sendable {
    var cniVersion: String
    var interfaces: [Interface]
    var ips: [Address]

    struct Interface: Hashable, Codable, Sendable {
        var name: String
        var mac: String?
        /// Path of the namespace it is in; nil on the host.
        var sandbox: String?
    }

    struct Address: Hashable, Codable, Sendable {
        /// With its prefix, such as `10.99.3.2/24`.
        var address: String
        var gateway: String?
        /// Index into `interfaces`.
        var interface: Int?
    }

    /// The task's interface and its gateway; nil when the plugin reported none.
    var taskInterface: (interface: TaskInterface, gateway: String)? {
        for ip in ips {
            guard let index = ip.interface, interfaces.indices.contains(index), interfaces[index].sandbox != nil,
                let mac = interfaces[index].mac, let gateway = ip.gateway,
                let address = ip.address.split(separator: "/").first
            else { continue }
            return (TaskInterface(address: String(address), macAddress: mac), gateway)
        }
        return nil
    }
}

/// How a CNI plugin reports a failure, on standard output.
struct PluginFailure: Decodable {
    var code: Int
    var msg: String
    var details: String?

    var text: String { details.map { "\(msg) (\($0))" } ?? msg }
}
