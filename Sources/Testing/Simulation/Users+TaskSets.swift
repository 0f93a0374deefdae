import Deployments
import Domain
import Identifiers
import JSONBytes
import StateStore

// Users with a deployment controller of their own: they make task sets, give them shares, and take them away.
extension Users {
    func changeTaskSets(_ state: StateSnapshot, in world: World) {
        let id = ServiceID(cluster: .simulated, name: Kind.sets0.rawValue)
        guard let service = state.services[id], service.status == .active else { return createOwn(in: world) }
        let sets = service.taskSets.filter { $0.status != .draining }
        guard let set = sets.randomElement(using: &world.random), sets.count > 1 || !world.random.oneIn(2) else {
            return addTaskSet(Self.shares.randomElement(using: &world.random) ?? 100, in: world)
        }
        switch Int.random(in: 0..<4, using: &world.random) {
        case 0: scale(set, to: Self.shares.randomElement(using: &world.random) ?? 100, in: world)
        case 1: send("UpdateServicePrimaryTaskSet", Self.naming(set, as: "primaryTaskSet"), in: world)
        case 2:
            send(
                "DeleteTaskSet", Self.naming(set).merging(["force": .boolean(!world.random.oneIn(4))]) { $1 },
                in: world)
        default: rescale(desired(.sets0, in: world), in: world)
        }
    }

    private static let shares: [Double] = [0, 10, 34, 50, 100]

    private func createOwn(in world: World) {
        let count = desired(.sets0, in: world)
        send(
            "CreateService", on: ServiceID(cluster: .simulated, name: Kind.sets0.rawValue), desired: count,
            [
                "serviceName": .string(Kind.sets0.rawValue), "deploymentController": ["type": "EXTERNAL"],
                "desiredCount": .integer(Int64(count)),
            ], in: world)
    }

    private func rescale(_ count: Int, in world: World) {
        send(
            "UpdateService", on: ServiceID(cluster: .simulated, name: Kind.sets0.rawValue), desired: count,
            ["service": .string(Kind.sets0.rawValue), "desiredCount": .integer(Int64(count))], in: world)
    }

    private func addTaskSet(_ share: Double, of definition: JSONValue? = nil, in world: World) {
        send(
            "CreateTaskSet",
            [
                "cluster": "default", "service": .string(Kind.sets0.rawValue), "launchType": "EC2",
                "taskDefinition": definition ?? self.definition(.sets0, in: world),
                "scale": ["value": .number(share), "unit": "PERCENT"],
            ], in: world)
    }

    private func scale(_ set: TaskSetRecord, to share: Double, in world: World) {
        send(
            "UpdateTaskSet",
            Self.naming(set).merging(["scale": ["value": .number(share), "unit": "PERCENT"]]) { $1 }, in: world)
    }

    private static func naming(_ set: TaskSetRecord, as member: String = "taskSet") -> [String: JSONValue] {
        ["cluster": "default", "service": .string(Kind.sets0.rawValue), member: .string(set.id.rawValue)]
    }

    /// Leaves one task set, of what can run, and no more tasks than the hosts carry.
    func mendTaskSets(of service: ServiceRecord, in world: World) {
        let sets = service.taskSets.filter { $0.status != .draining }
        let sound = sets.first { Setting.soundRevisions.contains($0.deployment.taskDefinition.revision) }
        for set in sets where set.id != sound?.id {
            send("DeleteTaskSet", Self.naming(set).merging(["force": true]) { $1 }, in: world)
        }
        if sound == nil { addTaskSet(50, of: .string("\(Kind.sets0.family):1"), in: world) }
        if service.desiredCount > 2 { rescale(2, in: world) }
    }
}

extension World {
    /// What of a service with task sets still moves; nil when every one has its share.
    static func unrestOfTaskSets(_ service: ServiceRecord, _ state: StateSnapshot) -> String? {
        let live = state.liveTasks(of: service.id)
        for set in service.taskSets {
            let own = live.filter { $0.deployment == set.id }
            let running = own.count { $0.lastStatus == .running && $0.desiredStatus == .running }
            let wanted = Invariants.share(of: set, service)
            if running != wanted || own.count != running {
                return "has \(running) running of \(own.count) live tasks in a task set of \(wanted)"
                    + refusals(of: own)
            }
            if set.status == .draining { return "has a task set that drains" }
            if !set.isStable { return "has a task set that is not stable" }
        }
        if live.contains(where: { task in !service.taskSets.contains { $0.id == task.deployment } }) {
            return "has tasks of no task set"
        }
        return service.taskSets.count == 1 ? nil : "has \(service.taskSets.count) task sets"
    }
}

extension Invariants {
    /// The share of a task set, worked out in whole numbers: the scale has no fractions here.
    static func share(of set: TaskSetRecord, _ service: ServiceRecord) -> Int {
        set.status == .draining ? 0 : (service.desiredCount * Int(set.scale) + 99) / 100
    }

    /// No task set starts more than its share allows, and none that is asked to end starts anything.
    func checkTaskSets(_ batch: CommitBatch, of service: ServiceRecord, _ after: StateSnapshot, in world: World) {
        for set in service.taskSets {
            let isStarting = batch.changes.contains { change in
                if change.before == nil, case .task(let task)? = change.after {
                    task.deployment == set.id
                } else {
                    false
                }
            }
            guard isStarting else { continue }
            world.coverage.transitions["task set starts", default: 0] += 1
            let live = after.liveTasks(of: service.id).count {
                $0.deployment == set.id && $0.desiredStatus == .running
            }
            let maximum = service.configuration.maximum(of: Self.share(of: set, service))
            if live > maximum {
                world.fail("a task set of service \(service.id.name) has \(live) tasks, its maximum is \(maximum)")
            }
        }
    }
}
