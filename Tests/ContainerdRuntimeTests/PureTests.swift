import Domain
import Foundation
import TaskRuntime
import Testing

@testable import ContainerdRuntime

@Suite("Users of an image")
struct UserLookupTests {
    let users = UserLookup(
        passwd: "root:x:0:0::/:/bin/sh\nweb:x:101:102::/:/bin/sh\nbroken\n", group: "web:x:102:\nlog:x:103:web,root\n")

    @Test(
        arguments: [
            ("", 0, 0, [0, 103]), ("web", 101, 102, [102, 103]), ("101", 101, 102, [102, 103]),
            ("web:log", 101, 103, [103]),
            ("7", 7, 0, [0]), ("7:8", 7, 8, [8]), ("0:web", 0, 102, [102]),
        ] as [(String, UInt32, UInt32, [UInt32])])
    func `are found by name or number`(text: String, uid: UInt32, gid: UInt32, more: [UInt32]) throws {
        #expect(try users.resolve(text) == OCISpec.User(uid: uid, gid: gid, additionalGids: more))
    }

    @Test(arguments: ["nobody", "web:nogroup", "-1", "4294967295"])
    func `are refused when unknown`(text: String) {
        #expect(throws: RuntimeError.self) { try users.resolve(text) }
    }
}

@Suite("The specification of a container")
struct SpecBuilderTests {
    func builder(_ change: (inout RuntimeContainer) -> Void = { _ in }) -> SpecBuilder {
        var container = RuntimeContainer(
            id: "c1", task: "t1", definition: ContainerDefinition(name: "c", image: "i"), logDirectory: "/logs")
        change(&container)
        return SpecBuilder(
            container: container,
            image: ImageConfig(
                config: .init(
                    User: nil, Env: ["A=image", "B=image"], Entrypoint: ["/entry"], Cmd: ["cmd"], WorkingDir: nil),
                rootfs: .init(diff_ids: [])),
            users: UserLookup(passwd: "", group: ""),
            host: HostFacts(capabilities: .max, openFilesLimit: 20_000, devices: [], initProgram: nil),
            taskCgroup: "/berth/t1")
    }

