import Domain
import Identifiers
import NodeAgent
import TaskNetwork
import TaskRuntime

// What runners ask for, done on the host as `TaskExecutor` does it.
extension SimulatedAgent {
    func perform(_ action: TaskAction, of id: TaskID, in world: World) {
        if case .submit(let report) = action {
            reports[id] = PendingReport(report: report)
            return send(id, in: world)
        }
        let boots = host.boots
        // Of an action that was under way when the agent died, the effect may or may not have come about.
        let outlivesAgent = world.random.oneIn(2)
        let host = host
        world.after(duration(of: action, in: world)) { [self] world in
            guard host.boots == boots, host.agent === self || outlivesAgent else { return }
            let isAnswered = host.agent === self
            guard let input = carryOut(action, of: id, isAlive: isAnswered, in: world), isAnswered else { return }
            deliver(id, input, in: world)
        }
    }

    private func duration(of action: TaskAction, in world: World) -> Duration {
        switch action {
        case .resolveImage: world.milliseconds(50...4_000)
        case .create, .attach, .detach: world.milliseconds(10...300)
        case .start, .remove, .prepare: world.milliseconds(5...80)
        case .probe: world.milliseconds(5...200)
        case .reservePorts, .signal, .releasePorts, .submit, .discard, .finish: world.milliseconds(0...5)
        }
    }

    private func carryOut(_ action: TaskAction, of id: TaskID, isAlive: Bool, in world: World) -> TaskInput? {
        switch action {
        case .reservePorts: return isAlive ? reservePorts(id, in: world) : nil
        case .prepare: return .prepared
        case .attach(let request):
            host.attachments.insert(request.id)
            return .attached(
                NetworkAttachment(
                    id: request.id, namespacePath: "/run/netns/\(request.id)",
                    interface: TaskInterface(address: "10.99.0.2/16", macAddress: "02:00:00:00:00:02"),
                    gateway: "10.99.0.1"))
        case .resolveImage(let container, let reference):
            let fails = Behaviour(reference) == .broken || world.strikes(.pullFailure, oneIn: 8)
            return fails
                ? .imageFailed(container: container, reason: "CannotPullContainerError: no such image")
                : .imageReady(container: container, digest: "sha256:\(reference)")
        case .create(let plan):
            host.containers[plan.id] = SimulatedHost.Container(
                task: id, definition: plan.assigned.definition, status: .created)
            return .created(id: plan.id)
        case .start(let container):
            return host.startContainer(container, in: world)
                ? .started(id: container) : .startFailed(id: container, reason: "CannotStartContainerError: it is gone")
        case .signal(_, .kill) where world.options.mutation == .neverKills: return nil
        case .signal(let container, let number):
            host.signal(container, number, in: world)
            return nil
        case .probe(let container, _, _):
            return .probed(id: container, passed: host.containers[container]?.isSick == false)
        case .remove(let container):
            host.removeContainer(container, in: world)
            return .removed(id: container)
        case .detach(let attachment):
            host.attachments.remove(attachment)
            return .detached(id: attachment)
        case .releasePorts:
            if isAlive { ports.release(id.id) }
            return nil
        case .discard: return .discarded
        case .submit, .finish: return nil
        }
    }

    private func reservePorts(_ id: TaskID, in world: World) -> TaskInput? {
        guard let assignment = records[id]?.assignment else { return nil }
        do throws(HostPorts.Conflict) {
            return .portsReserved(
                try ports.reserve(
                    for: assignment, listening: [], seed: Int.random(in: 0..<20_000, using: &world.random)))
        } catch {
            let isTaken = records.values.contains { other in
                other.id != id && other.stoppedAt == nil && other.containers.contains { !$0.bindings.isEmpty }
            }
            if !isTaken { world.fail("host \(host.name) refuses a task ports that no other has: \(error.reason)") }
            return .portsRefused(error.reason)
        }
    }
}
