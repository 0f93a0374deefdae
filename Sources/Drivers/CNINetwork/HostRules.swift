import TaskNetwork

/// The packet filter's part: forwarding to and from the bridge, masquerade of what leaves the task range.
///
/// All of ours lives in two chains of our own; the host's chains get one jump each. The `portmap` plugin's chains have
/// fixed names and are shared with whoever else uses that plugin.
struct HostRules {
    let bridge: String

    var forwardChain: String { "BERTH-FWD-\(bridge)" }
    var egressChain: String { "BERTH-NAT-\(bridge)" }

    /// Chains that the `portmap` plugin makes and never removes.
    static let portmapChains = ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "CNI-HOSTPORT-SETMARK"]

    /// A family of addresses, by nftables' name for it.
    enum Family: String, CaseIterable {
        case ip, ip6

        var program: String { self == .ip ? "iptables" : "ip6tables" }
    }

    func inventory(_ family: Family = .ip) throws(NetworkError) -> RuleInventory {
        RuleInventory(saved: try Program.run("\(family.program)-save", []).outText)
    }

    func install(block: CIDR, taskRange: CIDR) throws(NetworkError) {
        try chain(
            forwardChain, in: "filter", rules: [["-i", bridge, "-j", "ACCEPT"], ["-o", bridge, "-j", "ACCEPT"]])
        // First, so that a host whose own rules end in a refusal (a firewall, Docker) still forwards for tasks.
        try jump(to: forwardChain, from: "FORWARD", in: "filter")
        try chain(
            egressChain, in: "nat",
            rules: [["-s", block.description, "!", "-d", taskRange.description, "-j", "MASQUERADE"]])
        try jump(to: egressChain, from: "POSTROUTING", in: "nat")
    }

    /// Removes the chains of this bridge.
    func remove() throws(NetworkError) {
        try drop(forwardChain, from: ["FORWARD"], in: "filter")
        try drop(egressChain, from: ["POSTROUTING"], in: "nat")
    }

    /// Removes the plugin's chains where they were not there before and nobody uses them, and the tables that using
    /// `iptables` brought into being.
    func restore(_ before: HostRecord) throws(NetworkError) {
        try removePortmapChains(restoring: before.rules)
        try removeEmptyTables(.ip, restoring: before.rules)
        try removeEmptyTables(.ip6, restoring: before.rules6)
    }

    // MARK: Chains

    /// Makes the chain say exactly `rules`; one that does already is not touched, so that no packet meets half of it.
    private func chain(_ name: String, in table: String, rules: [[String]]) throws(NetworkError) {
        let listing = try Program.output(of: "iptables", arguments(table, ["-S", name]))
        if listing.status != 0 { try require(table, ["-N", name]) }
        var isCurrent = listing.outText.split(separator: "\n").filter { $0.hasPrefix("-A") }.count == rules.count
        for rule in rules where isCurrent { isCurrent = try iptables(table, ["-C", name] + rule) }
        guard !isCurrent else { return }
        try require(table, ["-F", name])
        for rule in rules { try require(table, ["-A", name] + rule) }
    }

    private func jump(to name: String, from chain: String, in table: String) throws(NetworkError) {
        if !(try iptables(table, ["-C", chain, "-j", name])) { try require(table, ["-I", chain, "1", "-j", name]) }
    }

    private func drop(_ name: String, from chains: [String], in table: String) throws(NetworkError) {
        guard try inventory().has(name, in: table) else { return }
        for chain in chains {
            while try iptables(table, ["-C", chain, "-j", name]) { try require(table, ["-D", chain, "-j", name]) }
        }
        try require(table, ["-F", name])
        try require(table, ["-X", name])
    }

    private func removePortmapChains(restoring before: RuleInventory) throws(NetworkError) {
        let now = try inventory()
        let added = HostRules.portmapChains.filter { now.has($0, in: "nat") && !before.has($0, in: "nat") }
        // A chain of one mapping that is left belongs to somebody else: then the shared ones are theirs now.
        let inUse = now.chains["nat", default: []].contains { $0.hasPrefix("CNI-DN-") }
        guard !added.isEmpty, !inUse else { return }
        let rules = try Program.run("iptables-save", ["-t", "nat"]).outText
        for deletion in SavedRule.deletions(ofJumpsTo: Set(added), in: rules) { try require("nat", deletion) }
        for chain in added { try require("nat", ["-F", chain]) }
        for chain in added { try require("nat", ["-X", chain]) }
    }

    /// Built-in chains first, which is refused for one that has rules: then somebody else uses it by now, and it stays.
    private func removeEmptyTables(_ family: Family, restoring before: RuleInventory) throws(NetworkError) {
        guard Program.path(of: "nft") != nil else { return }
        for (table, chains) in try inventory(family).chains.sorted(by: { $0.key < $1.key }) {
            guard before.chains[table] == nil else { continue }
            for chain in chains.sorted() {
                _ = try Program.succeeds(family.program, ["-w", "-t", table, "-X", chain])
            }
            let content = try Program.output(of: "nft", ["list", "table", family.rawValue, table])
            guard content.status == 0, !content.outText.contains("chain ") else { continue }
            _ = try Program.succeeds("nft", ["delete", "table", family.rawValue, table])
        }
    }

    // MARK: The program

    private func arguments(_ table: String, _ rest: [String]) -> [String] { ["-w", "-t", table] + rest }

    private func iptables(_ table: String, _ rest: [String]) throws(NetworkError) -> Bool {
        try Program.succeeds("iptables", arguments(table, rest))
    }

    private func require(_ table: String, _ rest: [String]) throws(NetworkError) {
        try Program.run("iptables", arguments(table, rest))
    }
}
