import Domain
import Testing

@testable import Validation

@Suite("Rules of one container")
struct ContainerRuleTests {
    private static func one(_ name: String, _ container: String, _ message: String) -> Refused {
        Refused(name, Registration.one(container), message)
    }

    static let process = [
        one(
            "a user with a space", #""user":"a b""#,
            "Invalid 'user' setting for container 'a': 'a b'. It is user, user:group, uid or uid:gid."),
        one(
            "a negative user", #""user":"-1""#,
            "Invalid 'user' setting for container 'a': '-1'. It is user, user:group, uid or uid:gid."),
        one(
            "a user number beyond 32 bits", #""user":"4294967296:0""#,
            "Invalid 'user' setting for container 'a': '4294967296:0'. It is user, user:group, uid or uid:gid."),
        one(
            "three parts of a user", #""user":"a:b:c""#,
            "Invalid 'user' setting for container 'a': 'a:b:c'. It is user, user:group, uid or uid:gid."),
        one(
            "a variable without name", #""environment":[{"value":"x"}]"#,
            "Invalid 'environment' setting for container 'a': a variable needs a name."),
        Refused(
            "a digest that is none", #""containerDefinitions":[{"name":"a","image":"a@sha256:12","memory":9}]"#,
            "Container.image contains invalid characters or is too long: 'a@sha256:12'."),
        Refused(
            "a space in an image", #""containerDefinitions":[{"name":"a","image":"a b","memory":9}]"#,
            "Container.image contains invalid characters or is too long: 'a b'."),
        Refused(
            "a name with a dot", #""containerDefinitions":[{"name":"a.b","image":"a","memory":9}]"#,
            "Container.name contains invalid characters: 'a.b'."),
    ]

