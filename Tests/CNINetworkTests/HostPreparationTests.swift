import CLinux
import Domain
import Foundation
import TaskNetwork
import Testing

@testable import CNINetwork

@Suite("Preparing and leaving a real host", .enabled(if: mayUseNamespaces), .serialized)
struct HostPreparationTests {
    @Test("leaves the machine as it was, whether its packet filter was untouched or in use", arguments: [false, true])
    func tearsDown(inUse: Bool) async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        if inUse {
            try host.run("iptables", "-P", "FORWARD", "DROP")
            try host.run("iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "192.0.2.0/24", "-j", "MASQUERADE")
            try host.run("sysctl", "-w", "net.ipv4.conf.all.accept_redirects=0")
            try host.run("ip", "route", "add", "198.51.100.0/24", "via", "10.200.1.9")
        }
        let before = try host.machineState()
        let network = host.network()
        try await network.prepare(TestHost.plan)
        try await network.route([PeerRoute(block: "10.99.4.0/24", via: "10.200.1.2")])
        _ = try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080), binding(53, 53, .udp)]))
        _ = try await network.attach(NetworkRequest(id: "two"))
        #expect(try host.machineState() != before)

        try await host.network().tearDown()
        let after = try host.machineState()
        for (what, state) in before { #expect(after[what] == state, "\(what)") }
        #expect(!FileManager.default.fileExists(atPath: host.configuration.stateDirectory))
    }

    @Test("two agents share a host, and the last to leave puts it back", arguments: [false, true])
    func sharesHost(firstLeavesFirst: Bool) async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        let before = try host.machineState()
        let first = host.network()
        let second = host.secondNetwork()
        try await first.prepare(TestHost.plan)
        try await second.prepare(HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.4.0/24"))
        try await first.route([PeerRoute(block: "10.99.4.0/24", via: "10.200.1.1")])
        let one = try await first.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
        let two = try await second.attach(NetworkRequest(id: "two", bindings: [binding(80, 8081)]))
        #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", two.interface.address, inside: one.namespacePath))
        if firstLeavesFirst {
            try await first.tearDown()
            let three = try await second.attach(NetworkRequest(id: "three"))
            #expect(
                try host.succeeds("busybox", "ping", "-c1", "-W2", three.interface.address, inside: two.namespacePath))
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "10.200.1.1", inside: three.namespacePath))
            #expect(try host.run("ip", "route").contains("unreachable 10.99.0.0/16"))
            try await second.tearDown()
        } else {
            try await second.tearDown()
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "10.200.1.1", inside: one.namespacePath))
            try await first.tearDown()
        }
        let after = try host.machineState()
        for (what, state) in before { #expect(after[what] == state, "\(what)") }
    }

    @Test("tearing down what was never prepared changes nothing")
    func tearsDownNothing() async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        let before = try host.machineState()
        try await host.network().tearDown()
        #expect(try host.machineState() == before)
    }

    @Test("leaves the portmap chains to somebody else who uses them")
    func leavesForeignChains() async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        let network = host.network()
        try await network.prepare(TestHost.plan)
        _ = try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
        try host.run("iptables", "-t", "nat", "-N", "CNI-DN-somebody")
        try host.run(
            "iptables", "-t", "nat", "-A", "CNI-HOSTPORT-DNAT", "-p", "tcp", "--dport", "99", "-j", "CNI-DN-somebody")
        try await network.tearDown()
        let rules = try host.run("iptables-save")
        #expect(rules.contains("-A CNI-HOSTPORT-DNAT -p tcp -m tcp --dport 99 -j CNI-DN-somebody"))
        #expect(rules.contains("-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT"))
        #expect(!rules.contains("BERTH"))
    }

    @Test(
        "refuses a range that overlaps a route or address of the host", arguments: ["10.200.0.0/16", "10.200.1.0/25"])
    func refusesOverlap(range: String) async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        let before = try host.machineState()
        await #expect(throws: NetworkError.self) { try await host.network().check(taskRange: range) }
        do {
            try await host.network().prepare(HostNetworkPlan(taskRange: range, block: range))
            Issue.record("the range is taken")
        } catch {
            guard case .overlap(let text) = error else { throw error }
            #expect(text.contains("10.200.1.0/24 on out0") || text.contains("10.200.1.1/32 on out0"))
        }
        #expect(try host.machineState() == before)
    }

    @Test("refuses a bridge that somebody else made, and does not remove it either")
    func refusesForeignBridge() async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        try host.run("ip", "link", "add", "berth0", "type", "bridge")
        let before = try host.machineState()
        let network = host.network()
        do {
            try await network.prepare(TestHost.plan)
            Issue.record("the name is taken")
        } catch {
            guard case .overlap(let text) = error else { throw error }
            #expect(text.contains("berth0"))
        }
        try await network.tearDown()
        #expect(try host.machineState() == before)
    }

    @Test("a second installation under the same name of a bridge is refused, and its leaving harms nothing")
    func refusesSecondInstallation() async throws {
        try await withHost { host, _ in
            func shared() throws -> [String?] {
                let state = try host.machineState()
                return [state["rules"], state["settings"], try host.run("ip", "route", "show", "proto", "66")]
            }
            let before = try shared()
            let second = host.secondNetwork(bridge: "berth0")
            await #expect(throws: NetworkError.self) {
                try await second.prepare(HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.4.0/24"))
            }
            try await second.tearDown()
            #expect(try shared() == before)
            #expect(try host.succeeds("ip", "link", "show", "berth0"))
        }
    }

    @Test("refuses the block that another agent of the host has")
    func refusesSharedBlock() async throws {
        try await withHost { host, _ in
            let second = host.secondNetwork()
            try await second.check(taskRange: TestHost.plan.taskRange)
            await #expect(throws: NetworkError.self) { try await second.prepare(TestHost.plan) }
            try await second.tearDown()
            #expect(try host.run("ip", "route").contains("unreachable 10.99.0.0/16"))
            #expect(try host.run("iptables-save").contains("BERTH-FWD-berth0"))
        }
    }

    @Test("prepares twice without a second rule, and keeps the first memory of the host")
    func preparesTwice() async throws {
        try await withHost { host, network in
            let rules = try host.run("iptables-save", "-t", "filter").split(separator: "\n").filter {
                $0.hasPrefix("-A")
            }
            let memory = try hostMemory(of: host)
            try await network.prepare(TestHost.plan)
            try await host.network().prepare(TestHost.plan)
            let again = try host.run("iptables-save", "-t", "filter").split(separator: "\n").filter {
                $0.hasPrefix("-A")
            }
            #expect(rules == again)
            #expect(try hostMemory(of: host) == memory)
        }
    }

    @Test("a packet for a task that is nowhere ends here")
    func endsUnknownDestinations() async throws {
        try await withHost { host, network in
            try host.run("ip", "route", "add", "default", "via", "10.200.1.9")
            let task = try await network.attach(NetworkRequest(id: "one"))
            #expect(!(try host.succeeds("ip", "route", "get", "10.99.77.7")))
            #expect(!(try host.succeeds("busybox", "ping", "-c1", "-W1", "10.99.77.7", inside: task.namespacePath)))
            #expect(try host.run("ip", "route", "get", "10.99.3.200").contains("berth0"))
        }
    }

    @Test("routes to other hosts' blocks are exactly those given last")
    func routesPeers() async throws {
        try await withHost { host, network in
            try await network.route([
                PeerRoute(block: "10.99.4.0/24", via: "10.200.1.2"),
                PeerRoute(block: "10.99.5.0/24", via: "10.200.1.3"),
            ])
            try await network.route([
                PeerRoute(block: "10.99.4.0/24", via: "10.200.1.4"),
                PeerRoute(block: "10.99.3.0/24", via: "10.200.1.1"),
            ])
            let routes = try host.run("ip", "route", "show", "proto", "66")
            #expect(routes.contains("10.99.4.0/24 via 10.200.1.4"))
            #expect(!routes.contains("10.99.5.0/24") && !routes.contains("via 10.200.1.1"))
            #expect(routes.contains("unreachable 10.99.0.0/16"))
        }
    }

    @Test("leaves out a peer that is no IPv4 route, and routes to the others")
    func skipsBadPeers() async throws {
        try await withHost { host, network in
            try await network.route([
                PeerRoute(block: "10.99.4.0/24", via: "2001:db8::1"),
                PeerRoute(block: "fd00::/64", via: "10.200.1.3"),
                PeerRoute(block: "10.99.5.0/24", via: "10.200.1.2"),
            ])
            let routes = try host.run("ip", "route", "show", "proto", "66")
            #expect(routes.contains("10.99.5.0/24 via 10.200.1.2"))
            #expect(routes.components(separatedBy: " via ").count == 2)
        }
    }

    @Test("moves to another block only when no task has an address of the old one")
    func changesBlock() async throws {
        try await withHost { host, network in
            let other = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.8.0/24")
            _ = try await network.attach(NetworkRequest(id: "one"))
            await #expect(throws: NetworkError.self) { try await network.prepare(other) }
            try await network.detach("one")
            try await network.prepare(other)
            #expect(try await network.attach(NetworkRequest(id: "one")).interface.address.hasPrefix("10.99.8."))
            #expect(!(try host.run("ip", "-o", "address").contains("10.99.3.")))
        }
    }

    @Test(
        "what leaves the task range is masqueraded, on a host that forwards for nobody else too",
        arguments: [
            "ACCEPT", "DROP",
        ])
    func masquerades(policy: String) async throws {
        try await withHost { host, network in
            try host.run("iptables", "-P", "FORWARD", policy)
            // The other end of the host's link, in a namespace of its own, knows no way to task addresses.
            let outside = "\(host.directory)/outside"
            try #require(clinux_netns_create(outside) == 0)
            defer { _ = clinux_netns_remove(outside) }
            try host.run("ip", "link", "set", "out1", "netns", outside)
            try host.run("ip", "address", "add", "10.200.1.2/24", "dev", "out1", inside: outside)
            try host.run("ip", "link", "set", "out1", "up", inside: outside)
            let task = try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "10.200.1.2", inside: task.namespacePath))
            let server = try webServer(on: host, in: task, saying: "from outside")
            defer { server.stop() }
            try await eventually("the page is there for another machine") {
                try host.succeeds("curl", "-sf", "-m", "2", "http://10.200.1.1:8080/", inside: outside)
            }
            #expect(!(try host.succeeds("busybox", "ping", "-c1", "-W1", "192.0.2.1", inside: task.namespacePath)))
        }
    }

    private func hostMemory(of host: TestHost) throws -> HostRecord {
        let memory = HostMemory(directory: host.configuration.hostMemoryDirectory)
        let record = try #require(Namespace.call(host.namespace) { Result { try memory.record() } }).get()
        return try #require(record)
    }
}
