import Foundation
import Logging
import TaskNetwork

/// Links and routes of the host, by `ip`.
struct HostRoutes {
    let bridge: String
    let logger: Logger

    /// The mark on our routes, so that they are known again. Free in iproute2's rt_protos.
    static let routeProtocol = "66"
    /// Names our bridges to a second agent on the same host, whose blocks are then no foreign routes.
    static let alias = "berth task network"

    struct Route: Decodable {
        var dst: String
        var dev: String?
        var gateway: String?
        var type: String?
        var `protocol`: String?
    }

    struct Link: Decodable {
        var ifname: String
        var ifalias: String?
    }

    /// The first route or address of the host that overlaps `range` and is not Berth's, or overlaps `block` on the
    /// bridge of another agent; nil for `block` before one is leased.
    func conflict(with range: CIDR, block: CIDR? = nil) throws(NetworkError) -> String? {
        let routes = try routes(["table", "all"])
        // After the routes: another agent names its bridge before it gives it an address.
        let bridges = Set(try links().filter { $0.ifalias == HostRoutes.alias }.map(\.ifname))
        for route in routes where !["broadcast", "multicast"].contains(route.type) {
            let device = route.dev ?? ""
            guard route.protocol != HostRoutes.routeProtocol, device != bridge else { continue }
            // A VPN's two halves of everything stand for a default route.
            guard let taken = CIDR(route.dst), taken.prefix > 1,
                let wanted = bridges.contains(device) ? block : range, taken.overlaps(wanted)
            else { continue }
            return device.isEmpty ? taken.description : "\(taken) on \(device)"
        }
        return nil
    }

    func hasBridge() throws(NetworkError) -> Bool { try links().contains { $0.ifname == bridge } }

    func installBridge(block: CIDR) throws(NetworkError) {
        guard let gateway = block.gateway else { throw .failed("block \(block) is too small for tasks") }
        if !(try hasBridge()) {
            // An address of its own: the kernel would else take the lowest of its ports', which changes as tasks come
            // and go and strands the neighbour tables of the others.
            let mac = (0..<5).map { _ in String(UInt8.random(in: 0...255), radix: 16) }.joined(separator: ":")
            try Program.run("ip", ["link", "add", bridge, "address", "02:\(mac)", "type", "bridge"])
        }
        try Program.run("ip", ["link", "set", bridge, "alias", HostRoutes.alias])
        try Program.run("ip", ["address", "replace", "\(gateway)/\(block.prefix)", "dev", bridge])
        try Program.run("ip", ["link", "set", bridge, "up"])
    }

    func removeBridge() throws(NetworkError) {
        if try hasBridge() { try Program.run("ip", ["link", "delete", bridge]) }
    }

    /// Beneath the blocks: a packet for a task that is gone ends here, and never follows the default route out.
    func installUnreachable(_ range: CIDR) throws(NetworkError) {
        try Program.run(
            "ip",
            ["route", "replace", "unreachable", range.description, "proto", HostRoutes.routeProtocol, "metric", "8192"])
    }

    /// Addresses of this very host.
    func localAddresses() throws(NetworkError) -> Set<String> {
        Set(try routes(["table", "local", "type", "local"]).map(\.dst))
    }

    /// Makes our routes to other hosts exactly `peers`. One that is no IPv4 route is left out, never the others with it.
    func replace(_ peers: [PeerRoute]) throws(NetworkError) {
        var wanted: [String: String] = [:]
        let local = try localAddresses()
        for peer in peers {
            guard let block = CIDR(peer.block), CIDR.address(peer.via[...]) != nil else {
                logger.warning(
                    "left out the route to another host's tasks: it needs an IPv4 block and address",
                    metadata: ["block": "\(peer.block)", "via": "\(peer.via)"])
                continue
            }
            // Another agent on this very host: its bridge is here, and its block needs no way.
            if !local.contains(peer.via) { wanted[block.description] = peer.via }
        }
        for route in try ours() where route.type != "unreachable" {
            let block = CIDR(route.dst)?.description ?? route.dst
            if wanted[block] == nil { try Program.run("ip", deletion(of: route)) }
        }
        var failures: [String] = []
        for (block, via) in wanted.sorted(by: { $0.key < $1.key }) {
            do {
                try Program.run("ip", ["route", "replace", block, "via", via, "proto", HostRoutes.routeProtocol])
            } catch {
                failures.append("\(error)")
            }
        }
        if !failures.isEmpty { throw .failed(failures.joined(separator: "; ")) }
    }

    /// Whether any agent has its bridge on this host.
    func isInUse() throws(NetworkError) -> Bool {
        try links().contains { $0.ifalias == HostRoutes.alias || $0.ifname == bridge }
    }

    func removeRoutes() throws(NetworkError) {
        for route in try ours() { try Program.run("ip", deletion(of: route)) }
    }

    // MARK: The program

    private func ours() throws(NetworkError) -> [Route] { try routes(["proto", HostRoutes.routeProtocol]) }

    private func deletion(of route: Route) -> [String] {
        let kind = route.type.map { [$0] } ?? []
        return ["route", "delete"] + kind + [route.dst, "proto", HostRoutes.routeProtocol]
    }

    private func routes(_ selector: [String]) throws(NetworkError) -> [Route] {
        try list(["-j", "-4", "route", "show"] + selector)
    }

    private func links() throws(NetworkError) -> [Link] { try list(["-j", "link", "show"]) }

    private func list<Item: Decodable>(_ arguments: [String]) throws(NetworkError) -> [Item] {
        let output = try Program.run("ip", arguments)
        guard !output.out.allSatisfy({ $0 == 0x20 || $0 == 0x0a }) else { return [] }
        do {
            return try JSONDecoder().decode([Item].self, from: output.out)
        } catch {
            throw .failed("ip \(arguments.joined(separator: " ")) gave an answer that is not understood")
        }
    }
}
