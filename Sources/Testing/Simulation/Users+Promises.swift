import Domain
import Identifiers
import StateStore

// What users were promised, held against what is stored.
extension Users {
    /// The control plane is gone: what was asked and not answered may have happened or not, and happens no more.
    func serverVanished(in world: World) {
        epoch += 1
        for id in promises.keys { promises[id]?.open = 0 }
    }

    /// Everything is as it was once: nothing that was promised since holds.
    func restored() {
        epoch += 1
        forgetPromises()
    }

    /// Whether what was acknowledged is still so.
    func check(_ state: StateSnapshot, in world: World) {
        for (id, promise) in promises.sorted(by: { $0.key < $1.key }) {
            guard let desired = promise.desired, promise.open == 0 else { continue }
            guard let service = state.services[id] else {
                world.fail("service \(id.name) is lost")
                continue
            }
            if service.desiredCount != desired {
                world.fail("service \(id.name) wants \(service.desiredCount) tasks, \(desired) was acknowledged")
            }
        }
        for id in made.sorted() where state.tasks[id] == nil && !world.invariants.deleted.contains(id) {
            world.fail("task \(id.id) was acknowledged and is lost")
        }
        checkTokens(state, in: world)
        for id in stopped.sorted() {
            guard let task = state.tasks[id] else { continue }
            if task.desiredStatus == .running, task.isLive {
                world.fail("the stop of task \(id.id) was acknowledged and is lost")
            }
        }
    }

    /// However often a request was sent, its tasks are made once: all of one moment.
    private func checkTokens(_ state: StateSnapshot, in world: World) {
        var first: [String: TaskRecord] = [:]
        for (id, task) in state.tasks.values() {
            guard let name = task.startedBy, name.hasPrefix("user-") else { continue }
            if let other = first[name], other.createdAt != task.createdAt {
                world.fail("tasks \(other.id.id) and \(id.id) are of one request")
            }
            first[name] = task
        }
    }
}
