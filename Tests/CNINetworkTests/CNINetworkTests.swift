import CLinux
import Domain
import Foundation
import Logging
import TaskNetwork
import Testing

@testable import CNINetwork

@Suite("The task network of a real host", .enabled(if: mayUseNamespaces), .serialized)
struct CNINetworkTests {
    @Test("gives every attachment an address, and tasks and host reach each other")
    func attaches() async throws {
        try await withHost { host, network in
            let first = try await network.attach(NetworkRequest(id: "first"))
            let second = try await network.attach(NetworkRequest(id: "second"))
            #expect(first.interface.address != second.interface.address)
            #expect(first.gateway == "10.99.3.1")
            let server = try webServer(on: host, in: first, saying: "from the first")
            defer { server.stop() }
            try await eventually("the other task gets the page") {
                try host.succeeds(
                    "curl", "-sf", "-m", "2", "http://\(first.interface.address)/", inside: second.namespacePath)
            }
            #expect(try host.run("curl", "-sf", "-m", "2", "http://\(first.interface.address)/") == "from the first")
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "10.200.1.1", inside: second.namespacePath))
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "127.0.0.1", inside: second.namespacePath))
        }
    }

    @Test("answers the same attachment for the same id, and nothing is left after detaching twice")
    func isIdempotent() async throws {
        try await withHost { host, network in
            let before = try host.run("ip", "-o", "link")
            let request = NetworkRequest(id: "a/web", bindings: [binding(80, 8080)])
            let once = try await network.attach(request)
            #expect(try await network.attach(request) == once)
            #expect(try await network.attachments() == ["a/web"])
            try await network.detach("a/web")
            try await network.detach("a/web")
            #expect(try await network.attachments() == [])
            #expect(clinux_netns_exists(once.namespacePath) == 0)
            #expect(
                try host.run("ip", "-o", "link").split(separator: "\n").count == before.split(separator: "\n").count)
            #expect(!(try host.run("iptables-save").contains("8080")))
        }
    }

    @Test("gives an isolated task a loopback interface and nothing else, also after a restart")
    func isolates() async throws {
        try await withHost(warm: 1) { host, network in
            let request = NetworkRequest(id: "alone", isIsolated: true)
            let alone = try await network.attach(request)
            #expect(alone.interface == TaskInterface(address: "", macAddress: ""))
            #expect(alone.gateway.isEmpty)
            let links = try host.run("ip", "-o", "link", inside: alone.namespacePath).split(separator: "\n")
            #expect(links.count == 1)
            #expect(links.first?.contains(" lo: ") == true)
            #expect(try host.succeeds("busybox", "ping", "-c1", "-W2", "127.0.0.1", inside: alone.namespacePath))
            #expect(!(try host.succeeds("busybox", "ping", "-c1", "-W1", "10.99.3.1", inside: alone.namespacePath)))
            #expect(try reservedAddresses(on: host).isEmpty)
            let again = host.network()
            #expect(try await again.attach(request) == alone)
            #expect(try await again.attachments() == ["alone"])
            await #expect(throws: NetworkError.self) {
                try await again.attach(NetworkRequest(id: "ported", bindings: [binding(80, 8080)], isIsolated: true))
            }
            try await again.detach("alone")
            #expect(clinux_netns_exists(alone.namespacePath) == 0)
            #expect(try await again.attachments().isEmpty)
        }
    }

    @Test("takes one namespace written down twice for one")
    func toleratesDoubleRecord() async throws {
        try await withHost { host, network in
            let task = try await network.attach(NetworkRequest(id: "one"))
            let folder = "\(host.configuration.stateDirectory)/namespaces"
            let name = try #require(try JSONFile.names(in: folder).first)
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(folder)/copy-\(name)")
            let again = host.network()
            #expect(try await again.attachments() == ["one"])
            #expect(try await again.attach(NetworkRequest(id: "one")) == task)
            try FileManager.default.removeItem(atPath: "\(folder)/copy-\(name)")
        }
    }

    @Test("opens host ports on every address, the loopback and from other tasks")
    func opensPorts() async throws {
        try await withHost { host, network in
            let web = try await network.attach(NetworkRequest(id: "web", bindings: [binding(80, 8080)]))
            let other = try await network.attach(NetworkRequest(id: "other"))
            let server = try webServer(on: host, in: web, saying: "mapped")
            defer { server.stop() }
            try await eventually("the page is there") {
                try host.succeeds("curl", "-sf", "-m", "2", "http://\(web.interface.address)/")
            }
            for (address, place) in [
                ("127.0.0.1", nil), ("10.200.1.1", nil), ("10.99.3.1", other.namespacePath),
                ("10.200.1.1", other.namespacePath), ("10.200.1.1", web.namespacePath),
            ] {
                #expect(
                    try host.succeeds("curl", "-sf", "-m", "2", "http://\(address):8080/", inside: place),
                    "\(address) from \(place ?? "the host")")
            }
        }
    }

    @Test("opens UDP ports")
    func opensUDP() async throws {
        try await withHost { host, network in
            let task = try await network.attach(NetworkRequest(id: "udp", bindings: [binding(5353, 5353, .udp)]))
            let socket = try #require(Namespace.call(task.namespacePath) { udpSocket(port: 5353) })
            try #require(socket >= 0)
            defer { close(socket) }
            try host.run("bash", "-c", "echo hello > /dev/udp/10.200.1.1/5353")
            try await eventually("the datagram arrives") {
                var buffer = [UInt8](repeating: 0, count: 16)
                let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                return count > 0 && buffer.starts(with: Array("hello".utf8))
            }
        }
    }

    @Test("refuses a host port that another attachment maps, until that is detached")
    func refusesMappedPort() async throws {
        try await withHost { _, network in
            _ = try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
            await #expect(throws: NetworkError.portTaken(Domain.Port(8080), by: "one")) {
                try await network.attach(NetworkRequest(id: "two", bindings: [binding(81, 8080)]))
            }
            #expect(try await network.attachments() == ["one"])
            _ = try await network.attach(NetworkRequest(id: "udp", bindings: [binding(80, 8080, .udp)]))
            try await network.detach("one")
            _ = try await network.attach(NetworkRequest(id: "two", bindings: [binding(81, 8080)]))
        }
    }

    @Test("refuses a host port that a process of the host listens on", arguments: ["0.0.0.0", "127.0.0.1"])
    func refusesBoundPort(address: String) async throws {
        try await withHost { host, network in
            let listener = clinux_netns_listen(host.namespace, address, 9090, 1)
            try #require(listener >= 0)
            await #expect(throws: NetworkError.portTaken(Domain.Port(9090), by: "a process of this host")) {
                try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 9090)]))
            }
            close(listener)
            // A program that another test is starting now may hold the descriptor until its exec.
            try await eventually("the port is free again") {
                (try? await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 9090)]))) != nil
            }
        }
    }

    @Test(
        "adopts after a restart what is whole, and removes what was half-made",
        arguments: [
            Slot.Phase.making, .attaching, .removing,
        ])
    func adopts(phase: Slot.Phase) async throws {
        try await withHost { host, network in
            let kept = try await network.attach(NetworkRequest(id: "kept", bindings: [binding(80, 8080)]))
            let torn = try await network.attach(NetworkRequest(id: "torn", bindings: [binding(80, 8081)]))
            let lost = try await network.attach(NetworkRequest(id: "lost"))
            let files = StateFiles(directory: host.configuration.stateDirectory)
            var record = try #require(try files.slots().first { $0.id == "torn" })
            record.phase = phase
            try files.write(record)
            try #require(clinux_netns_remove(lost.namespacePath) == 0)

            let restarted = host.network()
            #expect(try await restarted.attachments() == ["kept"])
            #expect(clinux_netns_exists(torn.namespacePath) == 0)
            #expect(!(try host.run("iptables-save").contains("8081")))
            try await restarted.prepare(TestHost.plan)
            #expect(try await restarted.attach(NetworkRequest(id: "kept", bindings: [binding(80, 8080)])) == kept)
            await #expect(throws: NetworkError.portTaken(Domain.Port(8080), by: "kept")) {
                try await restarted.attach(NetworkRequest(id: "new", bindings: [binding(80, 8080)]))
            }
            #expect(try reservedAddresses(on: host) == [kept.interface.address])
        }
    }

    @Test("leaves nothing of an attachment whose ports could not be opened, and says what the plugin said")
    func cleansUpAfterFailure() async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        let plugins = "\(host.directory)/plugins"
        try FileManager.default.createDirectory(atPath: plugins, withIntermediateDirectories: true)
        for name in ["bridge", "host-local"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(plugins)/\(name)", withDestinationPath: "/usr/lib/cni/\(name)")
        }
        let script = """
            #!/bin/sh
            [ "$CNI_COMMAND" = DEL ] && exit 0
            echo '{"cniVersion":"1.0.0","code":100,"msg":"no such luck"}'
            exit 1
            """
        let isMade = FileManager.default.createFile(
            atPath: "\(plugins)/portmap", contents: Data(script.utf8), attributes: [.posixPermissions: 0o755])
        try #require(isMade)
        var configuration = host.configuration
        configuration.pluginDirectory = plugins
        let network = CNINetwork(configuration, logger: Logger(label: "test"))
        try await network.prepare(TestHost.plan)
        await #expect(throws: NetworkError.failed("CNI plugin portmap ADD: no such luck")) {
            try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
        }
        #expect(try await network.attachments() == [])
        #expect(try reservedAddresses(on: host) == [])
        #expect(try JSONFile.names(in: "\(host.configuration.runDirectory)/netns") == [])
        _ = try await network.attach(NetworkRequest(id: "two"))
        try await network.tearDown()
    }

    @Test("refuses one request that wants a port twice")
    func refusesDoublePort() async throws {
        try await withHost { _, network in
            await #expect(throws: NetworkError.portTaken(Domain.Port(8080), by: "the same request")) {
                try await network.attach(
                    NetworkRequest(id: "one", bindings: [binding(80, 8080), binding(81, 8080)]))
            }
        }
    }

    @Test("hands out waiting namespaces and makes new ones")
    func keepsWarm() async throws {
        try await withHost(warm: 2) { host, network in
            let files = StateFiles(directory: host.configuration.stateDirectory)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await network.keepWarm() }
                try await eventually("two wait") { try files.slots().filter { $0.phase == .ready }.count == 2 }
                let waiting = Set(try files.slots().map(\.name))
                _ = try await network.attach(NetworkRequest(id: "one", bindings: [binding(80, 8080)]))
                let taken = try #require(try files.slots().first { $0.id == "one" })
                #expect(waiting.contains(taken.name))
                try await eventually("two wait again") { try files.slots().filter { $0.phase == .ready }.count == 2 }
                #expect(try await network.attachments() == ["one"])
                group.cancelAll()
            }
        }
    }

    @Test("says when the block has no address left")
    func isExhausted() async throws {
        let plan = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.3.0/30")
        try await withHost(plan: plan) { _, network in
            _ = try await network.attach(NetworkRequest(id: "one"))
            do {
                _ = try await network.attach(NetworkRequest(id: "two"))
                Issue.record("a /30 has room for one task")
            } catch {
                guard case .exhausted? = error as? NetworkError else { throw error }
            }
            #expect(try await network.attachments() == ["one"])
        }
    }
}

