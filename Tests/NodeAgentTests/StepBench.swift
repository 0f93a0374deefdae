import Domain
import Identifiers
import TaskNetwork
import TaskRuntime

@testable import NodeAgent

let testScope = Scope(account: "000000000000", region: "us-east-1")
let testCluster = ClusterID(scope: testScope, name: "default")

extension ContainerDefinition {
    static func named(_ name: String, _ change: (inout ContainerDefinition) -> Void = { _ in }) -> ContainerDefinition {
        var definition = ContainerDefinition(name: name, image: "app:1")
        definition.memory = MemoryMiB(64)
        change(&definition)
        return definition
    }
}

extension TaskAssignment {
    static func of(
        _ containers: [ContainerDefinition], id: String = "t1", mode: NetworkMode = .awsvpc
    ) -> TaskAssignment {
        TaskAssignment(
            task: TaskID(cluster: testCluster, id: id), family: "web", revision: 1, launchType: .ec2, networkMode: mode,
            containers: containers.map { AssignedContainer(id: "uuid-\($0.name)", definition: $0) },
            group: "family:web")
    }
}

/// Drives a step by hand: answers every action as a healthy host would, unless the test takes it away.
struct StepBench {
    var step: TaskRunnerStep
    var now = Instant.zero
    /// Everything the step asked for, oldest first.
    var log: [TaskAction] = []
    /// Actions that are left unanswered.
    var holds: (TaskAction) -> Bool = { _ in false }
    /// Answers in place of the usual ones.
    var answers: (TaskAction) -> TaskInput? = { _ in nil }
    private(set) var live: Set<String> = []
    private(set) var reports: [ObservedTask] = []

    init(_ assignment: TaskAssignment) { step = TaskRunnerStep(TaskRunnerRecord(assignment: assignment)) }

    init(resuming record: TaskRunnerRecord, at now: Instant = .zero) {
        step = TaskRunnerStep(record)
        self.now = now
    }

    var wall: Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + now.nanoseconds / 1_000_000) }
    var observed: ObservedTask { step.observed() }

    mutating func begin(_ inventory: HostInventory = HostInventory()) { send(.begin(inventory)) }

    mutating func send(_ input: TaskInput) {
        var inputs = [input]
        while !inputs.isEmpty {
            for action in step.step(inputs.removeFirst(), now: now, wall: wall) {
                log.append(action)
                if holds(action) { continue }
                if let answer = answers(action) ?? usualAnswer(action) { inputs.append(answer) }
            }
        }
    }

    /// Moves time to the step's next deadline, or by the given time, whichever is sooner; sends the timer.
    mutating func advance(_ duration: Duration) {
        let end = now.adding(duration)
        while now < end {
            now = min(end, step.deadline(now: now).map { max($0, now) } ?? end)
            let before = now
            send(.timer)
            if before < end, step.deadline(now: now) == before { now = end }
        }
        send(.timer)
    }

    mutating func exit(_ id: String, _ code: Int) {
        live.remove(id)
        send(.exited(id: id, code: code, at: wall))
    }

    private mutating func usualAnswer(_ action: TaskAction) -> TaskInput? {
        switch action {
        case .reservePorts: return .portsReserved([:])
        case .prepare: return .prepared
        case .attach(let request):
            return .attached(
                NetworkAttachment(
                    id: request.id, namespacePath: "/run/netns/\(request.id)",
                    interface: TaskInterface(address: "10.99.0.2", macAddress: "02:00:00:00:00:02"),
                    gateway: "10.99.0.1"))
        case .resolveImage(let container, _): return .imageReady(container: container, digest: "sha256:1")
        case .create(let plan): return .created(id: plan.id)
        case .start(let id):
            live.insert(id)
            return .started(id: id)
        case .signal(let id, let number):
            guard live.remove(id) != nil else { return nil }
            return .exited(id: id, code: 128 + Int(number.rawValue), at: wall)
        case .probe(let id, _, _): return .probed(id: id, passed: true)
        case .remove(let id):
            live.remove(id)
            return .removed(id: id)
        case .detach(let id): return .detached(id: id)
        case .submit(let report):
            reports.append(report)
            return .submitted
        case .discard: return .discarded
        case .releasePorts, .finish: return nil
        }
    }

    func index(of action: TaskAction) -> Int? { log.firstIndex(of: action) }
    var starts: [String] {
        log.compactMap { if case .start(let id) = $0 { id } else { nil } }
    }
    var signals: [String] {
        log.compactMap { if case .signal(let id, let number) = $0 { "\(id) \(number.rawValue)" } else { nil } }
    }
}
