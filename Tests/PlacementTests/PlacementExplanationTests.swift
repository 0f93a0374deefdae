import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Why a task finds no host")
struct PlacementExplanationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var change: @Sendable (inout TaskRecord, inout ContainerInstanceRecord) -> Void = { _, _ in }
        var isConnected = true
        var others: [TaskRecord] = []
        /// Filters that refuse, with their words.
        var problems: [PlacementRefusal: String]
        var remedy: String?

        var testDescription: String { name }
    }

    static var holder: TaskRecord {
        var task = TaskRecord.test("holder", cpu: 100, memory: 100).placed(on: "h1")
        task.hostPorts = [Port(8080)]
        return task
    }

    static var table: [Row] {
        [
            Row(name: "nothing is wrong", problems: [:]),
            Row(
                name: "too little processor is left", change: { task, _ in task.reservation.cpu = CPUUnits(4000) },
                others: [holder], problems: [.cpu: "needs 4000 CPU units, 3996 left of 4096"],
                remedy: "it had 4 CPU units more"),
            Row(
                name: "the task is larger than the host",
                change: { task, _ in task.reservation.memory = MemoryMiB(9000) },
                problems: [.memory: "needs 9000 MiB, 8192 left of 8192"],
                remedy: "it had 808 MiB more (it has 8192 in all: the task is larger than the host)"),
            Row(
                name: "the host drains", change: { _, host in host.status = .draining },
                problems: [.inactive: "it is DRAINING"], remedy: "it were ACTIVE"),
            Row(
                name: "the agent is away", isConnected: false, problems: [.agent: "its agent is not connected"],
                remedy: "its agent were connected"),
            Row(
                name: "the host is lost", change: { _, host in host.lostAt = .test() },
                problems: [.agent: "it was given up as lost"], remedy: "it came back"),
            Row(
                name: "a port is held", change: { task, _ in task.hostPorts = [Port(8080)] }, others: [holder],
                problems: [.ports: "port 8080/tcp is held by task holder"],
                remedy: "task holder, which holds port 8080/tcp, were stopped"),
            Row(
                name: "a port is the host's own",
                change: { task, host in
                    task.hostPorts = [Port(53, .udp)]
                    host.reservedPorts = [Port(53, .udp)]
                }, problems: [.ports: "port 53/udp is kept by the host"],
                remedy: "it did not keep port 53/udp for itself"),
            Row(
                name: "attributes are missing", change: { task, _ in task.requiresAttributes = ["a", "b"] },
                problems: [.attribute: "it lacks a, b"], remedy: "it had the attributes a, b"),
            Row(
                name: "expressions do not hold",
                change: { task, _ in
                    task.placementConstraints = [.memberOf("attribute:x exists"), .memberOf("attribute:y !exists")]
                }, problems: [.memberOf: "'attribute:x exists' does not hold"],
                remedy: "'attribute:x exists' held for it"),
            Row(
                name: "an expression is none", change: { task, _ in task.placementConstraints = [.memberOf("((")] },
                problems: [.memberOf: "'((' cannot be read"], remedy: "the expression '((' were one"),
            Row(
                name: "one of the group is there",
                change: { task, _ in task.placementConstraints = [.distinctInstance] }, others: [holder],
                problems: [.distinctInstance: "it runs task holder of group family:web"],
                remedy: "it ran no other task of group family:web"),
            Row(
                name: "all at once",
                change: { task, host in
                    task.reservation.cpu = CPUUnits(5000)
                    task.placementConstraints = [.distinctInstance]
                    host.status = .draining
                }, isConnected: false, others: [holder],
                problems: [
                    .inactive: "it is DRAINING", .agent: "its agent is not connected",
                    .cpu: "needs 5000 CPU units, 3996 left of 4096",
                    .distinctInstance: "it runs task holder of group family:web",
                ],
                remedy:
                    "it were ACTIVE, and its agent were connected, and it had 1004 CPU units more (it has 4096 in all: "
                    + "the task is larger than the host), and it ran no other task of group family:web"),
        ]
    }

    @Test("is told with every filter that refuses, and what would help", arguments: table)
    func checks(row: Row) throws {
        var task = TaskRecord.test("new")
        var record = ContainerInstanceRecord.test("h1")
        row.change(&task, &record)
        let host = ExplainedHost(record: record, isConnected: row.isConnected, tasks: row.others)
        let explanation = PlacementExplanation(of: task, on: [host])
        let told = try #require(explanation.hosts.first)
        #expect(told.checks.map(\.filter) == PlacementRefusal.allCases)
        let problems = told.checks.compactMap { check in check.problem.map { (check.filter, $0) } }
        #expect(Dictionary(problems, uniquingKeysWith: { $1 }) == row.problems)
        #expect(told.remedy == row.remedy.map { "Host h1 would admit it if \($0)." })
        #expect(explanation.admitting.isEmpty == !row.problems.isEmpty)
    }

    @Test(
        "says where there is no host at all",
        arguments: [
            (LaunchType.fargate, String?.none, "managed host"), (.ec2, "blue", "capacity provider blue"),
            (.ec2, nil, "launch type"), (.external, nil, "--external"),
        ])
    func missing(type: LaunchType, provider: String?, words: String) {
        var task = TaskRecord.test("a", launchType: type)
        task.capacityProvider = provider
        var other = ContainerInstanceRecord.test("h1", launchType: type == .fargate ? .ec2 : .fargate)
        other.capacityProvider = "green"
        let hosts = [ExplainedHost(record: other, isConnected: true, tasks: [])]
        let explanation = PlacementExplanation(of: task, on: hosts)
        #expect(explanation.hosts.isEmpty)
        #expect(explanation.missing?.contains(words) == true)
    }

    @Test("begins with the host that is nearest")
    func order() {
        var draining = ContainerInstanceRecord.test("h1")
        draining.status = .draining
        let records = [
            ContainerInstanceRecord.test("h4", cpu: 100, memory: 100), .test("h3", cpu: 100), .test("h2", cpu: 200),
            draining,
        ]
        let explanation = PlacementExplanation(
            of: .test("new"), on: records.map { ExplainedHost(record: $0, isConnected: true, tasks: []) })
        #expect(explanation.hosts.map(\.instance.id) == ["h1", "h2", "h3", "h4"])
        #expect(explanation.refusals.map(\.filter) == [.inactive, .cpu])
        #expect(explanation.refusals.map(\.hosts) == [1, 3])
    }

    @Test("agrees with placement on any hosts", arguments: UInt64(1)...500)
    func agrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var records: [ContainerInstanceRecord] = []
        for number in 0..<12 {
            let type: LaunchType = [.ec2, .fargate, .external].randomElement(using: &random) ?? .ec2
            var record = ContainerInstanceRecord.test(
                "h\(number)", launchType: type, cpu: .random(in: 100...1000, using: &random),
                memory: .random(in: 100...1000, using: &random), zone: Bool.random(using: &random) ? "a" : "b")
            record.status = [.active, .active, .draining].randomElement(using: &random) ?? .active
            record.capacityProvider = type == .ec2 ? ["blue", nil].randomElement(using: &random) ?? nil : nil
            record.lostAt = Int.random(in: 0..<8, using: &random) == 0 ? .test() : nil
            record.attributes += Bool.random(using: &random) ? [Attribute(name: "ssd")] : []
            record.reservedPorts = Bool.random(using: &random) ? [Port(80)] : []
            records.append(record)
        }
        let hosts = records.enumerated().map { index, record in
            var task = TaskRecord.test("t\(index)", cpu: .random(in: 0...300, using: &random)).placed(on: record.id.id)
            task.hostPorts = Bool.random(using: &random) ? [Port(8080)] : []
            task.group = Bool.random(using: &random) ? "family:web" : "other"
            return (record, Int.random(in: 0..<5, using: &random) > 0, Bool.random(using: &random) ? [task] : [])
        }
        let snapshot = PlacementSnapshot(
            hosts: hosts.map { PlacementHost(record: $0.0, isConnected: $0.1, tasks: $0.2) })
        var task = TaskRecord.test(
            "new", launchType: [.ec2, .fargate, .external].randomElement(using: &random) ?? .ec2)
        task.reservation = Resources(
            cpu: CPUUnits(.random(in: 0...600, using: &random)), memory: MemoryMiB(.random(in: 0...600, using: &random))
        )
        task.capacityProvider = task.launchType == .ec2 && Bool.random(using: &random) ? "blue" : nil
        task.hostPorts = [[], [Port(80)], [Port(8080)]].randomElement(using: &random) ?? []
        task.requiresAttributes = Bool.random(using: &random) ? ["ssd"] : []
        task.pinnedTo = Int.random(in: 0..<6, using: &random) == 0 ? .test("h3") : nil
        task.placementConstraints =
            [
                [], [.distinctInstance], [.memberOf("attribute:ecs.availability-zone == a")],
            ].randomElement(using: &random) ?? []
        let explained = hosts.map { ExplainedHost(record: $0.0, isConnected: $0.1, tasks: $0.2) }
        let explanation = PlacementExplanation(of: task, on: explained)
        let told = explanation.hosts.compactMap { host in host.refusal.map { "\(host.instance.id) \($0)" } }
        #expect(told.sorted() == snapshot.rejections(of: task).map { "\($0.instance.id) \($0.refusal)" }.sorted())
        if task.pinnedTo == nil { #expect((explanation.missing == nil) == snapshot.hasHosts(for: task)) }
    }
}