/// Runs `body` on a prepared host; what it attached is torn down after it.
func withHost(
    warm: Int = 0, plan: HostNetworkPlan = TestHost.plan, _ body: (TestHost, CNINetwork) async throws -> Void
) async throws {
    let host = try await TestHost.settled(warm: warm)
    defer { host.remove() }
    let network = host.network()
    try await network.prepare(plan)
    try await body(host, network)
    try await network.tearDown()
}

/// Addresses that the plugin holds for somebody.
func reservedAddresses(on host: TestHost) throws -> [String] {
    let files = StateFiles(directory: host.configuration.stateDirectory)
    return try JSONFile.names(in: "\(files.addressDirectory)/berth0").filter { $0.hasPrefix("10.") }
}

func binding(_ container: Int, _ host: Int, _ transport: Domain.Port.Transport = .tcp) -> NetworkBinding {
    NetworkBinding(containerPort: container, hostPort: host, transport: transport)
}

/// A UDP socket on every address of the calling thread's namespace; negative when it cannot be made.
func udpSocket(port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    return bound == 0 ? descriptor : -1
}

/// A web server with one page on port 80 of an attachment.
func webServer(on host: TestHost, in attachment: NetworkAttachment, saying text: String) throws -> TestProgram {
    let pages = "\(host.directory)/pages"
    try FileManager.default.createDirectory(atPath: pages, withIntermediateDirectories: true)
    try text.write(toFile: "\(pages)/index.html", atomically: true, encoding: .utf8)
    return try TestProgram(
        "/bin/busybox", ["httpd", "-f", "-p", "80", "-h", pages], inside: attachment.namespacePath)
}
