import Domain
import Foundation
import Testing

@testable import CNINetwork

@Suite("Messages to and from CNI plugins")
struct PluginMessagesTests {
    @Test func `a range is a mapping for each of its ports`() {
        let range = NetworkBinding(containerPort: 80, hostPort: 9000, transport: .udp, portCount: 3)
        let mappings = PluginConfiguration.portmap("b", bindings: [range], after: nil).runtimeConfig?.portMappings ?? []
        #expect(mappings.map(\.hostPort) == [9000, 9001, 9002])
        #expect(mappings.map(\.containerPort) == [80, 81, 82])
        #expect(mappings.map(\.protocol) == ["udp", "udp", "udp"])
    }

    @Test("the bridge plugin is asked for a gateway, hairpin and an address of the block")
    func bridge() throws {
        let block = try #require(CIDR("10.99.3.0/24"))
        let json = try encoded(.bridge("berth0", block: block, addressDirectory: "state/addresses"))
        #expect(
            json == """
                {"bridge":"berth0","cniVersion":"1.0.0","hairpinMode":true,\
                "ipam":{"dataDir":"state/addresses","ranges":[[{"gateway":"10.99.3.1","subnet":"10.99.3.0/24"}]],\
                "type":"host-local"},"isDefaultGateway":true,"isGateway":true,"name":"berth0","type":"bridge"}
                """)
    }

    @Test("portmap is given the mappings, and an address only when it is not every address")
    func portmap() throws {
        let bindings = [
            NetworkBinding(containerPort: 80, hostPort: 8080, transport: .tcp),
            NetworkBinding(bindIP: "127.0.0.1", containerPort: 53, hostPort: 5353, transport: .udp),
        ]
        let json = try encoded(.portmap("berth0", bindings: bindings, after: nil))
        #expect(
            json == """
                {"capabilities":{"portMappings":true},"cniVersion":"1.0.0","name":"berth0",\
                "runtimeConfig":{"portMappings":[{"containerPort":80,"hostPort":8080,"protocol":"tcp"},\
                {"containerPort":53,"hostIP":"127.0.0.1","hostPort":5353,"protocol":"udp"}]},\
                "snat":true,"type":"portmap"}
                """)
    }

    @Test("the task's interface is the one inside the namespace")
    func result() throws {
        let answer = """
            {"cniVersion":"1.0.0","interfaces":[{"name":"berth0","mac":"02:aa"},{"name":"veth1","mac":"02:bb"},
            {"name":"eth0","mac":"02:cc","sandbox":"run/netns/a"}],
            "ips":[{"interface":2,"address":"10.99.3.2/24","gateway":"10.99.3.1"}],"dns":{}}
            """
        let result = try JSONDecoder().decode(PluginResult.self, from: Data(answer.utf8))
        let (interface, gateway) = try #require(result.taskInterface)
        #expect(interface == TaskInterface(address: "10.99.3.2", macAddress: "02:cc"))
        #expect(gateway == "10.99.3.1")
    }

    @Test("a result whose address points nowhere has no interface", arguments: [-1, 0, 1, 7])
    func misleadingResult(index: Int) {
        let result = PluginResult(
            cniVersion: "1.0.0", interfaces: [.init(name: "berth0", mac: "02:aa"), .init(name: "eth0", sandbox: "n")],
            ips: [.init(address: "10.99.3.2/24", gateway: "10.99.3.1", interface: index)])
        #expect(result.taskInterface == nil)
    }

    private func encoded(_ configuration: PluginConfiguration) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(configuration), as: UTF8.self)
    }
}
