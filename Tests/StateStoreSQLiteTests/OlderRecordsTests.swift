import Domain
import Foundation
import Testing

@Suite("Records of older versions")
struct OlderRecordsTests {
    @Test("a container definition without the newer members is read")
    func container() throws {
        let text = """
            {"name":"a","image":"i","cpu":0,"memory":64,"essential":true,"environment":[],"portMappings":[{"containerPort":80,
            "hostPort":0,"transport":"tcp"}],"mountPoints":[],"dependsOn":[],"ulimits":[],"addCapabilities":[],
            "dropCapabilities":[],"tmpfs":[],"systemControls":[],"extraHosts":[],"dnsServers":[],"dnsSearchDomains":[],
            "dockerLabels":[]}
            """
        let read = try JSONDecoder().decode(ContainerDefinition.self, from: Data(text.utf8))
        var expected = ContainerDefinition(name: "a", image: "i")
        expected.memory = MemoryMiB(64)
        expected.portMappings = [PortMapping(containerPort: 80)]
        #expect(read == expected)
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        var definition = ContainerDefinition(name: "a", image: "i")
        definition.links = [ContainerLink(container: "b", alias: "c")]
        definition.volumesFrom = [VolumesFrom(container: "b", readOnly: true)]
        definition.devices = [DeviceMapping(hostPath: "/dev/fuse", permissions: [.mknod])]
        definition.dockerSecurityOptions = ["no-new-privileges"]
        definition.portMappings = [PortMapping(range: PortRange(1, 9), transport: .udp)]
        let bytes = try JSONEncoder().encode(definition)
        #expect(try JSONDecoder().decode(ContainerDefinition.self, from: bytes) == definition)
    }

    @Test("a binding, a volume and a definition without the newer members are read")
    func others() throws {
        let binding = try JSONDecoder().decode(
            NetworkBinding.self,
            from: Data(#"{"bindIP":"0.0.0.0","containerPort":80,"hostPort":81,"transport":"tcp"}"#.utf8))
        #expect(binding == NetworkBinding(containerPort: 80, hostPort: 81, transport: .tcp))
        let volume = try JSONDecoder().decode(VolumeDefinition.self, from: Data(#"{"name":"v"}"#.utf8))
        #expect(volume == VolumeDefinition(name: "v"))
    }
}