    @Test func `an entry point of the definition drops the image's command`() throws {
        #expect(try builder().arguments() == ["/entry", "cmd"])
        #expect(try builder { $0.definition.command = ["x"] }.arguments() == ["/entry", "x"])
        #expect(try builder { $0.definition.entryPoint = ["/e"] }.arguments() == ["/e"])
        #expect(throws: RuntimeError.invalid("no command specified")) {
            try builder { $0.definition.entryPoint = [] }.arguments()
        }
    }

    @Test func `the definition's environment wins over Berth's, and that over the image's`() {
        let environment = builder {
            $0.environment = [KeyValue(key: "B", value: "berth"), KeyValue(key: "C", value: "berth")]
            $0.definition.environment = [KeyValue(key: "C", value: "own")]
        }.environment()
        #expect(environment.suffix(3) == ["A=image", "B=berth", "C=own"])
    }

    @Test func `managed capacity clamps open files and refuses privileges`() throws {
        let spec = try builder { $0.isManaged = true }.spec()
        #expect(spec.process.rlimits == [.init(type: "RLIMIT_NOFILE", soft: 20_000, hard: 20_000)])
        #expect(spec.linux.seccomp?.defaultAction == "SCMP_ACT_ERRNO")
        #expect(throws: RuntimeError.self) {
            try builder {
                $0.isManaged = true
                $0.definition.privileged = true
            }.spec()
        }
        #expect(throws: RuntimeError.self) {
            try builder {
                $0.isManaged = true
                $0.definition.addCapabilities = ["NET_ADMIN"]
            }.spec()
        }
    }

    @Test(arguments: [
        (options: [], privileged: false, isRefused: true), (["no-new-privileges"], false, true),
        (["no-new-privileges:true"], false, true), (["no-new-privileges:false"], false, false), ([], true, false),
        (["no-new-privileges"], true, true),
    ])
    func `new privileges are refused unless asked for`(options: [String], privileged: Bool, isRefused: Bool) throws {
        let spec = try builder {
            $0.definition.dockerSecurityOptions = options
            $0.definition.privileged = privileged
        }.spec()
        #expect(spec.process.noNewPrivileges == isRefused)
    }

    @Test func `namespaces are the container's own, the task's or the host's`() throws {
        func types(_ change: (inout RuntimeContainer) -> Void) throws -> [String: String] {
            var builder = builder(change)
            builder.shared = SharedNamespaces(holder: 7, memoryDirectory: "/run/shm/t1")
            let spec = try builder.spec()
            return Dictionary(uniqueKeysWithValues: spec.linux.namespaces.map { ($0.type, $0.path ?? "new") })
        }
        #expect(try types { _ in } == ["uts": "new", "mount": "new", "pid": "new", "ipc": "new"])
        #expect(try types { $0.pidMode = .task }["pid"] == "/proc/7/ns/pid")
        #expect(try types { $0.pidMode = .host }["pid"] == nil)
        #expect(try types { $0.ipcMode = .task }["ipc"] == "/proc/7/ns/ipc")
        #expect(try types { $0.ipcMode = .host }["ipc"] == nil)
        #expect(try types { $0.ipcMode = IPCMode.none }["ipc"] == "new")
    }

    @Test func `shared memory follows the IPC mode`() throws {
        func source(_ mode: IPCMode?) throws -> String? {
            var builder = builder { $0.ipcMode = mode }
            builder.shared = SharedNamespaces(holder: 7, memoryDirectory: "/run/shm/t1")
            return try builder.spec().mounts.first { $0.destination == "/dev/shm" }?.source
        }
        #expect(try source(nil) == "shm")
        #expect(try source(IPCMode.none) == nil)
        #expect(try source(.task) == "/run/shm/t1")
        #expect(try source(.host) == "/dev/shm")
    }

    @Test func `devices get their name in the container and only the rights asked for`() throws {
        var builder = builder {
            $0.definition.devices = [
                DeviceMapping(hostPath: "/dev/fuse", containerPath: "/dev/f", permissions: [.read]),
                DeviceMapping(hostPath: "/dev/loop0"),
            ]
        }
        builder.devices = [
            .init(path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0),
            .init(path: "/dev/loop0", type: "b", major: 7, minor: 0, fileMode: 0o660, uid: 0, gid: 6),
        ]
        let linux = try builder.spec().linux
        #expect(linux.devices.map(\.path) == ["/dev/f", "/dev/loop0"])
        #expect(linux.resources.devices.dropFirst().map(\.access) == ["r", "rwm"])
        #expect(linux.resources.devices.dropFirst().map(\.major) == [10, 7])
    }

    @Test func `swap comes on top of memory, and swappiness only beside it`() throws {
        func memory(_ swap: Int?) throws -> OCISpec.Memory? {
            try builder {
                $0.definition.memory = MemoryMiB(10)
                $0.definition.maxSwap = swap
                $0.definition.swappiness = 30
            }.spec().linux.resources.memory
        }
        #expect(try memory(nil)?.swap == 10 << 20)
        #expect(try memory(nil)?.swappiness == nil)
        #expect(try memory(5)?.swap == 15 << 20)
        #expect(try memory(5)?.swappiness == 30)
    }

    @Test func `standard input stays open by a terminal, else by the init program`() throws {
        func arguments(_ change: (inout ContainerDefinition) -> Void) throws -> [String] {
            var builder = builder { change(&$0.definition) }
            builder.host.initProgram = "/berth-logger"
            return try builder.arguments()
        }
        let program = SpecBuilder.initPath
        #expect(try arguments { $0.interactive = true } == [program, "open-input", "/entry", "cmd"])
        #expect(
            try arguments {
                $0.interactive = true
                $0.pseudoTerminal = true
            } == ["/entry", "cmd"])
        #expect(
            try arguments {
                $0.interactive = true
                $0.initProcessEnabled = true
            } == [program, "open-input", program, "reap", "/entry", "cmd"])
    }

    @Test func `capabilities are Docker's, plus and minus`() throws {
        let spec = try builder {
            $0.definition.addCapabilities = ["NET_ADMIN"]
            $0.definition.dropCapabilities = ["CHOWN"]
        }.spec()
        #expect(spec.process.capabilities.bounding.contains("CAP_NET_ADMIN"))
        #expect(!spec.process.capabilities.bounding.contains("CAP_CHOWN"))
        #expect(spec.linux.cgroupsPath == "/berth/t1/c1")
        #expect(spec.annotations["io.containerd.runc.v2.group"] == "t1")
    }
}

@Suite("The signal that stops a container")
struct StopSignalTests {
    @Test(
        arguments: [
            ("SIGQUIT", 3), ("quit", 3), ("Term", 15), ("9", 9), ("64", 64), ("SIGRTMIN", 34), ("SIGRTMIN+3", 37),
            ("RTMAX-1", 63),
        ] as [(String, Int32)])
    func `is read as image builders write it`(text: String, number: Int32) {
        #expect(StopSignal.number(text) == number)
    }

    @Test(arguments: ["", "0", "65", "-1", "SIG", "SIGNONE", "RTMIN+31", "RTMIN-1", "RTMAX+1", "99999999999"])
    func `is nothing when it is no signal`(text: String) {
        #expect(StopSignal.number(text) == nil)
    }
}

