import Controllers
import Domain
import Identifiers
import StateStore
import TaskLifecycle

// Where planted bugs sit: what the parts of the product are shown and what is made of their plans. Without a mutation
// everything passes as it is.
extension World {
    private var mutation: SimulationMutation? { options.mutation }

    // MARK: At a restart

    func plantForgetting() {
        var state = disk.stored
        switch mutation {
        case .forgetsVerdicts:
            for (id, task) in disk.stored.tasks.values() where task.verdict.lostAt == nil && task.isLive {
                var task = task
                task.verdict = TaskVerdict()
                state.apply(key: .task(id), after: .task(task))
            }
        case .forgetsTokens:
            for record in disk.stored.idempotencyRecords {
                state.apply(key: .idempotency(record.scope, record.key), after: nil)
            }
        default: return
        }
        disk.replace(state)
    }

    // MARK: What controllers see

    func seenByServices(_ state: StateSnapshot) -> StateSnapshot {
        var seen = state
        switch mutation {
        case .countsStoppingAsRunning:
            for (id, task) in state.tasks.values() where task.verdict.stop != nil && task.isLive {
                var task = task
                task.verdict.stop = nil
                seen.apply(key: .task(id), after: .task(task))
            }
        case .ignoresDraining:
            for (id, host) in state.instances.values() where host.status == .draining {
                var host = host
                host.status = .active
                seen.apply(key: .instance(id), after: .instance(host))
            }
        case .ignoresScale:
            for (id, service) in state.services.values() where !service.taskSets.isEmpty {
                var service = service
                for index in service.taskSets.indices where service.taskSets[index].status != .draining {
                    service.taskSets[index].scale = 100
                }
                seen.apply(key: .service(id), after: .service(service))
            }
        default: break
        }
        return seen
    }

    func seenByPlacement(_ state: StateSnapshot) -> StateSnapshot {
        var seen = state
        switch mutation {
        case .placesOnStaleState: return staleState(state)
        case .doublesCapacity:
            for (id, host) in state.instances.values() {
                var host = host
                host.resources.cpu.value *= 2
                host.resources.memory.value *= 2
                seen.apply(key: .instance(id), after: .instance(host))
            }
        case .forgetsHostPorts:
            for (id, task) in state.tasks.values() where task.isLive {
                var task = task
                task.hostPorts = []
                seen.apply(key: .task(id), after: .task(task))
            }
        default: break
        }
        return seen
    }

    private func staleState(_ state: StateSnapshot) -> StateSnapshot {
        if planted.staleState == nil || now.since(planted.staleAt) > .seconds(10) {
            planted.staleState = state
            planted.staleAt = now
        }
        return planted.staleState ?? state
    }

    func seenBySession(_ state: StateSnapshot) -> StateSnapshot {
        guard mutation == .hidesStops else { return state }
        var seen = state
        for (id, task) in state.tasks.values() where task.verdict.stop != nil {
            var task = task
            task.verdict = TaskVerdict()
            seen.apply(key: .task(id), after: .task(task))
        }
        return seen
    }

    // MARK: What is made of plans

    func planted(_ commit: ServiceCommit, _ state: StateSnapshot) -> ServiceCommit {
        var commit = commit
        switch mutation {
        case .startsOneTooMany:
            guard let started = commit.tasks.first(where: { state.tasks[$0.id] == nil }) else { break }
            var more = started
            more.id.id = ids.hexID()
            commit.tasks.append(more)
        case .stopsOneTooMany:
            guard commit.tasks.contains(where: { $0.verdict.stop != nil }) else { break }
            let planned = Set(commit.tasks.map(\.id))
            let others = state.liveTasks(of: commit.service.id).filter {
                $0.desiredStatus == .running && !planned.contains($0.id)
            }
            if let other = others.last {
                commit.tasks.append(
                    other.requestingStop(.serviceSchedulerInitiated, reason: "One more", now: clock.wall))
            }
        case .ignoresBase:
            for index in commit.tasks.indices where state.tasks[commit.tasks[index].id] == nil {
                let deployment = commit.tasks[index].deployment.flatMap { commit.service.deployment($0) }
                guard let last = deployment?.capacityProviderStrategy.last else { continue }
                commit.tasks[index].capacityProvider = last.provider
            }
        case .ignoresScale:
            // The record stays as users wrote it.
            for index in commit.service.taskSets.indices {
                let id = commit.service.taskSets[index].id
                guard let set = state.services[commit.service.id]?.taskSets.first(where: { $0.id == id }) else {
                    continue
                }
                commit.service.taskSets[index].scale = set.scale
            }
        case .shiftsTrafficEarly:
            for index in commit.service.deployments.indices
            where commit.service.deployments[index].lifecycle?.stage == .scaleUp {
                commit.service.deployments[index].lifecycle?.production = .all
            }
        default: break
        }
        return commit
    }

    func planted(_ plan: EventPlan) -> EventPlan {
        guard mutation == .losesEvents, random.oneIn(8) else { return plan }
        var plan = plan
        plan.deliveries = []
        return plan
    }

    func planted(_ commit: HostCommit) -> HostCommit? {
        var commit = commit
        switch mutation {
        case .neverGivesUp where commit.instance.lostAt != nil: return nil
        case .givesUpWithoutCause:
            for index in commit.tasks.indices { commit.tasks[index].verdict.stop = nil }
        case .movesLostTasks:
            for index in commit.tasks.indices {
                commit.tasks[index].verdict = TaskVerdict()
                commit.tasks[index].placement = nil
                commit.tasks[index].observed = nil
            }
        default: break
        }
        return commit
    }

    /// Whether a frame may go to an agent.
    func maySend(_ frame: String) -> Bool {
        guard mutation == .sendsPayloadsOnce, frame.hasPrefix("{\"type\":\"PayloadMessage\"") else { return true }
        return planted.sent.insert(frame).inserted
    }
}

/// What planted bugs remember.
struct PlantedState {
    var staleState: StateSnapshot?
    var staleAt = Instant.zero
    var sent: Set<String> = []
}
