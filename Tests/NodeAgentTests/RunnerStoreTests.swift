import Domain
import Foundation
import Identifiers
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("Task records on disk")
struct RunnerStoreTests {
    @Test("what was saved is read back, and a half-written file beside it is no record")
    func roundTrip() throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        try directory.prepare()
        let store = RunnerStore(directory: directory)
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        try store.save(bench.step.record)
        try Data("{\"ver".utf8).write(to: URL(fileURLWithPath: "\(directory.tasks)/t1.json.new"))
        let loaded = try store.load()
        #expect(loaded.records == [bench.step.record])
        #expect(loaded.corrupt.isEmpty)
        try store.forget(bench.step.record.id)
        #expect(try store.load().records.isEmpty)
    }

    @Test("a corrupt file is set aside and named; a newer one is refused and left")
    func corruptAndNewer() throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        try directory.prepare()
        let store = RunnerStore(directory: directory)
        try Data("{\"version\":1,\"rec".utf8).write(to: URL(fileURLWithPath: "\(directory.tasks)/a.json"))
        #expect(try store.load().corrupt.count == 1)
        #expect(try store.load().corrupt.isEmpty)
        let newer = "\(directory.tasks)/b.json"
        try Data("{\"version\":\(RunnerStore.version + 1)}".utf8).write(to: URL(fileURLWithPath: newer))
        let refusal = #expect(throws: RunnerStore.NewerVersion.self) { try store.load() }
        #expect(refusal?.description.contains("start the newer version again") == true)
        #expect(FileManager.default.fileExists(atPath: newer))
    }

    /// A running task as an agent of form 1 wrote it.
    static let firstForm = """
        {"version":1,"record":{"assignment":{"task":{"cluster":{"scope":{"account":"000000000000","region":"us-east-1"},
        "name":"default"},"id":"t1"},"family":"web","revision":1,"launchType":"ec2","networkMode":"awsvpc","containers":[{
        "id":"uuid-web","definition":{"name":"web","image":"app:1","cpu":0,"memory":64,"essential":true,"environment":[],
        "portMappings":[{"containerPort":80,"hostPort":0,"transport":"tcp"}],"mountPoints":[],"dependsOn":[],"ulimits":[],
        "addCapabilities":[],"dropCapabilities":[],"tmpfs":[],"systemControls":[],"extraHosts":[],"dnsServers":[],
        "dnsSearchDomains":[],"dockerLabels":[]}}],"volumes":[{"name":"v"}],"group":"family:web"},"stopRequested":false,
        "containers":[{"name":"web","attempt":0,"startIntended":true,"startedAt":1790000000000,"hasRun":true,
        "isReplacing":false,"hasEnded":false,"outOfMemory":false,"imageDigest":"sha256:1","bindings":[],"health":"unknown"}],
        "hasPorts":true,"attachments":[{"id":"t1","namespacePath":"/run/netns/t1","interface":{"address":"10.99.0.2/24",
        "macAddress":"02:00:00:00:00:02"},"gateway":"10.99.0.1"}],"outbox":[],"startedAt":1790000000000}}
        """

    @Test("a record of the first form is read, and its running task is taken up")
    func firstForm() throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        try directory.prepare()
        let store = RunnerStore(directory: directory)
        try Data(Self.firstForm.utf8).write(to: URL(fileURLWithPath: "\(directory.tasks)/t1.json"))
        let loaded = try store.load()
        #expect(loaded.corrupt.isEmpty)
        let record = try #require(loaded.records.first)
        var bench = StepBench(resuming: record)
        bench.begin(
            HostInventory(
                containers: [TaskRunnerAdoptionTests.state("t1-web", .running(pid: 7))], attachments: ["t1"]))
        #expect(bench.starts.isEmpty && bench.reports.map(\.status) == [.running])
        try store.save(record)
        #expect(try store.load().records == [record])
    }

    @Test("the host's key is readable by its owner only")
    func identity() throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        let identity = NodeIdentity(
            accessKeyID: "AKIA", secretAccessKey: "s3cret", containerInstance: "i", region: "us-east-1")
        try identity.save(directory)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.nodeFile)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try NodeIdentity.load(directory)?.secretAccessKey == "s3cret")
        #expect(!"\(identity)".contains("s3cret"))
    }
}

