import Domain
import Identifiers
import TaskNetwork
import TaskRuntime
import Testing

@testable import NodeAgent

/// The generator of SplitMix64: equal seeds give equal runs in every process.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Any run of a task")
struct TaskRunnerPropertyTests {
    @Test("keeps the rules under random exits, failures, orders and delays", arguments: 0..<300)
    func anyRun(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let assignment = Self.assignment(&random)
        var world = World(assignment, &random)
        for _ in 0..<200 where !world.isFinished { world.advance(&random) }
        world.mayFail = false
        world.deliver(.stop)
        for _ in 0..<400 where !world.isFinished { world.advance(&random) }
        #expect(world.isFinished, "seed \(seed) did not end after a stop")
        #expect(world.violations.isEmpty, "seed \(seed): \(world.violations)")
        #expect(world.live.isEmpty)
        #expect(world.reported == world.reported.sorted())
        #expect(world.reported.last == .stopped)
    }

    private static func assignment(_ random: inout SeededGenerator) -> TaskAssignment {
        let count = Int.random(in: 1...4, using: &random)
        let containers = (0..<count).map { index in
            ContainerDefinition.named("c\(index)") { definition in
                definition.essential = index == 0 || Bool.random(using: &random)
                definition.stopTimeout = Int.random(in: 0...20, using: &random)
                if Bool.random(using: &random) {
                    definition.restartPolicy = RestartPolicy(enabled: true, attemptPeriod: 60)
                }
                if index > 0, Bool.random(using: &random) {
                    let target = "c\(Int.random(in: 0..<index, using: &random))"
                    definition.dependsOn = [.init(container: target, condition: .start)]
                }
                if Bool.random(using: &random) {
                    definition.healthCheck = HealthCheck(command: ["CMD", "x"], interval: 5, retries: 2)
                }
            }
        }
        let modes: [NetworkMode] = [.awsvpc, .bridge, .host, .none]
        return .of(containers, mode: modes.randomElement(using: &random) ?? .host)
    }

    /// A host that does things late, in any order, wrongly, and whose processes end when they like.
    struct World {
        private var step: TaskRunnerStep
        private var pending: [TaskAction] = []
        private(set) var live: Set<String> = []
        private(set) var reported: [TaskStatus] = []
        private(set) var violations: [String] = []
        private var now = Instant.zero
        var mayFail = true

        init(_ assignment: TaskAssignment, _ random: inout SeededGenerator) {
            step = TaskRunnerStep(TaskRunnerRecord(assignment: assignment))
            deliver(.begin(HostInventory()))
        }

        var isFinished: Bool { step.record.finishedAt != nil }

        mutating func deliver(_ input: TaskInput) {
            let wall = Timestamp(milliseconds: now.nanoseconds / 1_000_000)
            for action in step.step(input, now: now, wall: wall) {
                if case .start(let id) = action {
                    let base = id.split(separator: ".").first.map(String.init) ?? id
                    if live.contains(where: { $0 == id || $0.hasPrefix(base + ".") || $0 == base }) {
                        violations.append("\(id) starts beside a live process")
                    }
                }
                pending.append(action)
            }
            let essentialEnded = step.record.containers.indices.contains {
                step.record.assignment.containers[$0].definition.essential && step.record.containers[$0].hasEnded
            }
            if essentialEnded, !step.record.isStopping { violations.append("an essential container ended alone") }
            if step.record.stoppedAt != nil, !live.isEmpty { violations.append("STOPPED with live processes") }
        }

        mutating func advance(_ random: inout SeededGenerator) {
            let choice = Int.random(in: 0..<10, using: &random)
            if choice == 0, mayFail, let id = live.sorted().randomElement(using: &random) {
                live.remove(id)
                let ranOutOfMemory = Bool.random(using: &random)
                let code = Int.random(in: 0...255, using: &random)
                deliver(.exited(id: id, code: code, at: nil, ranOutOfMemory: ranOutOfMemory))
            } else if choice <= 2 || pending.isEmpty {
                now = step.deadline(now: now) ?? now.adding(.seconds(Int.random(in: 1...70, using: &random)))
                deliver(.timer)
            } else {
                let index = Int.random(in: 0..<pending.count, using: &random)
                answer(pending.remove(at: index), &random)
            }
        }

        private mutating func answer(_ action: TaskAction, _ random: inout SeededGenerator) {
            let fails = mayFail && Int.random(in: 0..<25, using: &random) == 0
            switch action {
            case .reservePorts: deliver(fails ? .portsRefused("no") : .portsReserved([:]))
            case .prepare: deliver(fails ? .prepareFailed("no") : .prepared)
            case .attach(let request):
                let interface = TaskInterface(address: "a", macAddress: "m")
                deliver(
                    fails
                        ? .attachFailed("no")
                        : .attached(
                            NetworkAttachment(id: request.id, namespacePath: "n", interface: interface, gateway: "g")))
            case .resolveImage(let name, _):
                deliver(fails ? .imageFailed(container: name, reason: "no") : .imageReady(container: name, digest: "d"))
            case .create(let plan): deliver(fails ? .createFailed(id: plan.id, reason: "no") : .created(id: plan.id))
            case .start(let id):
                if fails { return deliver(.startFailed(id: id, reason: "no")) }
                live.insert(id)
                deliver(.started(id: id))
            case .signal(let id, let number):
                let obeys = number == .kill || Bool.random(using: &random)
                if obeys, live.remove(id) != nil {
                    deliver(.exited(id: id, code: 128 + Int(number.rawValue), at: nil))
                }
            case .probe(let id, _, _): deliver(.probed(id: id, passed: Bool.random(using: &random)))
            case .remove(let id):
                live.remove(id)
                deliver(.removed(id: id))
            case .detach(let id): deliver(fails ? .detachFailed(id: id) : .detached(id: id))
            case .submit(let report):
                reported.append(report.status)
                deliver(.submitted)
            case .discard: deliver(.discarded)
            case .releasePorts, .finish: break
            }
        }
    }
}
