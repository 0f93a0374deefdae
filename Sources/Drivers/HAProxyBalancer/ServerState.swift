import Balancer

/// One server as a worker has it: a row of `show servers state`.
struct ServerState: Hashable {
    var backend: String
    var name: String
    var endpoint: Endpoint
    var isUp: Bool
    /// Takes nothing, whatever its checks say.
    var isOff: Bool
    /// The last check succeeded, and there was one since it was last set down.
    var hasPassed: Bool
    /// The row itself.
    var row: Substring
}

/// All servers of a worker.
struct ServerStates {
    private(set) var head: [Substring] = []
    /// By backend, then server.
    private(set) var servers: [String: [String: ServerState]] = [:]

    init() {}

    /// - Source: HAProxy management guide, "show servers state"
    init(_ text: String) {
        var columns: [Substring: Int] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")).lazy.map(Substring.init) {
            if line.hasPrefix("# ") {
                head = ["1", line]
                for (index, name) in line.dropFirst(2).split(separator: " ").enumerated() { columns[name] = index }
                continue
            }
            let fields = line.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
            func field(_ name: Substring) -> Substring? {
                columns[name].flatMap { fields.indices.contains($0) ? fields[$0] : nil }
            }
            guard let backend = field("be_name"), let name = field("srv_name"), let address = field("srv_addr"),
                let port = field("srv_port").flatMap({ Int($0) }),
                let admin = field("srv_admin_state").flatMap({ Int($0) })
            else { continue }
            servers[String(backend), default: [:]][String(name)] = ServerState(
                backend: String(backend), name: String(name), endpoint: Endpoint(address: String(address), port: port),
                isUp: field("srv_op_state") != "0",
                // Forced, inherited or for want of resolution; "by configuration" alone says how it started.
                isOff: admin & 0x23 != 0,
                hasPassed: field("srv_check_result") == "3" && field("srv_check_health") != "0", row: line)
        }
    }

    subscript(_ group: String, _ server: String) -> ServerState? { servers[Names.group(group)]?[server] }

    /// Takes the backends of `other` instead of its own.
    mutating func replace(_ other: ServerStates) {
        if head.isEmpty { head = other.head }
        servers.merge(other.servers) { $1 }
    }

    /// The places of a group as they are, for targets that `plan` names.
    func slots(of group: TargetGroupPlan, room: Int) -> Slots {
        let targets = Dictionary(group.targets.map { (Endpoint($0), $0) }) { first, _ in first }
        return Slots(
            places: (0..<room).map { index in
                guard let checked = self[group.id, Names.checked(index)], let open = self[group.id, Names.open(index)],
                    let target = targets[checked.endpoint], checked.endpoint == open.endpoint
                else { return nil }
                return Slot(target: target, isProven: !open.isOff)
            })
    }

    /// How many places a group has.
    func room(of group: String) -> Int { (servers[Names.group(group)]?.count ?? 0) / 2 }

    /// The file from which the next worker takes the health of those targets that stay in their places. Rows of others would
    /// put ports of gone targets on them.
    func file(for slots: [String: Slots]) -> String {
        var lines = head
        for (group, slots) in slots.sorted(by: { $0.key < $1.key }) {
            for (index, slot) in slots.places.enumerated() {
                guard let slot else { continue }
                for name in [Names.checked(index), Names.open(index)] {
                    if let state = self[group, name], state.endpoint == Endpoint(slot.target) {
                        lines.append(state.row)
                    }
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// How a worker's servers come to be what the plan says.
enum ServerCommands {
    /// For a worker whose states are known.
    static func all(_ group: TargetGroupPlan, _ slots: Slots, _ states: ServerStates) -> [String] {
        slots.places.indices.flatMap { index -> [String] in
            guard let checked = states[group.id, Names.checked(index)], let open = states[group.id, Names.open(index)]
            else { return [] }
            return commands(group, index, slots.places[index], checked, open)
        }
    }

    private static func commands(
        _ group: TargetGroupPlan, _ index: Int, _ slot: Slot?, _ checked: ServerState, _ open: ServerState
    ) -> [String] {
        let wanted = slot.map { Endpoint($0.target) } ?? Endpoint.nowhere
        let isThere = checked.endpoint == wanted && open.endpoint == wanted
        if let slot, isThere, slot.target.state == .active, !checked.isOff {
            return slot.isProven == open.isOff ? [prove(group.id, index, slot.isProven)] : []
        }
        if isThere, checked.isOff, open.isOff, slot?.target.state != .active { return [] }
        var commands = leave(group, index, closes: checked.endpoint != wanted && checked.endpoint != .nowhere)
        if !isThere {
            commands += servers(group.id, index).map { "set server \($0) addr \(wanted.address) port \(wanted.port)" }
        }
        if slot?.target.state == .active { commands += arrive(group.id, index) }
        return commands
    }

    /// Servers, as `backend/server`, whose targets are gone and whose connections end with them.
    static func departed(_ group: TargetGroupPlan, from old: Slots, to new: Slots?) -> [String] {
        guard group.closesConnections else { return [] }
        return old.places.enumerated().flatMap { index, slot -> [String] in
            guard let slot else { return [] }
            let next = new.flatMap { $0.places.indices.contains(index) ? $0.places[index] : nil }
            let stays = next.map { Endpoint($0.target) == Endpoint(slot.target) } ?? false
            return stays ? [] : servers(group.id, index)
        }
    }

    /// Closes the connections to `servers` in an old worker, which takes no command about servers any more.
    ///
    /// - Parameter sessions: its answer to `show sess`.
    static func close(_ servers: Set<String>, in sessions: String) -> [String] {
        sessions.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let id = words.first?.prefix(while: { $0 != ":" }), id.hasPrefix("0x"),
                let backend = words.first(where: { $0.hasPrefix("be=") })?.dropFirst(3),
                let server = words.first(where: { $0.hasPrefix("srv=") })?.dropFirst(4),
                servers.contains("\(backend)/\(server)")
            else { return nil }
            return "shutdown session \(id)"
        }
    }

    private static func leave(_ group: TargetGroupPlan, _ index: Int, closes: Bool) -> [String] {
        let servers = servers(group.id, index)
        return servers.map { "set server \($0) state maint" }
            + (closes && group.closesConnections ? servers.map { "shutdown sessions server \($0)" } : [])
    }

    /// Without weight nothing comes in the moment between `ready`, which would take traffic at once, and `down`.
    private static func arrive(_ group: String, _ index: Int) -> [String] {
        let server = servers(group, index)[0]
        return ["weight 0", "state ready", "health down", "weight 1"].map { "set server \(server) \($0)" }
    }

    /// Whether a target takes traffic when none is healthy.
    static func prove(_ group: String, _ index: Int, _ isProven: Bool) -> String {
        "set server \(servers(group, index)[1]) state \(isProven ? "ready" : "maint")"
    }

    /// A target that passed its first check is healthy at once, whatever the threshold.
    static func raise(_ group: String, _ index: Int) -> String { "set server \(servers(group, index)[0]) health up" }

    private static func servers(_ group: String, _ index: Int) -> [String] {
        [Names.checked(index), Names.open(index)].map { "\(Names.group(group))/\($0)" }
    }
}