@Suite("Logs of a task")
struct TaskLogsTests {
    @Test("rotated files come first, containers are merged by time, an unfinished line waits")
    func read() async throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        for (name, file, text) in [
            ("web", "output.log.1", "2026-01-01T00:00:00.1Z stdout F one\n"),
            ("web", "output.log", "2026-01-01T00:00:00.3Z stderr P three \n2026-01-01T00:00:00.4Z std"),
            ("side", "output.log", "2026-01-01T00:00:00.2Z stdout F two\n"),
        ] {
            let folder = directory.logs("t1", name)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
        }
        let logs = TaskLogs(dataDirectory: temporary.path, task: "t1")
        let lines = try logs.read()
        #expect(lines.map(\.text) == ["one", "two", "three "])
        #expect(lines.map(\.isPartial) == [false, false, true])
        #expect(try logs.read(container: "side").map(\.text) == ["two"])
        #expect(logs.containers() == ["side", "web"])
    }

    @Test("following goes on across a rotation without losing or repeating a line")
    func follow() async throws {
        let temporary = try TemporaryDirectory()
        let folder = NodeDirectory(root: temporary.path).logs("t1", "web")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let current = "\(folder)/output.log"
        func append(_ text: String) throws {
            if !FileManager.default.fileExists(atPath: current) {
                try Data().write(to: URL(fileURLWithPath: current))
            }
            let handle = try #require(FileHandle(forWritingAtPath: current))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        let logger = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(logger >= 0 && flock(logger, LOCK_SH) == 0)
        try append("t1 stdout F a\n")
        var lines = TaskLogs(dataDirectory: temporary.path, task: "t1")
            .follow(every: .milliseconds(1)).makeAsyncIterator()
        #expect(try await lines.next()?.text == "a")
        try append("t2 stdout F b\n")
        try FileManager.default.moveItem(atPath: current, toPath: "\(current).1")
        try append("t3 stdout F c\n")
        #expect(try await lines.next()?.text == "b")
        #expect(try await lines.next()?.text == "c")
        // The oldest file goes, and the new one may get its number on disk.
        try FileManager.default.removeItem(atPath: "\(current).1")
        try FileManager.default.moveItem(atPath: current, toPath: "\(current).1")
        try append("t4 stdout F d and more\n")
        #expect(try await lines.next()?.text == "d and more")
        try append("t5 stdout F last\n")
        close(logger)
        #expect(try await lines.next()?.text == "last")
        #expect(try await lines.next() == nil)
    }

    @Test("following goes on while the task may write, though nobody writes now")
    func followsLiveTask() async throws {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        try directory.prepare()
        let store = RunnerStore(directory: directory)
        var record = TaskRunnerRecord(assignment: .of([.named("web")]))
        try store.save(record)
        let logs = TaskLogs(dataDirectory: temporary.path, task: record.id.id)
        #expect(!logs.isComplete())
        record.stoppedAt = Timestamp(milliseconds: 1)
        try store.save(record)
        #expect(logs.isComplete())
        try store.forget(record.id)
        #expect(logs.isComplete())
    }
}

@Suite("Files a task sees")
struct TaskFilesTests {
    @Test("resolv.conf never names a loopback resolver")
    func resolver() {
        let host = "nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch example.test\noptions edns0\n"
        let text = ResolverFile.text(host: host, .named("web"))
        #expect(text == "search example.test\nnameserver 192.0.2.1\noptions edns0\n")
        let own = ContainerDefinition.named("web") {
            $0.dnsServers = ["192.0.2.9"]
            $0.dnsSearchDomains = ["a", "b"]
        }
        #expect(ResolverFile.text(host: host, own) == "search a b\nnameserver 192.0.2.9\noptions edns0\n")
    }

    @Test("hosts has the task's own address and the extra hosts")
    func hosts() {
        let definition = ContainerDefinition.named("web") {
            $0.extraHosts = [KeyValue(key: "db.test", value: "192.0.2.7")]
        }
        let plan = ContainerPlan(
            id: "t1-web", assigned: AssignedContainer(id: "", definition: definition), attachment: nil)
        #expect(TaskFiles.hosts(hostname: "me", plan).hasSuffix("127.0.1.1\tme\n192.0.2.7\tdb.test\n"))
    }

