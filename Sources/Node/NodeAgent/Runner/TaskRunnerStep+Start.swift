import Domain
import Identifiers
import TaskNetwork
import TaskRuntime

// From nothing to running: ports, limits and directories, network, images, containers in the order of dependsOn.
extension TaskRunnerStep {
    mutating func startContainers(now: Instant, wall: Timestamp, _ actions: inout [TaskAction]) {
        setUp(wall: wall, &actions)
        let isSetUp = setup.ports == .done && setup.preparation == .done
        for index in slots.indices {
            switch slots[index].phase {
            case .waiting:
                slots[index].phase = .resolving
                if record.pullStartedAt == nil { record.pullStartedAt = wall }
                actions.append(
                    .resolveImage(container: record.containers[index].name, reference: definition(index).image))
            case .ready where isSetUp && hasNetwork(index) && isUnblocked(index, now: now):
                slots[index].phase = .creating
                actions.append(.create(plan(index)))
            case .created where isUnblocked(index, now: now):
                start(index, &actions)
            case .replacing:
                slots[index].phase = .removing
                actions.append(.remove(id: record.containerID(index)))
            default: break
            }
            if record.isStopping { return }
        }
    }

    private mutating func setUp(wall: Timestamp, _ actions: inout [TaskAction]) {
        if setup.ports == .open {
            if record.hasPorts {
                setup.ports = .done
            } else {
                setup.ports = .underWay
                actions.append(.reservePorts)
            }
        }
        if setup.preparation == .open {
            setup.preparation = .underWay
            let assignment = record.assignment
            actions.append(.prepare(TaskLimits(cpu: assignment.cpu, memory: assignment.memory)))
        }
        if setup.ports == .done, !setup.hasAskedToAttach {
            setup.hasAskedToAttach = true
            let known = Set(record.attachments.map(\.id))
            let missing = networkRequests().filter { !known.contains($0.id) }
            setup.attaching = missing.count
            actions += missing.map { .attach($0) }
        }
    }

    /// The attachments the task's network mode asks for.
    ///
    /// awsvpc and none share one namespace among the containers; bridge gives every container its own, as ECS does.
    func networkRequests() -> [NetworkRequest] {
        let task = record.id.id
        switch record.assignment.networkMode {
        case .host: return []
        case .awsvpc: return [NetworkRequest(id: task)]
        case .none: return [NetworkRequest(id: task, isIsolated: true)]
        case .bridge:
            return record.containers.map { NetworkRequest(id: "\(task)-\($0.name)", bindings: $0.bindings) }
        }
    }

    func attachment(of index: Int) -> NetworkAttachment? {
        let task = record.id.id
        let id = record.assignment.networkMode == .bridge ? "\(task)-\(record.containers[index].name)" : task
        return record.attachments.first { $0.id == id }
    }

    private func hasNetwork(_ index: Int) -> Bool {
        record.assignment.networkMode == .host || attachment(of: index) != nil
    }

    private func plan(_ index: Int) -> ContainerPlan {
        ContainerPlan(
            id: record.containerID(index), assigned: record.assignment.containers[index],
            attachment: attachment(of: index))
    }

    private mutating func start(_ index: Int, _ actions: inout [TaskAction]) {
        slots[index].phase = .starting
        record.containers[index].startIntended = true
        actions.append(.start(id: record.containerID(index)))
    }

    // MARK: Answers

    mutating func portsReserved(_ bindings: [String: [NetworkBinding]]) {
        guard !record.hasPorts else { return }
        setup.ports = .done
        record.hasPorts = true
        for index in record.containers.indices {
            record.containers[index].bindings = bindings[record.containers[index].name] ?? []
        }
    }

    mutating func attached(_ attachment: NetworkAttachment) {
        setup.attaching = max(0, setup.attaching - 1)
        record.attachments.removeAll { $0.id == attachment.id }
        record.attachments.append(attachment)
        record.attachments.sort { $0.id < $1.id }
    }

    mutating func imageReady(_ container: String, digest: String, wall: Timestamp) {
        guard let index = index(named: container), slots[index].phase == .resolving else { return }
        slots[index].phase = .ready
        record.containers[index].imageDigest = digest
        notePulls(wall: wall)
    }

    mutating func imageFailed(_ container: String, reason: String, wall: Timestamp) {
        guard let index = index(named: container), slots[index].phase == .resolving else { return }
        notePulls(wall: wall)
        endWithoutRun(index, reason: reason)
    }

    private mutating func notePulls(wall: Timestamp) {
        if record.pullStoppedAt == nil, !slots.contains(where: { $0.phase == .waiting || $0.phase == .resolving }) {
            record.pullStoppedAt = wall
        }
    }

    mutating func created(_ id: String) {
        guard let index = index(ofID: id), slots[index].phase == .creating else { return }
        slots[index].phase = .created
    }

    mutating func started(_ id: String, now: Instant, wall: Timestamp) {
        guard let index = index(ofID: id), slots[index].phase == .starting else { return }
        markRunning(index, since: now, startedAt: wall, now: now)
    }

    mutating func notStarted(_ id: String, in phase: ContainerSlot.Phase, _ reason: String) {
        guard let index = index(ofID: id), slots[index].phase == phase else { return }
        endWithoutRun(index, reason: reason)
    }

    /// A container that cannot run ends; an essential one takes the task with it.
    private mutating func endWithoutRun(_ index: Int, reason: String) {
        slots[index].phase = .ended
        record.containers[index].hasEnded = true
        record.containers[index].reason = record.containers[index].reason ?? String(reason.prefix(1024))
        if definition(index).essential { fail(reason, container: index) }
    }

    mutating func markRunning(_ index: Int, since instant: Instant, startedAt: Timestamp, now: Instant) {
        slots[index].phase = .running
        slots[index].runningSince = now
        slots[index].startedInstant = instant
        record.containers[index].startedAt = startedAt
        record.containers[index].hasRun = true
        scheduleFirstProbe(index, startedAt: instant, now: now)
    }
}
