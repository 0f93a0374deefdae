import Domain
import Identifiers
import TaskNetwork

// The end of a task: its host ports are free before it is STOPPED, its containers go after that was acknowledged. Its network
// goes meanwhile: nobody waits for an address, which is nobody else's before it is given back.
extension TaskRunnerStep {
    /// How often giving back host ports is tried before the task is reported STOPPED all the same; tries go on after.
    static let detachTriesBeforeStopped = 3

    var isSettingUp: Bool {
        setup.ports == .underWay || setup.preparation == .underWay || setup.attaching > 0
    }

    mutating func tearDown(now: Instant, wall: Timestamp, _ actions: inout [TaskAction]) {
        guard record.isStopping, slots.allSatisfy({ $0.phase == .ended }), !isSettingUp else { return }
        if teardown.attachments == nil {
            teardown.attachments = record.hasPorts ? Set(networkRequests().map(\.id)) : []
        }
        detachAll(now: now, &actions)
        guard record.stoppedAt == nil else { return }
        let holding = networkRequests().filter { !$0.bindings.isEmpty }.map(\.id)
        let isHeld = teardown.attachments?.isDisjoint(with: holding) == false
        guard !isHeld || teardown.failures >= Self.detachTriesBeforeStopped else { return }
        record.stoppedAt = wall
        if record.executionStoppedAt == nil, record.containers.contains(where: \.hasRun) {
            record.executionStoppedAt = wall
        }
        actions.append(.releasePorts)
    }

    private mutating func detachAll(now: Instant, _ actions: inout [TaskAction]) {
        if let retryAt = teardown.retryAt {
            guard now >= retryAt else { return }
            teardown.retryAt = nil
        }
        for id in (teardown.attachments ?? []).subtracting(teardown.detaching).sorted() {
            teardown.detaching.insert(id)
            actions.append(.detach(id: id))
        }
    }

    mutating func detached(_ id: String) {
        teardown.detaching.remove(id)
        teardown.attachments?.remove(id)
        record.attachments.removeAll { $0.id == id }
    }

    /// Tries again after 1, 2, 4, … at most 32 seconds.
    mutating func detachFailed(_ id: String, now: Instant) {
        teardown.detaching.remove(id)
        teardown.failures += 1
        teardown.retryAt = now.adding(.seconds(1 << min(5, teardown.failures - 1)))
    }

    /// Removes what is left once the control plane knows that the task stopped.
    mutating func cleanUp(wall: Timestamp, _ actions: inout [TaskAction]) {
        guard record.stoppedAt != nil, record.outbox.isEmpty else { return }
        guard let removing = teardown.removing else {
            let ids = slots.indices.map { record.containerID($0) }
            teardown.removing = Set(ids)
            actions += ids.map { .remove(id: $0) }
            return
        }
        guard removing.isEmpty, teardown.attachments?.isEmpty == true else { return }
        if !teardown.isDiscarding {
            teardown.isDiscarding = true
            actions.append(.discard)
        } else if teardown.isDiscarded {
            record.finishedAt = wall
            actions.append(.finish)
        }
    }
}
