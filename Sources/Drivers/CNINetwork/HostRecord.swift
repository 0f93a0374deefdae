import TaskNetwork

/// What the first agent noted of the host before it changed anything. All agents of a host share it, and the last to
/// leave puts back what it says.
struct HostRecord: Hashable, Codable, Sendable {
    /// Kernel settings as they were, by their path below `/proc/sys`.
    var settings: [String: String]
    /// Chains as they were, of IPv4.
    var rules: RuleInventory
    /// The same of IPv6, where the plugins look and thereby make tables.
    var rules6: RuleInventory
}

/// What this agent was last asked to prepare, and in which boot of the machine.
struct PlanRecord: Hashable, Codable, Sendable {
    /// The kernel's boot id: rules, links and settings of an earlier boot are gone.
    var boot: String
    var plan: HostNetworkPlan
}

/// Which chains the host has, by table.
struct RuleInventory: Hashable, Codable, Sendable {
    var chains: [String: Set<String>]

    /// Reads the output of `iptables-save`.
    init(saved: String) {
        chains = [:]
        var table: String?
        for line in saved.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("*") {
                let name = String(line.dropFirst())
                chains[name] = []
                table = name
            } else if line.hasPrefix(":"), let table, let chain = line.dropFirst().split(separator: " ").first {
                chains[table, default: []].insert(String(chain))
            }
        }
    }

    func has(_ chain: String, in table: String) -> Bool { chains[table]?.contains(chain) ?? false }
}
