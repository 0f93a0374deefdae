import Domain
import Identifiers
import JSONBytes
import StateStore
import TaskLifecycle

// Users who keep a daemon on the cluster's own hosts.
extension Users {
    private static let daemon = DaemonID(cluster: .simulated, name: "agent")

    func changeDaemon(_ state: StateSnapshot, in world: World) {
        let sound = world.options.hasFaults && world.random.oneIn(3) ? [5, 6, 7] : [1, 2, 3]
        let revision = sound.randomElement(using: &world.random) ?? 1
        guard state.daemons[Self.daemon] != nil else {
            var body = Self.request(revision, in: world)
            body["daemonName"] = .string(Self.daemon.name)
            return send("CreateDaemon", body, in: world)
        }
        if world.random.oneIn(5) { return send("DeleteDaemon", ["daemonArn": .string(Self.daemon.arn)], in: world) }
        update(revision, in: world)
    }

    private func update(_ revision: Int, in world: World) {
        var body = Self.request(revision, in: world)
        body["daemonArn"] = .string(Self.daemon.arn)
        send("UpdateDaemon", body, in: world)
    }

    private static func request(_ revision: Int, in world: World) -> [String: JSONValue] {
        let share: Double = [25, 50, 100].randomElement(using: &world.random) ?? 25
        return [
            "daemonTaskDefinitionArn": .string("agent:\(revision)"),
            "capacityProviderArns": [.string(Setting.provider)],
            "deploymentConfiguration": ["drainPercent": .number(share), "bakeTimeInMinutes": 0],
        ]
    }

    /// Asks for a revision that runs where the one that is wanted cannot, or where its deployment was given up.
    func mendDaemons(_ state: StateSnapshot, in world: World) {
        for (_, daemon) in state.daemons.values() where daemon.status == .active {
            let definition = daemon.revision.flatMap { state.daemonRevisions[$0]?.definition }
            let isSound = definition.map { Setting.soundRevisions.contains($0.revision) } ?? false
            let status = state.daemonDeployments[daemon.deployment]?.status
            if !isSound || status == .stopped || status == .rollbackFailed { update(1, in: world) }
        }
    }
}

extension World {
    /// What of a daemon still moves; nil when every host that shall have a task of it has one, and when one has no room for it:
    /// then its deployment waits, and says so.
    func unrest(of daemon: DaemonRecord, _ state: StateSnapshot) -> String? {
        guard daemon.status == .active else { return "is being deleted" }
        if let revision = daemon.revision.flatMap({ state.daemonRevisions[$0] }),
            let definition = state.definition(revision.definition)
        {
            let needed = reservation(of: definition)
            if state.instances(in: daemon.id.cluster).contains(where: { isTooFull($0, for: daemon, needed, state) }) {
                return nil
            }
        }
        if let deployment = state.daemonDeployments[daemon.deployment], deployment.status.isOpen {
            return
                "has an open deployment: \(deployment.status.rawValue), \(deployment.statusReason ?? "without a reason")"
        }
        for host in state.instances(in: daemon.id.cluster) where host.status == .active {
            let tasks = state.liveTasks(on: host.id).filter { $0.daemonRevision?.daemon == daemon.id }
            if tasks.count != 1 { return "has \(tasks.count) tasks on \(host.id.id.prefix(4))" }
            if tasks.first?.daemonRevision != daemon.revision { return "has an old task on \(host.id.id.prefix(4))" }
        }
        return nil
    }

    /// Whether other tasks leave the daemon no room on a host where it has no task.
    private func isTooFull(
        _ host: ContainerInstanceRecord, for daemon: DaemonRecord, _ needed: Resources, _ state: StateSnapshot
    ) -> Bool {
        let tasks = state.liveTasks(on: host.id)
        guard host.status == .active, !tasks.contains(where: { $0.daemonRevision?.daemon == daemon.id }) else {
            return false
        }
        return tasks.reduce(needed.cpu.value) { $0 + $1.reservation.cpu.value } > host.resources.cpu.value
            || tasks.reduce(needed.memory.value) { $0 + $1.reservation.memory.value } > host.resources.memory.value
    }
}

extension Invariants {
    /// No host gets a second task of a daemon.
    func checkDaemons(on id: ContainerInstanceID, _ state: StateSnapshot, in world: World) {
        let daemons = state.liveTasks(on: id).filter { $0.desiredStatus == .running }.compactMap(
            \.daemonRevision?.daemon)
        if Set(daemons).count != daemons.count { world.fail("host \(id.id.prefix(4)) has two tasks of one daemon") }
    }
}
