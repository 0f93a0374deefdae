import Controllers
import Domain
import Identifiers
import Placement
import StateStore
import TestKit
import Testing

@Suite("Hosts that the placement step follows")
struct FollowedHostsTests {
    @Test("are what a step that looks anew sees, whatever is committed between", arguments: 1...30)
    func equalsFreshLook(seed: UInt64) {
        var world = World(seed: seed)
        var step = PlacementStep()
        for round in 0..<25 {
            world.pass()
            var (one, same) = (world.random, world.random)
            let commit = step.step(world.state, connected: world.connected, now: world.now, using: &one)
            var fresh = PlacementStep()
            let expected = fresh.step(world.state, connected: world.connected, now: world.now, using: &same)
            guard commit?.placements == expected?.placements, commit?.refusals == expected?.refusals,
                commit?.events == expected?.events, commit?.expected == expected?.expected
            else {
                Issue.record("seed \(seed), round \(round): they differ")
                return
            }
            if let commit { world.apply(commit) }
        }
    }

    private struct World {
        var state = StateSnapshot()
        var connected: Set<ContainerInstanceID> = []
        var random: SeededGenerator
        var now = Timestamp.test()
        private let ids: SeededIDSource
        private var nextTask = 0

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            ids = SeededIDSource(seed: seed)
        }

        /// Commits what was planned, perhaps with another change at once behind it; or refuses it.
        mutating func apply(_ commit: PlacementCommit) {
            let fate = Int.random(in: 0..<5, using: &random)
            guard fate > 0 else { return }
            state = state.applying { commit.write(to: &$0, ids: ids, now: now) }
            if fate == 1 { state = state.applying { changeTask(&$0) } }
        }

        /// Some time, in which something happens to hosts and tasks.
        mutating func pass() {
            now = now.adding(.seconds(Int.random(in: 0...4, using: &random)))
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                state = state.applying { transaction in
                    switch Int.random(in: 0..<9, using: &random) {
                    case 0: addHost(&transaction)
                    case 1: changeHost(&transaction)
                    case 2, 3: changeTask(&transaction)
                    case 4: changeDaemon(&transaction)
                    default: for _ in 0..<Int.random(in: 1...40, using: &random) { addTask(&transaction) }
                    }
                }
            }
            if Int.random(in: 0..<4, using: &random) == 0,
                let host = state.instances.keys.ascending().first(where: { _ in true })
            {
                if connected.remove(host) == nil { connected.insert(host) }
            }
        }

        private mutating func addHost(_ transaction: inout Transaction) {
            let host = ContainerInstanceRecord.test(
                "h\(Int.random(in: 0..<100, using: &random))", cpu: Int.random(in: 500...4_096, using: &random),
                zone: ["a", "b"].randomElement(using: &random))
            guard transaction.state.instances[host.id] == nil else { return }
            connected.insert(host.id)
            transaction.put(host)
        }

        private mutating func changeHost(_ transaction: inout Transaction) {
            guard var host = transaction.state.instances.values().map(\.1).randomElement(using: &random) else { return }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: return transaction.delete(.instance(host.id))
            case 1: host.status = .inactive
            case 2: host.status = host.status == .active ? .draining : .active
            case 3: host.resources.cpu.value += 256
            default: host.lostAt = host.lostAt == nil ? now : nil
            }
            transaction.put(host)
        }

        /// A DAEMON service comes, gets another deployment, or goes.
        private mutating func changeDaemon(_ transaction: inout Transaction) {
            let number = Int.random(in: 0..<3, using: &random)
            var service = ServiceRecord.test(
                "d\(number)", desired: 0, deployments: [.test(Int.random(in: 1...3, using: &random), launchType: .ec2)])
            service.schedulingStrategy = .daemon
            if Int.random(in: 0..<3, using: &random) == 0 { service.status = .draining }
            transaction.put(TaskDefinitionRecord.test())
            transaction.put(service)
        }

        private mutating func addTask(_ transaction: inout Transaction) {
            nextTask += 1
            var task = TaskRecord.test(
                "t\(nextTask)", cpu: [64, 256, 1_024].randomElement(using: &random) ?? 64, memory: 64,
                group: ["a", "b"].randomElement(using: &random) ?? "a")
            task.createdAt = now
            task.placementStrategy = [[], [.random], [.binpack(.cpu)]].randomElement(using: &random) ?? []
            transaction.put(task)
        }

        private mutating func changeTask(_ transaction: inout Transaction) {
            guard var task = transaction.state.tasks.values().map(\.1).randomElement(using: &random) else { return }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return transaction.delete(.task(task.id))
            case 1: task.verdict.stop = StopRequest(code: .userInitiated, reason: "", at: now)
            case 2: if task.placement != nil { task = task.observed(.stopped, at: now) }
            default: if task.placement != nil { task = task.observed(.running, at: now) }
            }
            transaction.put(task)
        }
    }
}
