import Domain
import Identifiers
import TaskRuntime

// From running to nothing: exits, restarts in place, signals.
extension TaskRunnerStep {
    /// Ends what has no process and asks the rest to go, dependants first.
    mutating func stopContainers(now: Instant, wall: Timestamp, _ actions: inout [TaskAction]) {
        var isChanged = true
        while isChanged {
            isChanged = false
            for index in slots.indices.reversed() where hasNoProcess(slots[index].phase) {
                slots[index].phase = .ended
                record.containers[index].hasEnded = true
                isChanged = true
            }
        }
        for index in slots.indices.reversed() where slots[index].phase == .running {
            if hasLiveDependants(index) { continue }
            signal(index, now: now, &actions)
        }
    }

    private func hasNoProcess(_ phase: ContainerSlot.Phase) -> Bool {
        switch phase {
        case .waiting, .resolving, .ready, .created, .replacing: true
        case .creating, .starting, .running, .removing, .ended: false
        }
    }

    private mutating func signal(_ index: Int, now: Instant, _ actions: inout [TaskAction]) {
        let id = record.containerID(index)
        guard let killAt = slots[index].killAt else {
            let timeout = definition(index).stopTimeout.map { Duration.seconds(max(0, $0)) }
            slots[index].killAt = now.adding(timeout ?? Self.defaultStopTimeout)
            actions.append(.signal(id: id, .terminate))
            return
        }
        guard now >= killAt else { return }
        slots[index].killAt = now.adding(Self.killRepeat)
        actions.append(.signal(id: id, .kill))
    }

    // MARK: Exits

    /// A process ended. It may be told before the answer to its start, and more than once.
    mutating func exited(_ id: String, code: Int, at: Timestamp, now: Instant) {
        guard let index = index(ofID: id) else { return }
        switch slots[index].phase {
        case .starting, .running: break
        case .waiting, .resolving, .ready, .creating, .created, .replacing, .removing, .ended: return
        }
        record.containers[index].hasRun = true
        if record.containers[index].startedAt == nil { record.containers[index].startedAt = at }
        slots[index].killAt = nil
        slots[index].nextProbe = nil
        slots[index].isProbing = false
        if mayRestart(index, code: code, now: now) {
            slots[index].phase = .replacing
            record.containers[index].isReplacing = true
            record.containers[index].exitCode = code
            return
        }
        end(index, code: code, at: at)
    }

    private mutating func end(_ index: Int, code: Int, at: Timestamp) {
        slots[index].phase = .ended
        record.containers[index].hasEnded = true
        record.containers[index].exitCode = code
        if record.containers[index].outOfMemory, record.containers[index].reason == nil {
            record.containers[index].reason = "OutOfMemoryError: Container killed due to memory usage"
        }
        guard definition(index).essential else { return }
        if record.executionStoppedAt == nil { record.executionStoppedAt = at }
        if !record.isStopping {
            record.cause = StopCause(code: .essentialContainerExited, reason: "Essential container in task exited")
        }
    }

    /// A restart in place needs a policy that covers the code, and that the container ran for the whole attempt period.
    private func mayRestart(_ index: Int, code: Int, now: Instant) -> Bool {
        guard !record.isStopping, let policy = definition(index).restartPolicy, policy.enabled,
            !policy.ignoredExitCodes.contains(code), let started = slots[index].startedInstant
        else { return false }
        return now.since(started) >= .seconds(policy.attemptPeriod)
    }

    /// A container is gone: at the task's end, or an old attempt, whose successor may be made now.
    mutating func removed(_ id: String) {
        if teardown.removing?.remove(id) != nil { return }
        guard let index = index(ofID: id), slots[index].phase == .removing else { return }
        record.containers[index].isReplacing = false
        guard !record.isStopping else {
            slots[index].phase = .ended
            record.containers[index].hasEnded = true
            return
        }
        slots[index] = ContainerSlot()
        slots[index].phase = .ready
        record.containers[index].attempt += 1
        record.containers[index].startIntended = false
        record.containers[index].startedAt = nil
        record.containers[index].exitCode = nil
        record.containers[index].outOfMemory = false
        record.containers[index].health = .unknown
        record.containers[index].healthSince = nil
    }

    /// The kernel killed a process of it for memory. It is the reason of the container's end whatever its code, also where
    /// only a child was killed, as ECS has it.
    mutating func outOfMemory(_ id: String) {
        guard let index = index(ofID: id) else { return }
        record.containers[index].outOfMemory = true
    }
}
