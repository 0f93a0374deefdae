import Domain
import Identifiers
import StateStore

/// What the control plane wants of one host's tasks. Tasks that the host reported as stopped are done and not here.
struct HostTasks {
    /// Tasks that the control plane still follows, in order of their ids.
    let followed: [TaskRecord]
    /// Tasks given up while the host was silent, in order of their ids. They must stop.
    let givenUp: [TaskRecord]

    init(on instance: ContainerInstanceID, in state: StateSnapshot) {
        let unfinished = state.tasks(on: instance).filter { $0.observed?.status != .stopped }
        followed = unfinished.filter { $0.verdict.lostAt == nil }
        givenUp = unfinished.filter { $0.verdict.lostAt != nil }
    }

    /// Tasks to stop: those given up first.
    var stops: [TaskRecord] { givenUp + followed.filter { $0.orderedStatus == .stopped } }

    /// Tasks to run.
    var starts: [TaskRecord] { followed.filter { $0.orderedStatus == .running } }
}
