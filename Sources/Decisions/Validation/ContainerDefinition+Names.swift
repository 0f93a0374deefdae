import Domain
import ECSShapes

// Names and the network as one container sees them.
extension ContainerDefinition {
    mutating func readNames(_ shape: ECSShapes.ContainerDefinition, mode: NetworkMode) throws(ValidationFault) {
        try Self.refuseNames(shape, mode: mode)
        if let hostname = shape.hostname, !Self.isWord(hostname) {
            throw .client("Invalid 'hostname' setting for container '\(name)': '\(hostname.prefix(100))'.")
        }
        hostname = shape.hostname
        disableNetworking = shape.disableNetworking
        dnsServers = shape.dnsServers ?? []
        dnsSearchDomains = shape.dnsSearchDomains ?? []
        extraHosts = try (shape.extraHosts ?? []).map { entry throws(ValidationFault) in
            guard let host = entry.hostname, let address = entry.ipAddress, Self.isWord(host), Self.isWord(address)
            else {
                throw .client(
                    "Invalid 'extraHosts' setting for container '\(name)': hostname and ipAddress are needed.")
            }
            return KeyValue(key: host, value: address)
        }
        for (member, words) in [("dnsServers", dnsServers), ("dnsSearchDomains", dnsSearchDomains)] {
            if let wrong = words.first(where: { !Self.isWord($0) }) {
                throw .client("Invalid '\(member)' setting for container '\(name)': '\(wrong.prefix(100))'.")
            }
        }
        links = try (shape.links ?? []).map { text throws(ValidationFault) in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(parts.count), parts.allSatisfy(isName) else {
                throw .client(
                    "Invalid 'links' setting for container '\(name)': '\(text.prefix(300))'. It is name or "
                        + "name:internalName.")
            }
            return ContainerLink(container: parts[0], alias: parts.count == 2 ? parts[1] : nil)
        }
    }

    /// What a task's shared network does not leave to its containers.
    private static func refuseNames(
        _ shape: ECSShapes.ContainerDefinition, mode: NetworkMode
    ) throws(ValidationFault) {
        if shape.links?.isEmpty == false, mode != .bridge {
            throw .client("Links are not supported when networkMode=\(mode.rawValue).")
        }
        guard mode == .awsvpc else { return }
        let refusals = [
            (shape.hostname != nil, "hostname is"),
            (shape.disableNetworking == true, "Disable Networking is"),
            (shape.extraHosts?.isEmpty == false, "Extra hosts are"),
            (shape.dnsServers?.isEmpty == false, "DNS servers are"),
            (shape.dnsSearchDomains?.isEmpty == false, "DNS search domains are"),
        ]
        guard let words = refusals.first(where: \.0)?.1 else { return }
        throw .client("\(words) not supported on container when networkMode=awsvpc.")
    }

    /// Goes into a line of a file: no space, no control character.
    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
    }
}
