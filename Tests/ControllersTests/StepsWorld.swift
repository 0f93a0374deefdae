import Controllers
import Domain
import Identifiers
import Placement
import StateStore
import TaskLifecycle
import TestKit
import Testing

/// The steps of services and placement, driven by hand on snapshots.
struct StepsWorld {
    var state: StateSnapshot
    var services = ServicesStep()
    var placement = PlacementStep()
    var random: SeededGenerator
    let ids: SeededIDSource
    var now = Timestamp.test()
    var connected: Set<ContainerInstanceID>

    init(seed: UInt64 = 1, hosts: [ContainerInstanceRecord], service: ServiceRecord) {
        ids = SeededIDSource(seed: seed)
        random = SeededGenerator(seed: seed)
        connected = Set(hosts.map(\.id))
        state = StateSnapshot().applying { transaction in
            for host in hosts { transaction.put(host) }
            transaction.put(TaskDefinitionRecord.test())
            transaction.put(service)
        }
    }

    var service: ServiceRecord? { state.services.values().map(\.1).first { $0.id.name == "web" } }

    var tasks: [TaskRecord] { state.tasks.values().map(\.1) }

    /// Plans and writes until nothing moves at this moment.
    mutating func settle(sourceLocation: SourceLocation = #_sourceLocation) {
        for _ in 0..<60 where !moveOnce() { return }
        Issue.record("the steps do not come to rest", sourceLocation: sourceLocation)
    }

    private mutating func moveOnce() -> Bool {
        var moved = false
        for commit in services.step(nil, state, connected: connected, now: now, ids: ids) {
            #expect(1 + commit.tasks.count <= 100)
            moved = true
            state = state.applying { transaction in
                commit.write(to: &transaction)
            }
        }
        if let commit = placement.step(state, connected: connected, now: now, using: &random) {
            moved = true
            apply(commit)
        }
        return moved
    }

    private mutating func apply(_ commit: PlacementCommit) {
        #expect(commit.placements.count + commit.refusals.count + commit.events.count <= 100)
        state = state.applying { transaction in
            commit.write(to: &transaction, ids: ids, now: now)
        }
    }

    /// Time passes and the hosts do what they are asked.
    mutating func pass(_ seconds: Int) {
        now = now.adding(.seconds(seconds))
        state = state.applying { transaction in
            for task in tasks where task.placement != nil && task.isLive {
                let status: TaskStatus = task.desiredStatus == .stopped ? .stopped : .running
                transaction.put(task.applying(TaskReport(task: task.id, status: status), now: now))
            }
        }
    }

    /// A hash of everything stored that is equal in every process.
    var trace: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for task in tasks {
            for byte in "\(task.id.id) \(task.lastStatus) \(task.placement?.instance.id ?? "-")".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return hash
    }
}
