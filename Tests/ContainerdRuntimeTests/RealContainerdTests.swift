import Conformance
import Domain
import Foundation
import Glibc
import SwiftProtobuf
import TaskRuntime
import Testing

@testable import ContainerdRuntime

@Suite("A real containerd", .serialized, .enabled(if: RealRuntime.isWanted, "\(RealRuntime.skipped)"))
struct RealContainerdTests {
    @Test func `keeps the promises of the port`() async throws {
        try await RealRuntime.with { real in
            let suite = TaskRuntimeSuite(runtime: real.runtime, logDirectory: real.directory + "/logs") {
                name, process in
                var definition = ContainerDefinition(name: name, image: RealRuntime.image)
                switch process {
                case .runs:
                    definition.command = [
                        "/bin/sh", "-c", "trap 'exit 143' TERM; while :; do sleep 1 & wait $!; done",
                    ]
                case .exits(let code): definition.command = ["/bin/sh", "-c", "exit \(code)"]
                case .ignoresTerm: definition.command = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
                }
                return definition
            }
            for check in TaskRuntimeSuite.Check.allCases {
                do {
                    try await suite.verify(check)
                } catch {
                    Issue.record("\(check.rawValue): \(error)")
                }
            }
        }
    }

    @Test func `loses no line and no container when containerd is killed`() async throws {
        try await RealRuntime.with { real in
            let script = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; sleep 0.01; done; exit 5"
            let container = real.shell("c1", script)
            try await real.run(container)
            try await real.eventually { real.lines("c1").count > 20 }
            let pidFile = real.process.configuration.pidFile
            let text = try String(contentsOfFile: pidFile, encoding: .utf8)
            let pid = try #require(text.split(separator: " ").first.flatMap { Int32($0) })
            kill(pid, SIGKILL)
            try await real.eventually { (try? await real.runtime.version()) != nil }
            #expect(try await real.exitCode("c1") == 5)
            try await real.eventually { real.lines("c1").count == 300 }
            #expect(real.lines("c1") == (1...300).map { "line \($0)" })
        }
    }

    @Test func `finds the code of what ended while containerd was down`() async throws {
        try await RealRuntime.with { real in
            try await real.run(real.shell("c1", "while [ ! -e /tmp/go ]; do sleep 0.05; done; exit 9"))
            guard case .running(let child)? = try await real.runtime.containers().first?.status else {
                Issue.record("does not run")
                return
            }
            let text = try String(contentsOfFile: real.process.configuration.pidFile, encoding: .utf8)
            let pid = try #require(text.split(separator: " ").first.flatMap { Int32($0) })
            try Data().write(to: URL(fileURLWithPath: "/proc/\(child)/root/tmp/go"))
            kill(pid, SIGKILL)
            #expect(try await real.exitCode("c1") == 9)
        }
    }

    @Test func `tells of memory exhaustion, for the container's and for the task's limit`() async throws {
        try await RealRuntime.with { real in
            let events = try await real.runtime.events()
            var own = real.shell("own", "dd if=/dev/zero of=/dev/null bs=200M count=1; sleep 0.2; exit 0")
            own.definition.command = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
            own.definition.memory = MemoryMiB(32)
            try await real.run(own)
            var shared = own
            shared.id = "shared"
            shared.task = "t2"
            shared.logDirectory = real.logs("shared")
            shared.definition.memory = nil
            try await real.runtime.prepareTask("t2", limits: TaskLimits(memory: MemoryMiB(32)))
            try await real.runtime.create(shared)
            try await real.runtime.start("shared")
            #expect(try await real.exitCode("own") == 137)
            #expect(try await real.exitCode("shared") == 137)
            var told: Set<String> = []
            for await case .exited(let id, 137, _, true) in events {
                told.insert(id)
                if told.count == 2 { break }
            }
            #expect(told == ["own", "shared"])
        }
    }

    @Test func `tells of memory exhaustion of a child that the container outlived`() async throws {
        try await RealRuntime.with { real in
            let events = try await real.runtime.events()
            var parent = real.shell("parent", "dd if=/dev/zero of=/dev/null bs=200M count=1; exit 5")
            parent.definition.memory = MemoryMiB(32)
            try await real.run(parent)
            for await case .exited("parent", let code, _, let ranOutOfMemory) in events {
                #expect(code == 5)
                #expect(ranOutOfMemory)
                break
            }
        }
    }

