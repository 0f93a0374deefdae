import Domain
import Testing

@testable import Validation

@Suite("Rules of port mappings")
struct PortRuleTests {
    private static func ports(_ name: String, _ mappings: String, _ message: String, mode: String? = nil) -> Refused {
        Refused(
            name,
            Registration.one(#""portMappings":[\#(mappings)]"#, task: mode.map { #""networkMode":"\#($0)""# } ?? ""),
            message)
    }

    static let refusals = [
        ports(
            "no port", "{}",
            "Invalid 'containerPort' setting for container 'a': absent. It must be between 1 and 65535."),
        ports(
            "port 0", #"{"containerPort":0}"#,
            "Invalid 'containerPort' setting for container 'a': 0. It must be between 1 and 65535."),
        ports(
            "port 65536", #"{"containerPort":65536}"#,
            "Invalid 'containerPort' setting for container 'a': 65536. It must be between 1 and 65535."),
        ports(
            "a negative host port", #"{"containerPort":1,"hostPort":-1}"#,
            "Invalid 'hostPort' setting for container 'a': -1. It must be between 0 and 65535."),
        ports(
            "an unknown protocol", #"{"containerPort":1,"protocol":"sctp"}"#,
            "Invalid 'protocol' setting for container 'a': 'sctp'. Valid values are [tcp, udp]."),
        ports(
            "one port for two protocols", #"{"containerPort":1},{"containerPort":1,"protocol":"udp"}"#,
            "Invalid 'portMappings' setting for container 'a': container port is used multiple times in task: 1."),
        ports(
            "ports without a network", #"{"containerPort":1}"#,
            "Port mappings are not supported on container when networkMode=none.", mode: "none"),
        ports(
            "differing ports with awsvpc", #"{"containerPort":80,"hostPort":81}"#,
            "When networkMode=awsvpc, the host ports and container ports in port mappings must match.", mode: "awsvpc"),
        ports(
            "differing ports on the host", #"{"containerPort":80,"hostPort":81}"#,
            "When networkMode=host, the host ports and container ports in port mappings must match.", mode: "host"),
        ports(
            "an upper-case name", #"{"containerPort":80,"name":"Web"}"#,
            "Invalid 'portMappings.name' setting for container 'a': 'Web'. It takes 1 to 64 lower-case letters, numbers, underscores and hyphens."
        ),
        ports(
            "a name twice", #"{"containerPort":80,"name":"w"},{"containerPort":81,"name":"w"}"#,
            "Invalid 'portMappings' setting: port mapping name is already used: 'w'."),
        ports(
            "a range backwards", #"{"containerPortRange":"90-80"}"#,
            "Invalid 'containerPortRange' setting for container 'a': '90-80'. It must be FIRST-LAST, the first less than the last, both between 1 and 65535."
        ),
        ports(
            "a range of one", #"{"containerPortRange":"80-80"}"#,
            "Invalid 'containerPortRange' setting for container 'a': '80-80'. It must be FIRST-LAST, the first less than the last, both between 1 and 65535."
        ),
        ports(
            "a range with a sign", #"{"containerPortRange":"+80-90"}"#,
            "Invalid 'containerPortRange' setting for container 'a': '+80-90'. It must be FIRST-LAST, the first less than the last, both between 1 and 65535."
        ),
        ports(
            "a range beyond the last port", #"{"containerPortRange":"80-65536"}"#,
            "Invalid 'containerPortRange' setting for container 'a': '80-65536'. It must be FIRST-LAST, the first less than the last, both between 1 and 65535."
        ),
        ports(
            "a range and a port", #"{"containerPortRange":"80-90","containerPort":80}"#,
            "Invalid 'containerPortRange' setting for container 'a': cannot specify both single port and port range."),
        ports(
            "a range and a host port", #"{"containerPortRange":"80-90","hostPort":80}"#,
            "Invalid 'containerPortRange' setting for container 'a': cannot specify both single port and port range."),
        ports(
            "ranges that overlap", #"{"containerPortRange":"80-90"},{"containerPortRange":"90-95"}"#,
            "Invalid 'portMappings' setting for container 'a': container port is used multiple times in task: 90-95."),
        ports(
            "a port within a range", #"{"containerPort":85},{"containerPortRange":"80-90"}"#,
            "Invalid 'portMappings' setting for container 'a': container port is used multiple times in task: 85."),
        ports(
            "a range on the host", #"{"containerPortRange":"80-90"}"#,
            "Invalid 'containerPortRange' setting for container 'a': it is not supported when networkMode=host.",
            mode: "host"),
        ports(
            "101 ranges",
            (0..<101).map { #"{"containerPortRange":"\#($0 * 2 + 1)-\#($0 * 2 + 2)"}"# }.joined(separator: ","),
            "Invalid 'portMappings' setting for container 'a': 101 port ranges; at most 100 are allowed."),
        Refused(
            "two containers on one port of a shared network",
            #""networkMode":"awsvpc",\#(Registration.containers(Registration.container(#""portMappings":[{"containerPort":80}]"#), Registration.container(#""portMappings":[{"containerPort":80}]"#, name: "b")))"#,
            "Invalid 'portMappings' setting: container port is used multiple times in task: 80. Containers share their "
                + "ports when networkMode=awsvpc."),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(row: Refused) throws { try row.verify() }

    @Test(
        "gives the host port its default by network mode",
        arguments: [
            ("", 0), (#""networkMode":"bridge""#, 0), (#""networkMode":"host""#, 80), (#""networkMode":"awsvpc""#, 80),
        ])
    func hostPort(task: String, port: Int) throws {
        let definition = try Registration.accepted(
            Registration.one(#""portMappings":[{"containerPort":80}]"#, task: task))
        #expect(definition.containers[0].portMappings == [PortMapping(containerPort: 80, hostPort: port)])
    }

    @Test("takes ranges in networks of the task's own", arguments: ["bridge", "awsvpc"])
    func ranges(mode: String) throws {
        let definition = try Registration.accepted(
            Registration.one(
                #""portMappings":[{"containerPortRange":"8000-8010","protocol":"udp"},{"containerPort":80}]"#,
                task: #""networkMode":"\#(mode)""#))
        #expect(
            definition.containers[0].portMappings.first == PortMapping(range: PortRange(8000, 8010), transport: .udp))
        #expect(definition.requiresAttributes.contains("ecs.capability.network.container-port-range"))
    }

    @Test("takes large ranges with awsvpc only, where nothing is mapped")
    func largeRanges() throws {
        func request(_ range: String, _ mode: String) -> String {
            Registration.one(
                #""portMappings":[{"containerPortRange":"\#(range)"}]"#, task: #""networkMode":"\#(mode)""#)
        }
        _ = try Registration.accepted(request("1-65535", "awsvpc"))
        _ = try Registration.accepted(request("1-256", "bridge"))
        try Refused(
            "large", request("1-257", "bridge"),
            "containerDefinitions[].portMappings[].containerPortRange is not supported for more than 256 ports of a task "
                + "when networkMode=bridge, got 257."
        ).verify(.unsupported)
    }

    @Test("lets two containers of a bridge have the same port")
    func bridge() throws {
        let ports = #""portMappings":[{"containerPort":80}]"#
        let definition = try Registration.accepted(
            Registration.containers(Registration.container(ports), Registration.container(ports, name: "b")))
        #expect(definition.containers.count == 2)
    }
}
