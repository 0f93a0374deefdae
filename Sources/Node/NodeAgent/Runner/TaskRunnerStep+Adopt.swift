import Domain
import Identifiers
import TaskNetwork
import TaskRuntime

// After a restart of the agent, or of the runtime: what the host shows is the truth about processes.
extension TaskRunnerStep {
    /// What a process that vanished without a trace is said to have exited with, as containerd says of a killed shim.
    static let lostExitCode = 255

    mutating func begin(_ inventory: HostInventory, now: Instant, wall: Timestamp, _ actions: inout [TaskAction]) {
        let states = Dictionary(inventory.containers.map { ($0.id, $0.status) }) { first, _ in first }
        let attached = Set(inventory.attachments)
        record.recognisePlainIDs(among: attached.union(states.keys))
        noteKills(inventory.containers)
        record.attachments.removeAll { !attached.contains($0.id) }
        for index in slots.indices { adopt(index, states[record.containerID(index)], now: now, wall: wall) }
        if slots.allSatisfy({ $0.phase == .running || $0.phase == .ended }) {
            setup = TaskSetup(ports: .done, preparation: .done, attaching: 0, hasAskedToAttach: true)
        }
        let current = Set(slots.indices.map { record.containerID($0) })
        actions += states.keys.filter { !current.contains($0) }.sorted().map { .remove(id: $0) }
    }

    private mutating func adopt(
        _ index: Int, _ status: RuntimeContainerState.Status?, now: Instant, wall: Timestamp
    ) {
        let progress = record.containers[index]
        if progress.hasEnded {
            slots[index].phase = .ended
            return
        }
        if progress.isReplacing {
            slots[index].phase = .replacing
            return
        }
        switch status {
        case nil, .created?:
            if progress.startedAt != nil {
                resume(index, now: now, wall: wall)
                lost(index, now: now, wall: wall)
            } else if status == .created {
                slots[index].phase = .created
            }
        case .running?:
            resume(index, now: now, wall: wall)
        case .exited? where !progress.startIntended:
            // Only half made: it never had a process, and is made again.
            break
        case .exited(let code, let at)?:
            resume(index, now: now, wall: wall)
            let end = at.map { Timestamp(milliseconds: $0) } ?? wall
            exited(record.containerID(index), code: code, at: end, now: now)
        }
    }

    /// The kernel's kills that no event told of.
    private mutating func noteKills(_ states: [RuntimeContainerState]) {
        for state in states where state.ranOutOfMemory { outOfMemory(state.id) }
    }

    /// The process came to run before this process of the agent did; its age is known from the wall clock only.
    private mutating func resume(_ index: Int, now: Instant, wall: Timestamp) {
        let startedAt = record.containers[index].startedAt ?? wall
        let age = max(0, wall.milliseconds &- startedAt.milliseconds)
        markRunning(index, since: now.adding(.zero - .milliseconds(age)), startedAt: startedAt, now: now)
    }

    private mutating func lost(_ index: Int, now: Instant, wall: Timestamp) {
        if record.containers[index].reason == nil {
            record.containers[index].reason = "ContainerRuntimeError: the container's process is gone"
        }
        exited(record.containerID(index), code: Self.lostExitCode, at: wall, now: now)
    }

    /// Compares what should run with what the runtime has: events do not replay.
    mutating func listed(_ states: [RuntimeContainerState], asked: Instant, now: Instant, wall: Timestamp) {
        let known = Dictionary(states.map { ($0.id, $0.status) }) { first, _ in first }
        noteKills(states)
        for index in slots.indices {
            let id = record.containerID(index)
            if case .exited(let code, let at)? = known[id] {
                exited(id, code: code, at: at.map { Timestamp(milliseconds: $0) } ?? wall, now: now)
                continue
            }
            guard slots[index].phase == .running, let since = slots[index].runningSince, since < asked else { continue }
            switch known[id] {
            case nil, .created?: lost(index, now: now, wall: wall)
            case .running?, .exited?: break
            }
        }
    }
}