    @Test func `shows memory exhaustion that nobody heard of`() async throws {
        try await RealRuntime.with { real in
            var greedy = real.shell("greedy", "")
            greedy.definition.command = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
            greedy.definition.memory = MemoryMiB(32)
            try await real.run(greedy)
            try await real.run(real.shell("killed", "while :; do sleep 1; done", task: "t2"))
            try await real.runtime.signal("killed", 9, all: true)
            #expect(try await real.exitCode("greedy") == 137)
            #expect(try await real.exitCode("killed") == 137)
            let states = try await real.runtime.containers()
            #expect(states.filter(\.ranOutOfMemory).map(\.id) == ["greedy"])
        }
    }

    @Test func `lets a task's containers share processes and memory, and takes what kept them away again`() async throws
    {
        try await RealRuntime.with { real in
            var first = real.shell("t1-a", "echo here > /dev/shm/note; exec sleep 1000")
            first.pidMode = .task
            first.ipcMode = .task
            var second = real.shell(
                "t1-b",
                "while [ ! -e /dev/shm/note ]; do sleep 0.05; done; cat /dev/shm/note; case \"$(ps)\" in *'sleep 1000'*) echo sees it;; esac"
            )
            second.pidMode = .task
            second.ipcMode = .task
            try await real.runtime.prepareTask("t1", limits: TaskLimits())
            async let one: Void = real.runtime.create(first)
            async let other: Void = real.runtime.create(second)
            _ = try await (one, other)
            try await real.runtime.start("t1-a")
            try await real.runtime.start("t1-b")
            #expect(try await real.exitCode("t1-b") == 0)
            try await real.eventually { real.lines("t1-b").count == 2 }
            #expect(real.lines("t1-b") == ["here", "sees it"])
            #expect(try await real.runtime.containers().map(\.id) == ["t1-a", "t1-b"])
            #expect(try await real.runtime.holders().count == 1)
            try await real.runtime.remove("t1-a")
            try await real.runtime.remove("t1-b")
            #expect(try await real.runtime.tasks() == ["t1"])
            try await real.runtime.removeTask("t1")
            #expect(try await real.runtime.tasks().isEmpty)
            #expect(try await real.runtime.holders().isEmpty)
            #expect(real.runtime.sharedMemory.tasks().isEmpty)
        }
    }

    @Test func `keeps standard input open for who asks for it`() async throws {
        try await RealRuntime.with { real in
            let script = "exec 3<&0; (cat <&3; echo ended) & sleep 0.5; echo waited"
            try await real.run(real.shell("closed", script))
            var open = real.shell("open", script)
            open.definition.interactive = true
            try await real.runtime.create(open)
            try await real.runtime.start("open")
            #expect(try await real.exitCode("closed") == 0)
            #expect(try await real.exitCode("open") == 0)
            try await real.eventually { real.lines("closed").count == 2 && real.lines("open").count == 1 }
            #expect(real.lines("closed") == ["ended", "waited"])
            #expect(real.lines("open") == ["waited"])
        }
    }

    @Test func `stops by the signal that the image names`() async throws {
        try await RealRuntime.with { real in
            var builder = try RealRuntime.builder()
            builder.stopSignal = "SIGQUIT"
            try await real.importImage(builder, as: "berth-quit:1")
            var container = real.shell(
                "c1", "trap 'exit 33' QUIT; trap 'exit 15' TERM; echo ready; while :; do sleep 1 & wait $!; done")
            container.definition.image = "berth-quit:1"
            try await real.run(container)
            try await real.eventually { real.lines("c1") == ["ready"] }
            try await real.runtime.stop("c1")
            #expect(try await real.exitCode("c1") == 33)
        }
    }

