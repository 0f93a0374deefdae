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
            let swap = assignment.containers.reduce(0) { $0 + ($1.definition.maxSwap ?? 0) }
            actions.append(
                .prepare(
                    TaskLimits(
                        cpu: assignment.cpu, memory: assignment.memory, swap: swap > 0 ? MemoryMiB(swap) : nil)))
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
    /// awsvpc and none share one namespace among the containers; bridge gives every container its own, as ECS does. A
    /// container without networking has one of its own in which there is nothing.
    func networkRequests() -> [NetworkRequest] {
        let task = record.id.id
        let isolated = slots.indices.filter(isCutOff).map { NetworkRequest(id: record.networkID($0), isIsolated: true) }
        switch record.assignment.networkMode {
        case .host: return isolated
        case .awsvpc: return [NetworkRequest(id: task)] + isolated
        case .none: return [NetworkRequest(id: task, isIsolated: true)] + isolated
        case .bridge:
            let connected = slots.indices.filter { !isCutOff($0) }
            return connected.map { NetworkRequest(id: record.networkID($0), bindings: record.containers[$0].bindings) }
                + isolated
        }
    }

    private func isCutOff(_ index: Int) -> Bool { definition(index).disableNetworking ?? false }

    func attachment(of index: Int) -> NetworkAttachment? {
        let isOwn = record.assignment.networkMode == .bridge || isCutOff(index)
        let id = isOwn ? record.networkID(index) : record.id.id
        return record.attachments.first { $0.id == id }
    }

    /// Whether the container's network is there, and those of the containers it is linked to.
    private func hasNetwork(_ index: Int) -> Bool {
        let isOnHost = record.assignment.networkMode == .host && !isCutOff(index)
        let targets = definition(index).links.compactMap { self.index(named: $0.container) }
        return isOnHost || (attachment(of: index) != nil && targets.allSatisfy { attachment(of: $0) != nil })
    }

    private func plan(_ index: Int) -> ContainerPlan {
        ContainerPlan(
            id: record.containerID(index), assigned: record.assignment.containers[index],
            attachment: attachment(of: index), links: linkedContainers(index))
    }

    private func linkedContainers(_ index: Int) -> [LinkedContainer] {
        definition(index).links.compactMap { link in
            guard let target = self.index(named: link.container), let attachment = attachment(of: target),
                let address = attachment.interface.address.split(separator: "/").first
            else { return nil }
            return LinkedContainer(link: link, address: String(address), definition: definition(target))
        }
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
