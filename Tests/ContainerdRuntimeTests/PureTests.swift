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
        #expect(spec.process.noNewPrivileges)
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