    /// A client that is killed may leave a snapshot without a container, or a container without a process.
    @Test func `makes a container in place of what an interrupted attempt left`() async throws {
        try await RealRuntime.with { real in
            let runtime = real.runtime
            let image = try await runtime.resolve(RealRuntime.image)
            for id in ["c1", "c2"] {
                _ = try await runtime.connection.snapshots.prepare(
                    .with {
                        $0.snapshotter = ContainerdRuntime.snapshotter
                        $0.key = id
                        $0.parent = image.config.chainID
                    }, metadata: runtime.connection.metadata)
            }
            _ = try await runtime.connection.containers.create(
                .with {
                    $0.container.id = "c2"
                    $0.container.runtime.name = "io.containerd.runc.v2"
                    $0.container.spec.typeURL = "types.containerd.io/opencontainers/runtime-spec/1/Spec"
                    $0.container.spec.value = Data("{}".utf8)
                }, metadata: runtime.connection.metadata)
            for (id, code) in [("c1", 3), ("c2", 4)] {
                try await real.run(real.shell(id, "exit \(code)"))
                #expect(try await real.exitCode(id) == code)
            }
        }
    }

    /// Go's gRPC server sends a PING with each; a client that counts them as an attack loses every call under way.
    @Test func `takes hundreds of calls beside one that is under way`() async throws {
        try await RealRuntime.with { real in
            try await real.run(real.shell("c1", "while :; do sleep 1; done"))
            async let slow = real.runtime.execute(
                "c1", command: ["sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 7"],
                timeout: .seconds(60))
            for _ in 0..<400 { _ = try await real.runtime.version() }
            _ = try await real.runtime.execute("c1", command: ["sh", "-c", ": > /tmp/go"], timeout: .seconds(10))
            #expect(try await slow.exitCode == 7)
        }
    }

    /// Both streams end at once, so that a stream which is closed with the other shows.
    @Test func `returns all of both streams of a command`() async throws {
        try await RealRuntime.with { real in
            try await real.run(real.shell("c1", "while :; do sleep 1; done"))
            for _ in 0..<20 {
                let quick = try await real.runtime.execute(
                    "c1", command: ["sh", "-c", "echo out; echo err >&2; exit 4"], timeout: .seconds(10))
                #expect(quick.exitCode == 4)
                #expect(quick.output == "out\nerr\n")
            }
        }
    }

    @Test func `kills a command that takes too long, and the container runs on`() async throws {
        try await RealRuntime.with { real in
            try await real.run(real.shell("c1", "while :; do sleep 1; done"))
            let slow = try await real.runtime.execute("c1", command: ["sleep", "60"], timeout: .milliseconds(300))
            #expect(slow.timedOut)
            let words = try await real.runtime.execute("c1", command: ["ps"], timeout: .seconds(10))
            #expect(!words.output.contains("sleep 60"))
        }
    }

    @Test func `looks users up in the image, limits by cgroup, and names what cannot run`() async throws {
        try await RealRuntime.with { real in
            var container = real.shell("c1", "id; echo $FROM_IMAGE; echo gone >&2")
            container.definition.user = "web"
            container.definition.workingDirectory = "/made/here"
            container.definition.memory = MemoryMiB(64)
            container.definition.cpu = CPUUnits(512)
            container.definition.initProcessEnabled = true
            container.isManaged = true
            let limits = TaskLimits(cpu: CPUUnits(256), memory: MemoryMiB(128))
            try await real.runtime.prepareTask("t1", limits: limits)
            try await real.runtime.create(container)
            let cgroups = Cgroups.current()
            let task = real.process.configuration.cgroup + "/t1"
            func value(_ controller: String, _ path: String) throws -> String {
                try String(contentsOfFile: (cgroups.v1[controller] ?? "") + path, encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            if cgroups.v2 == nil {
                #expect(try value("memory", task + "/memory.limit_in_bytes") == "\(128 << 20)")
                #expect(try value("memory", task + "/c1/memory.limit_in_bytes") == "\(64 << 20)")
                #expect(try value("cpu", task + "/cpu.cfs_quota_us") == "25000")
                #expect(try value("cpu", task + "/c1/cpu.shares") == "512")
            }
            try await real.runtime.start("c1")
            #expect(try await real.exitCode("c1") == 0)
            try await real.eventually { real.lines("c1").count == 3 }
            #expect(real.lines("c1").first == "uid=101(web) gid=102(web) groups=102(web),103(log)")
            var broken = real.shell("c2", "")
            broken.definition.command = ["/no/such/program"]
            try await real.runtime.create(real.shell("c3", "true"))
            await #expect(throws: RuntimeError.self) {
                try await real.runtime.create(broken)
                try await real.runtime.start("c2")
            }
        }
    }
}
