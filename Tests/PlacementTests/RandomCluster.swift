import Domain
import Identifiers
import Placement
import TestKit

/// Hosts and tasks that change at random, and the snapshot that follows them.
struct RandomCluster {
    var random: SeededGenerator
    private(set) var records: [ContainerInstanceRecord] = []
    private(set) var connected: Set<ContainerInstanceID> = []
    private(set) var tasks: [TaskRecord] = []
    private var touched: Set<ContainerInstanceID> = []
    private var nextTask = 0
    private var shapes: [TaskRecord] = []
    /// One task of each daemon.
    private var daemons: [TaskRecord] = []

    /// - Parameter hosts: how many at the start.
    init(seed: UInt64, hosts: Int) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<hosts { addHost() }
        for _ in 0..<Int.random(in: 1...4, using: &random) { shapes.append(shape()) }
        for number in 0..<Int.random(in: 0...2, using: &random) {
            var daemon = shape()
            daemon.group = "service:d\(number)"
            daemons.append(daemon)
        }
        touched = []
    }

    var claims: DaemonClaims { DaemonClaims(daemons) }

    var hosts: [PlacementHost] { records.map(host) }

    func scan() -> FullScan { FullScan(records, connected: connected, tasks: tasks, claims: claims) }

    /// Some tasks of the cluster's shapes, by turns.
    mutating func waiting(_ count: Int) -> [TaskRecord] {
        (0..<count).map { _ in
            nextTask += 1
            var task = pick(shapes)
            task.id.id = "t\(nextTask)"
            if !daemons.isEmpty, !records.isEmpty, one(in: 5) {
                task = pick(daemons)
                task.id.id = "t\(nextTask)"
                task.pinnedTo = pick(records).id
            } else if one(in: 20) {
                task.pinnedTo = .test(pick(records.map(\.id.id) + ["h-none"]))
            }
            return task
        }
    }

    /// Commits some of the placements; the hosts of the others are as they were.
    mutating func commit(_ plan: PlacementPlan, of waiting: [TaskRecord]) {
        for placement in plan.placements {
            touched.insert(placement.instance)
            guard !one(in: 8), let task = waiting.first(where: { $0.id == placement.task }) else { continue }
            tasks.append(task.placed(on: placement.instance.id))
        }
    }

    /// Something happens to hosts and tasks.
    mutating func pass() {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: addHost()
            case 1: if records.count > 1 { touched.insert(records.remove(at: pick(Array(records.indices))).id) }
            case 2: change { $0.status = $1 }
            case 3: change { record, _ in record.attributes = [] }
            case 4: change { record, _ in record.lostAt = record.lostAt == nil ? .test() : nil }
            case 5: change { record, _ in record.resources.cpu.value += 128 }
            case 6:
                guard let host = records.randomElement(using: &random)?.id else { break }
                touched.insert(host)
                if connected.remove(host) == nil { connected.insert(host) }
            default: endTask()
            }
        }
        if one(in: 3) { shapes.append(shape()) }
    }

    /// Brings a snapshot that followed so far to what is now.
    mutating func follow(_ snapshot: inout PlacementSnapshot) {
        snapshot.update(
            records.filter { touched.contains($0.id) }.map(host), gone: touched.subtracting(records.map(\.id)))
        touched = []
    }

    private func host(_ record: ContainerInstanceRecord) -> PlacementHost {
        var host = PlacementHost(
            record: record, isConnected: connected.contains(record.id),
            tasks: tasks.filter { $0.placement?.instance == record.id })
        claims.keepRoom(on: &host)
        return host
    }

    private mutating func addHost() {
        var record = ContainerInstanceRecord.test(
            "h\(Int.random(in: 0..<1_000_000, using: &random))",
            launchType: pick([.ec2, .ec2, .ec2, .ec2, .external, .fargate]),
            cpu: pick([256, 1_024, 4_096]), memory: pick([512, 2_048, 8_192]))
        guard !records.contains(where: { $0.id == record.id }) else { return }
        let zone = pick(["a", "b", "c"])
        record.attributes = [
            Attribute(name: "serial", value: record.id.id), Attribute(name: "ecs.availability-zone", value: zone),
            Attribute(name: "rack", value: zone + pick(["1", "2"])),
        ]
        if one(in: 2) { record.attributes.append(Attribute(name: "color", value: pick(["red", "blue", nil]))) }
        if record.launchType != .fargate, one(in: 4) { record.capacityProvider = "blue" }
        if one(in: 8) { record.reservedPorts = [Port(80)] }
        records.append(record)
        if !one(in: 10) { connected.insert(record.id) }
        touched.insert(record.id)
    }

    private mutating func change(_ body: (inout ContainerInstanceRecord, ContainerInstanceStatus) -> Void) {
        guard let index = records.indices.randomElement(using: &random) else { return }
        body(&records[index], pick([.active, .active, .draining, .inactive]))
        touched.insert(records[index].id)
    }

    private mutating func endTask() {
        guard let index = tasks.indices.randomElement(using: &random) else { return }
        if let host = tasks[index].placement?.instance { touched.insert(host) }
        if one(in: 2) {
            tasks.remove(at: index)
        } else {
            tasks[index].verdict.stop = StopRequest(code: .userInitiated, reason: "", at: .test())
        }
    }

    private mutating func shape() -> TaskRecord {
        var task = TaskRecord.test(
            "", launchType: pick([.ec2, .ec2, .ec2, .ec2, .external, .fargate]), cpu: pick([0, 128, 256, 1_024]),
            memory: pick([64, 128, 512, 2_048]), mode: .bridge, group: pick(["service:a", "service:b", "service:c"]))
        if task.launchType == .ec2, one(in: 6) { task.capacityProvider = pick(["blue", "green"]) }
        if one(in: 6) { task.hostPorts = [Port(pick([80, 81]))] }
        if one(in: 6) { task.requiresAttributes = [pick(["color", "rack"])] }
        if one(in: 4) { task.placementConstraints.append(.distinctInstance) }
        if one(in: 3) { task.placementConstraints.append(.memberOf(pick(Self.expressions))) }
        let strategies: [PlacementStrategy] = [
            .random, .binpack(.cpu), .binpack(.memory), .spread("instanceId"), .spread("host"),
            .spread("attribute:ecs.availability-zone"), .spread("attribute:rack"), .spread("attribute:serial"),
            .spread("attribute:color"), .spread("attribute:none"),
        ]
        task.placementStrategy = (0..<pick([0, 1, 1, 2, 2, 3, 4])).map { _ in pick(strategies) }
        return task
    }

    private static let expressions = [
        "attribute:color == red", "attribute:color !exists", "attribute:rack =~ 'a.*' or attribute:rack == b1",
        "attribute:ecs.availability-zone in [a, b]", "runningTasksCount < 2", "runningTasksCount >= 1",
        "task:group == service:b", "not(task:group == service:c)", "agentConnected == true", "no expression",
    ]

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
}