    static let lifecycle = [
        one(
            "a short interval", #""healthCheck":{"command":["CMD","a"],"interval":4}"#,
            "Invalid 'healthCheck.interval' setting for container 'a': 4. It must be between 5 and 300."),
        one(
            "a long interval", #""healthCheck":{"command":["CMD","a"],"interval":301}"#,
            "Invalid 'healthCheck.interval' setting for container 'a': 301. It must be between 5 and 300."),
        one(
            "a short timeout", #""healthCheck":{"command":["CMD","a"],"timeout":1}"#,
            "Invalid 'healthCheck.timeout' setting for container 'a': 1. It must be between 2 and 60."),
        one(
            "no retries", #""healthCheck":{"command":["CMD","a"],"retries":0}"#,
            "Invalid 'healthCheck.retries' setting for container 'a': 0. It must be between 1 and 10."),
        one(
            "a long start period", #""healthCheck":{"command":["CMD","a"],"startPeriod":301}"#,
            "Invalid 'healthCheck.startPeriod' setting for container 'a': 301. It must be between 0 and 300."),
        one(
            "a check without command", #""healthCheck":{"command":["CMD-SHELL"]}"#,
            "Invalid 'healthCheck.command' setting for container 'a': a command is needed."),
        one(
            "a short attempt period", #""restartPolicy":{"enabled":true,"restartAttemptPeriod":59}"#,
            "Invalid 'restartAttemptPeriod' setting: the 'restartAttemptPeriod' setting for container 'a' must be between 60 and 1800, got 59."
        ),
        one(
            "51 ignored codes",
            #""restartPolicy":{"enabled":true,"ignoredExitCodes":[\#(Array(repeating: "1", count: 51).joined(separator: ","))]}"#,
            "Invalid 'ignoredExitCodes' setting for container 'a': 51 codes; at most 50 are allowed."),
        one(
            "a start timeout of a second", #""startTimeout":1"#,
            "Invalid 'startTimeout' setting for container 'a': 1. It must be between 2 and 3600."),
        one(
            "a negative stop timeout", #""stopTimeout":-1"#,
            "Invalid 'stopTimeout' setting for container 'a': -1. It must be between 0 and 3600."),
        one(
            "an unknown condition", #""dependsOn":[{"containerName":"a","condition":"start"}]"#,
            "Invalid 'dependsOn' setting for container 'a': condition 'start'. Valid values are [START, COMPLETE, SUCCESS, HEALTHY]."
        ),
        one(
            "an unknown dependency", #""dependsOn":[{"containerName":"b","condition":"START"}]"#,
            "Cannot depend on container b because it does not exist."),
        one(
            "itself", #""dependsOn":[{"containerName":"a","condition":"START"}]"#,
            "Invalid 'dependsOn' setting: containers depend on each other in a circle; 'a' is one of them."),
        Refused(
            "waiting for an essential container to end",
            Registration.containers(
                Registration.container(),
                Registration.container(#""dependsOn":[{"containerName":"a","condition":"SUCCESS"}]"#, name: "b")),
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"),
        Refused(
            "waiting for health that nobody checks",
            Registration.containers(
                Registration.container(),
                Registration.container(#""dependsOn":[{"containerName":"a","condition":"HEALTHY"}]"#, name: "b")),
            "A dependency container with HEALTHY condition must have health check configured: 'a'."),
        Refused(
            "a circle over dependsOn, links and volumesFrom",
            Registration.containers(
                Registration.container(#""dependsOn":[{"containerName":"b","condition":"START"}]"#),
                Registration.container(#""links":["c"]"#, name: "b"),
                Registration.container(#""volumesFrom":[{"sourceContainer":"a"}]"#, name: "c")),
            "Invalid 'dependsOn' setting: containers depend on each other in a circle; 'a' is one of them."),
    ]

    static let kernel = [
        one(
            "a soft limit above the hard one", #""ulimits":[{"name":"nofile","softLimit":2,"hardLimit":1}]"#,
            "Soft limit exceeds hard limit for ulimit nofile of container 'a': 2 and 1."),
        one(
            "an endless soft limit below an end", #""ulimits":[{"name":"nofile","softLimit":-1,"hardLimit":1}]"#,
            "Soft limit exceeds hard limit for ulimit nofile of container 'a': -1 and 1."),
        one(
            "an unknown limit", #""ulimits":[{"name":"files","softLimit":1,"hardLimit":1}]"#,
            "Invalid 'ulimits' setting for container 'a': 'files' needs a known name, a softLimit and a hardLimit."),
        one(
            "an unknown capability", #""linuxParameters":{"capabilities":{"add":["FLY"]}}"#,
            "Invalid 'capabilities' setting for container 'a': 'FLY'."),
        one(
            "a tmpfs without size", #""linuxParameters":{"tmpfs":[{"containerPath":"/t"}]}"#,
            "Invalid 'tmpfs' setting for container 'a': an absolute containerPath and a size in MiB above 0 are needed."
        ),
        one(
            "an unknown tmpfs option",
            #""linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["fast"]}]}"#,
            "Invalid 'mountOptions' setting for tmpfs of container 'a': 'fast'."),
        one(
            "no shared memory", #""linuxParameters":{"sharedMemorySize":0}"#,
            "Invalid 'sharedMemorySize' setting for container 'a': 0. It must be between 1 and 1048576."),
        one(
            "swappiness above 100", #""linuxParameters":{"swappiness":101}"#,
            "Invalid 'swappiness' setting for container 'a': 101. It must be between 0 and 100."),
        one(
            "negative swap", #""linuxParameters":{"maxSwap":-1}"#,
            "Invalid 'maxSwap' setting for container 'a': -1. It must be between 0 and 67108864."),
        Refused(
            "swap without memory",
            #""memory":"512","containerDefinitions":[{"name":"a","image":"a","linuxParameters":{"maxSwap":1}}]"#,
            "Invalid 'maxSwap' setting for container 'a': it needs a 'memory' setting."),
        one(
            "a device that is no path", #""linuxParameters":{"devices":[{"hostPath":"null"}]}"#,
            "Invalid 'devices' setting for container 'a': an absolute hostPath is needed, and an absolute containerPath or none."
        ),
        one(
            "a setting of the whole kernel", #""systemControls":[{"namespace":"vm.swappiness","value":"1"}]"#,
            "Invalid 'systemControls' setting for container 'a': 'vm.swappiness' has no value or is not a setting that a container has for itself."
        ),
        Refused(
            "a network setting of the host",
            Registration.one(
                #""systemControls":[{"namespace":"net.core.somaxconn","value":"1"}]"#, task: #""networkMode":"host""#),
            "Invalid 'systemControls' setting for container 'a': 'net.core.somaxconn' is not supported when networkMode=host."
        ),
        Refused(
            "a setting of the host's shared memory",
            Registration.one(
                #""systemControls":[{"namespace":"kernel.shmmax","value":"1"}]"#, task: #""ipcMode":"host""#),
            "Invalid 'systemControls' setting for container 'a': 'kernel.shmmax' is not supported when ipcMode=host."),
        one(
            "an unknown security option", #""dockerSecurityOptions":["seccomp:unconfined"]"#,
            "Invalid 'dockerSecurityOptions' setting for container 'a': 'seccomp:unconfined'. Valid values are [no-new-privileges, apparmor:PROFILE, label:VALUE, credentialspec:FILE]."
        ),
    ]

    static let names =
        [
            one("a link to nobody", #""links":["b"]"#, "Invalid 'links' setting. Unknown container: 'b'"),
            one(
                "a link with two aliases", #""links":["a:b:c"]"#,
                "Invalid 'links' setting for container 'a': 'a:b:c'. It is name or name:internalName."),
            one(
                "a host without address", #""extraHosts":[{"hostname":"db"}]"#,
                "Invalid 'extraHosts' setting for container 'a': hostname and ipAddress are needed."),
            one(
                "a resolver with a line break", #""dnsServers":["1.1.1.1\nx"]"#,
                "Invalid 'dnsServers' setting for container 'a': '1.1.1.1\nx'."),
            one(
                "a host name with a space", #""hostname":"a b""#, "Invalid 'hostname' setting for container 'a': 'a b'."
            ),
            Refused(
                "links on the host", Registration.one(#""links":["a"]"#, task: #""networkMode":"host""#),
                "Links are not supported when networkMode=host."),
        ]
        + [
            (#""links":["a"]"#, "Links are not supported when networkMode=awsvpc."),
            (#""hostname":"x""#, "hostname is not supported on container when networkMode=awsvpc."),
            (#""disableNetworking":true"#, "Disable Networking is not supported on container when networkMode=awsvpc."),
            (
                #""extraHosts":[{"hostname":"a","ipAddress":"1.1.1.1"}]"#,
                "Extra hosts are not supported on container when networkMode=awsvpc."
            ),
            (#""dnsServers":["1.1.1.1"]"#, "DNS servers are not supported on container when networkMode=awsvpc."),
            (
                #""dnsSearchDomains":["a"]"#,
                "DNS search domains are not supported on container when networkMode=awsvpc."
            ),
        ].map { Refused("awsvpc: \($0.0)", Registration.one($0.0, task: #""networkMode":"awsvpc""#), $0.1) }

    @Test("refuses, naming what is wrong:", arguments: process + lifecycle + kernel + names)
    func refuses(row: Refused) throws { try row.verify() }

    @Test(
        "takes what is just inside the bounds",
        arguments: [
            #""user":"4294967295:0""#, #""user":"app:staff""#, #""stopTimeout":0"#, #""startTimeout":3600"#,
            #""healthCheck":{"command":["CMD","a"],"interval":5,"timeout":2,"retries":1,"startPeriod":0}"#,
            #""healthCheck":{"command":["CMD-SHELL","a"],"interval":300,"timeout":60,"retries":10,"startPeriod":300}"#,
            #""restartPolicy":{"enabled":true,"restartAttemptPeriod":60}"#,
            #""restartPolicy":{"enabled":false,"restartAttemptPeriod":1800}"#,
            #""ulimits":[{"name":"nofile","softLimit":5,"hardLimit":-1},{"name":"core","softLimit":-1,"hardLimit":-1}]"#,
            #""linuxParameters":{"maxSwap":0,"swappiness":100,"sharedMemorySize":1,"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["ro","mode=700"]}]}"#,
            #""linuxParameters":{"devices":[{"hostPath":"/dev/fuse","permissions":["read"]}]}"#,
            #""systemControls":[{"namespace":"fs.mqueue.msg_max","value":"9"},{"namespace":"net.core.somaxconn","value":"9"}]"#,
            #""dockerSecurityOptions":["no-new-privileges"],"disableNetworking":true,"hostname":"h""#,
            #""memoryReservation":64"#, #""cpu":0"#, #""interactive":true,"pseudoTerminal":true,"privileged":true"#,
        ])
    func accepts(container: String) throws {
        let definition = try Registration.accepted(Registration.one(container))
        #expect(definition.containers.map(\.name) == ["a"])
    }

    @Test("gives a health check its defaults, and CMD to a bare command")
    func healthCheck() throws {
        let definition = try Registration.accepted(Registration.one(#""healthCheck":{"command":["true"]}"#))
        #expect(
            definition.containers[0].healthCheck
                == HealthCheck(command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3))
    }

    @Test("gives a restart policy its period")
    func restartPolicy() throws {
        let definition = try Registration.accepted(Registration.one(#""restartPolicy":{"enabled":true}"#))
        #expect(definition.containers[0].restartPolicy == RestartPolicy(enabled: true, attemptPeriod: 300))
    }
}
