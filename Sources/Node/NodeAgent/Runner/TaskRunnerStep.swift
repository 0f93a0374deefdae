import Domain
package import Identifiers
import TaskNetwork
import TaskRuntime

/// Decides what happens next to one task.
///
/// Pure and total: it is given what happened and the time, changes its record and says what to do. The shell saves the
/// record before it does anything of that. Every input may come late or twice.
package struct TaskRunnerStep: Sendable {
    /// How long a container may take between SIGTERM and SIGKILL unless its definition says otherwise.
    static let defaultStopTimeout = Duration.seconds(30)
    /// Between two SIGKILLs to a process that does not go: it hangs in the kernel, and asking more often helps nobody.
    static let killRepeat = Duration.seconds(10)

    package internal(set) var record: TaskRunnerRecord
    /// The volatile side of `record.containers`, same order.
    var slots: [ContainerSlot]
    var setup = TaskSetup()
    var teardown = TaskTeardown()
    var reportInFlight = false

    package init(_ record: TaskRunnerRecord) {
        self.record = record
        slots = record.containers.map { _ in ContainerSlot() }
    }

    /// Takes one input and returns what to do now, in order.
    package mutating func step(_ input: TaskInput, now: Instant, wall: Timestamp) -> [TaskAction] {
        var actions: [TaskAction] = []
        guard record.finishedAt == nil else { return actions }
        take(input, now: now, wall: wall, &actions)
        if record.isStopping {
            stopContainers(now: now, wall: wall, &actions)
        } else {
            startContainers(now: now, wall: wall, &actions)
            probeContainers(now: now, &actions)
            // A dependency that can never be met turns the task round in the same step.
            if record.isStopping { stopContainers(now: now, wall: wall, &actions) }
        }
        noteProgress(wall: wall)
        tearDown(now: now, wall: wall, &actions)
        report(&actions)
        cleanUp(wall: wall, &actions)
        return actions
    }

    /// When the step wants to be woken by `.timer`; nil when only an event can change anything.
    package func deadline(now: Instant) -> Instant? {
        guard record.finishedAt == nil else { return nil }
        var instants = teardown.retryAt.map { [$0] } ?? []
        for (index, slot) in slots.enumerated() {
            if let killAt = slot.killAt, slot.phase == .running { instants.append(killAt) }
            if !record.isStopping, let probe = slot.nextProbe { instants.append(probe) }
            if !record.isStopping, let timeout = startDeadline(index), timeout > now { instants.append(timeout) }
        }
        return instants.min()
    }

    private mutating func take(
        _ input: TaskInput, now: Instant, wall: Timestamp, _ actions: inout [TaskAction]
    ) {
        switch input {
        case .begin(let inventory): begin(inventory, now: now, wall: wall, &actions)
        case .stop: record.stopRequested = true
        case .portsReserved(let bindings): portsReserved(bindings)
        case .portsRefused(let reason):
            setup.ports = .failed
            fail("ResourceInitializationError: \(reason)", container: nil)
        case .prepared: setup.preparation = .done
        case .prepareFailed(let reason):
            setup.preparation = .failed
            fail("ResourceInitializationError: \(reason)", container: nil)
        case .attached(let attachment): attached(attachment)
        case .attachFailed(let reason):
            setup.attaching = max(0, setup.attaching - 1)
            fail("ResourceInitializationError: \(reason)", container: nil)
        case .imageReady(let container, let digest): imageReady(container, digest: digest, wall: wall)
        case .imageFailed(let container, let reason): imageFailed(container, reason: reason, wall: wall)
        case .created(let id): created(id)
        case .createFailed(let id, let reason): notStarted(id, in: .creating, reason)
        case .started(let id): started(id, now: now, wall: wall)
        case .startFailed(let id, let reason): notStarted(id, in: .starting, reason)
        case .exited(let id, let code, let at, let ranOutOfMemory):
            if ranOutOfMemory { outOfMemory(id) }
            exited(id, code: code, at: at ?? wall, now: now)
        case .probed(let id, let passed): probed(id, passed: passed, now: now, wall: wall)
        case .removed(let id): removed(id)
        case .detached(let id): detached(id)
        case .detachFailed(let id): detachFailed(id, now: now)
        case .listed(let states, let asked): listed(states, asked: asked, now: now, wall: wall)
        case .submitted: submitted()
        case .discarded: teardown.isDiscarded = true
        case .repeatReport: repeatReport()
        case .timer: break
        }
    }

    /// The slot whose current attempt has this id.
    func index(ofID id: String) -> Int? {
        record.containers.indices.first { record.containerID($0) == id }
    }

    func index(named name: String) -> Int? { record.containers.firstIndex { $0.name == name } }

    func definition(_ index: Int) -> ContainerDefinition { record.assignment.containers[index].definition }

    /// The task cannot come up: the first reason stays.
    mutating func fail(_ reason: String, container: Int?) {
        let text = String(reason.prefix(1024))
        if let container, record.containers[container].reason == nil { record.containers[container].reason = text }
        if !record.isStopping { record.cause = StopCause(code: .taskFailedToStart, reason: text) }
    }
}

/// The volatile side of one container: what is under way.
struct ContainerSlot: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Its image is not known yet.
        case waiting
        case resolving
        /// It could be created.
        case ready
        case creating
        case created
        case starting
        case running
        /// The old attempt is to be removed before the next.
        case replacing
        case removing
        case ended
    }

    var phase = Phase.waiting
    /// When this process of the agent learned that it runs (or, adopted, when it started).
    var runningSince: Instant?
    /// When it started, for the restart policy and timeouts.
    var startedInstant: Instant?
    var killAt: Instant?
    var nextProbe: Instant?
    var isProbing = false
    var failedProbes = 0
}

/// What a task needs before its containers.
struct TaskSetup: Hashable, Sendable {
    enum Stage: Hashable, Sendable { case open, underWay, done, failed }
    var ports = Stage.open
    var preparation = Stage.open
    /// Attachments asked for and not answered.
    var attaching = 0
    var hasAskedToAttach = false
}

/// What is taken away after a task's containers.
struct TaskTeardown: Hashable, Sendable {
    /// Attachments still to remove; nil before the tear-down began.
    var attachments: Set<String>?
    var detaching: Set<String> = []
    var failures = 0
    var retryAt: Instant?
    var removing: Set<String>?
    var isDiscarding = false
    var isDiscarded = false
}