    @Test("a link is a name in hosts and variables about the other")
    func links() {
        let database = ContainerDefinition.named("data-base") {
            $0.portMappings = [PortMapping(containerPort: 5432), PortMapping(containerPort: 53, transport: .udp)]
            $0.environment = [KeyValue(key: "USER", value: "me")]
        }
        let link = LinkedContainer(
            link: ContainerLink(container: "data-base", alias: "db"), address: "192.0.2.8", definition: database)
        var plan = ContainerPlan(id: "t1-web", assigned: AssignedContainer(id: "", definition: .named("web")))
        plan.links = [link]
        #expect(TaskFiles.hosts(hostname: "me", plan).hasSuffix("\n192.0.2.8\tdb data-base\n"))
        let variables = Dictionary(link.environment.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        #expect(variables["DB_NAME"] == "/data-base/db")
        #expect(variables["DB_PORT"] == "udp://192.0.2.8:53")
        #expect(variables["DB_PORT_5432_TCP"] == "tcp://192.0.2.8:5432")
        #expect(variables["DB_PORT_5432_TCP_ADDR"] == "192.0.2.8")
        #expect(variables["DB_ENV_USER"] == "me")
    }

    @Test("volumes of another container come with its own sources, once per path, read-only where asked")
    func volumesFrom() {
        let assignment = TaskAssignment.of([
            .named("data") {
                $0.mountPoints = [.init(volume: "v", containerPath: "/v"), .init(volume: "w", containerPath: "/w")]
            },
            .named("middle") { $0.volumesFrom = [VolumesFrom(container: "data")] },
            .named("web") {
                $0.mountPoints = [.init(volume: "own", containerPath: "/w")]
                $0.volumesFrom = [VolumesFrom(container: "middle", readOnly: true)]
            },
        ])
        let points = TaskFiles.mountPoints(of: assignment.containers[2].definition, in: assignment)
        #expect(
            points == [
                MountPoint(volume: "own", containerPath: "/w"),
                MountPoint(volume: "v", containerPath: "/v", readOnly: true),
            ])
    }

    @Test("a shared volume is made when that is asked for, is the same for every task, and stays")
    func sharedVolumes() throws {
        let temporary = try TemporaryDirectory()
        let files = TaskFiles(directory: NodeDirectory(root: temporary.path))
        var assignment = TaskAssignment.of([.named("web")])
        assignment.volumes = [VolumeDefinition(name: "all")]
        assignment.volumes[0].docker = DockerVolume(scope: .shared)
        #expect(throws: TaskFiles.Failure.self) { try files.prepare(assignment) }
        assignment.volumes[0].docker = DockerVolume(scope: .shared, autoprovision: true)
        try files.prepare(assignment)
        let note = "\(temporary.path)/volumes/all/note"
        try Data("x".utf8).write(to: URL(fileURLWithPath: note))
        try files.discard("t1")
        assignment.volumes[0].docker = DockerVolume(scope: .shared)
        try files.prepare(assignment)
        #expect(FileManager.default.fileExists(atPath: note))
    }

    @Test("a shared volume whose making was interrupted is finished, one with rights of its own is left as it is")
    func interruptedVolume() throws {
        let temporary = try TemporaryDirectory()
        let files = TaskFiles(directory: NodeDirectory(root: temporary.path))
        var assignment = TaskAssignment.of([.named("web")])
        assignment.volumes = [VolumeDefinition(name: "all")]
        assignment.volumes[0].docker = DockerVolume(scope: .shared, autoprovision: true)
        let path = "\(temporary.path)/volumes/all"
        func rights() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        try files.prepare(assignment)
        #expect(try rights() == 0o777)
        // As a kill between the two calls leaves it.
        #expect(chmod(path, TaskFiles.unfinished) == 0)
        try files.prepare(assignment)
        #expect(try rights() == 0o777)
        #expect(chmod(path, 0o750) == 0)
        try files.prepare(assignment)
        #expect(try rights() == 0o750)
    }
}

@Suite("Names in the runtime's ids")
struct RuntimeNameTests {
    @Test(
        "plain names stay, others become short, regular and different",
        arguments: ["a--b", "-a", "a_", "__", String(repeating: "n", count: 255)])
    func names(name: String) {
        let made = RuntimeName.of(name)
        #expect(made.utf8.count == 17 && made.allSatisfy { $0.isLetter || $0.isNumber })
        #expect(made != RuntimeName.of(name + "x"))
        #expect(RuntimeName.of("web-1_b") == "web-1_b")
    }
}