@Suite("The limit of open files")
struct OpenFilesNoticeTests {
    @Test(arguments: [(1024, true), (65_534, true), (65_535, false), (UInt64.max, false)] as [(UInt64, Bool)])
    func `is told when it is below what managed capacity promises`(limit: UInt64, isTold: Bool) {
        let host = HostFacts(capabilities: 0, openFilesLimit: limit, devices: [], initProgram: nil)
        #expect(host.openFilesNotice?.contains("\(limit) open files") ?? false == isTold)
    }
}

@Suite("Limits of a container's output")
struct LogLimitsTests {
    private static let configuration = ContainerdConfiguration(
        dataDirectory: "/d", runtimeDirectory: "/r", cgroup: "/c", loggerPath: "/l", logFileBytes: 100, logFiles: 5)

    @Test(
        arguments: [
            ([:], 100, 5), (["max-size": "10"], 10, 1), (["max-size": "2k", "max-file": "3"], 2048, 3),
            (["max-size": "1M"], 1 << 20, 1), (["max-file": "2"], 100, 2),
        ] as [([String: String], Int, Int)])
    func `are those of the driver's options, else the host's`(options: [String: String], bytes: Int, files: Int) throws
    {
        let log = LogConfiguration(
            driver: "json-file", options: options.map { KeyValue(key: $0.key, value: $0.value) })
        let limits = try LogLimits(log, configuration: Self.configuration)
        #expect(limits.bytes == bytes && limits.files == files)
    }

    @Test(arguments: [
        ("size", "1m"), ("max-size", ""), ("max-size", "k"), ("max-size", "-1m"), ("max-size", "1x"), ("max-file", "0"),
    ])
    func `are refused when they are none`(name: String, value: String) {
        let log = LogConfiguration(driver: "json-file", options: [KeyValue(key: name, value: value)])
        #expect(throws: RuntimeError.self) { try LogLimits(log, configuration: Self.configuration) }
    }

    @Test func `of other drivers are the host's`() throws {
        let log = LogConfiguration(driver: "awslogs", options: [KeyValue(key: "max-size", value: "10")])
        #expect(try LogLimits(log, configuration: Self.configuration).bytes == 100)
    }
}

@Suite("Events of a slow reader")
struct EventBacklogTests {
    @Test func `end the stream at the first one that has no room`() async throws {
        let (stream, output) = AsyncStream<RuntimeEvent>.makeStream(bufferingPolicy: .bufferingOldest(2))
        let events = ["a", "b", "c"].map { RuntimeEvent.exited(id: $0, code: 0, at: 0) }
        for event in events.prefix(2) { try ContainerdRuntime.pass(event, to: output) }
        #expect(throws: RuntimeError.self) { try ContainerdRuntime.pass(events[2], to: output) }
        output.finish()
        var seen: [RuntimeEvent] = []
        for await event in stream { seen.append(event) }
        #expect(seen == Array(events.prefix(2)))
    }
}

@Suite("Images")
struct ImageTests {
    @Test(arguments: [
        ("web", "docker.io/library/web:latest"), ("me/web:2", "docker.io/me/web:2"),
        ("localhost:5000/web", "localhost:5000/web:latest"), ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"),
    ])
    func `have a full name`(short: String, full: String) {
        #expect(ImageReference.normalized(short) == full)
        #expect(ImageReference.normalized(full) == full)
    }

    @Test func `chain each layer onto those below`() {
        let one = ImageConfig(config: nil, rootfs: .init(diff_ids: ["sha256:aa"]))
        #expect(one.chainID == "sha256:aa")
        let two = ImageConfig(config: nil, rootfs: .init(diff_ids: ["sha256:aa", "sha256:bb"]))
        #expect(two.chainID == ImageConfig.digest(Data("sha256:aa sha256:bb".utf8)))
    }

    @Test func `are made to equal bytes from equal inputs`() throws {
        let builder = ImageBuilder(entries: [.file(path: "a", mode: 0o644, content: Data("x".utf8))], command: ["/a"])
        #expect(try builder.archive(reference: "a") == builder.archive(reference: "a"))
        #expect(try builder.archive(reference: "a").count % 512 == 0)
    }
}

@Suite("containerd's configuration")
struct ContainerdConfigurationTests {
    @Test func `quotes paths and names every directory as ours`() {
        let configuration = ContainerdConfiguration(
            dataDirectory: "/data/a \"b\"", runtimeDirectory: "/run/x", cgroup: "/x", loggerPath: "/l")
        #expect(configuration.toml.contains(#"root = "/data/a \"b\"/root""#))
        #expect(configuration.toml.contains(#"address = "/run/x/containerd.sock""#))
        #expect(configuration.toml.contains("restrict_oom_score_adj = true"))
    }
}
