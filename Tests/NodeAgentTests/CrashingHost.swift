import Domain
import Identifiers
import TaskNetwork
import TaskRuntime

@testable import NodeAgent

/// A host in memory whose agent dies once, between saving a step's record and acting on it, or between an act and
/// hearing of it.
struct CrashingHost {
    private(set) var record: TaskRunnerRecord
    private var step: TaskRunnerStep
    private var isBegun = false
    private var budget: Int
    private(set) var containers: [String: RuntimeContainerState.Status] = [:]
    private(set) var attachments: Set<String> = []
    private(set) var reported: [TaskStatus] = []
    /// Processes ever started, by container id.
    private(set) var processes: [String: Int] = [:]
    private(set) var maximumLive = 0
    private var now = Instant.zero

    init(_ assignment: TaskAssignment, crashAfter budget: Int) {
        record = TaskRunnerRecord(assignment: assignment)
        step = TaskRunnerStep(record)
        self.budget = budget
    }

    var live: [String] {
        containers.compactMap { if case .running = $0.value { $0.key } else { nil } }.sorted()
    }

    /// Runs until the task is finished; the control plane asks for its end after so many answers.
    mutating func run(stopAfter: Int) {
        var inputs: [TaskInput] = [begin()]
        var answered = 0
        for _ in 0..<2_000 where record.finishedAt == nil {
            guard !inputs.isEmpty else {
                now = step.deadline(now: now) ?? now.adding(.seconds(1))
                inputs.append(.timer)
                if answered >= stopAfter { inputs.append(.stop) }
                answered += 1
                continue
            }
            answered += 1
            if answered == stopAfter { inputs.append(.stop) }
            var todo = step.step(
                inputs.removeFirst(), now: now, wall: Timestamp(milliseconds: now.nanoseconds / 1_000_000))
            record = step.record
            while !todo.isEmpty {
                if crashes() {
                    inputs = [begin()]
                    break
                }
                let answer = perform(todo.removeFirst())
                if crashes() {
                    inputs = [begin()]
                    break
                }
                if let answer { inputs.append(answer) }
            }
        }
    }

    private mutating func crashes() -> Bool {
        budget -= 1
        return budget == 0
    }

    private mutating func begin() -> TaskInput {
        step = TaskRunnerStep(record)
        let states = containers.map {
            RuntimeContainerState(id: $0.key, task: "t1", labels: [:], status: $0.value)
        }
        return .begin(HostInventory(containers: states.sorted { $0.id < $1.id }, attachments: attachments.sorted()))
    }

    private mutating func perform(_ action: TaskAction) -> TaskInput? {
        switch action {
        case .reservePorts: return .portsReserved([:])
        case .prepare: return .prepared
        case .attach(let request):
            attachments.insert(request.id)
            return .attached(
                NetworkAttachment(
                    id: request.id, namespacePath: "/n", interface: TaskInterface(address: "a", macAddress: "m"),
                    gateway: "g"))
        case .resolveImage(let container, _): return .imageReady(container: container, digest: "d")
        case .create(let plan):
            if containers[plan.id] == nil { containers[plan.id] = .created }
            return .created(id: plan.id)
        case .start(let id):
            if containers[id] == .created {
                containers[id] = .running(pid: 1)
                processes[id, default: 0] += 1
                maximumLive = max(maximumLive, live.count { $0 == id })
            }
            return .started(id: id)
        case .signal(let id, let number):
            guard case .running? = containers[id] else { return nil }
            containers[id] = .exited(code: 128 + Int(number.rawValue), at: nil)
            return .exited(id: id, code: 128 + Int(number.rawValue), at: nil)
        case .probe(let id, _, _): return .probed(id: id, passed: true)
        case .remove(let id):
            containers[id] = nil
            return .removed(id: id)
        case .detach(let id):
            attachments.remove(id)
            return .detached(id: id)
        case .submit(let report):
            reported.append(report.status)
            return .submitted
        case .discard: return .discarded
        case .releasePorts, .finish: return nil
        }
    }
}
