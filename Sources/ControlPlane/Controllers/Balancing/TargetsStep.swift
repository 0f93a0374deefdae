import Deployments
public import Domain
public import Identifiers
import LoadBalancing
public import StateStore

/// One transaction about the targets of one service's tasks, or of targets that callers took away.
public struct TargetsCommit: Sendable {
    public var expected: AggregateVersions
    public var service: ServiceRecord?
    public var tasks: [TaskRecord] = []
    public var targets: [TargetRecord] = []
    public var gone: [TargetID] = []
    public var weights: [ListenerRuleReference: [TargetGroupID: Int]] = [:]

    public func write(to transaction: inout Transaction) {
        if let service { transaction.put(service) }
        for task in tasks { transaction.put(task) }
        for target in targets { transaction.put(target) }
        for id in gone { transaction.delete(.target(id)) }
        for (rule, weights) in weights.sorted(by: { $0.key < $1.key }) {
            guard let actions = transaction.state.actions(of: rule)?.weighing(weights) else { continue }
            transaction.put(actions, of: rule)
        }
    }

    /// What it is about, to be planned again.
    package var keys: [TargetsKey] { tasks.map { .task($0.id) } + gone.map { .target($0) } }
}

/// What may make targets come or go.
public enum TargetsKey: Hashable, Sendable {
    case task(TaskID)
    case target(TargetID)
    /// A service that shifts traffic.
    case service(ServiceID)

    package static func keys(of change: Change) -> [TargetsKey] {
        switch (change.before, change.after) {
        case (let before, .task(let task)?) where !task.loadBalancers.isEmpty:
            guard case .task(let before)? = before else { return [.task(task.id)] }
            let isSame =
                before.observed == task.observed && before.verdict == task.verdict && before.traffic == task.traffic
            return isSame ? [] : [.task(task.id)]
        case (_, .target(let target)?) where target.drainingSince != nil: return [.target(target.id)]
        // With its group, by a caller: its task has nothing to wait for any more.
        case (.target(let target)?, nil): return target.task.map { [.task($0)] } ?? []
        case (_, .service(let service)?) where service.loadBalancers.contains { $0.shift != nil }:
            return [.service(service.id)]
        default: return []
        }
    }
}

/// Puts the tasks of services into their target groups once they run, and takes them out before they stop.
public struct TargetsStep: Sendable {
    /// Tasks of one commit: each writes itself, up to five targets, and an event for each group.
    private static let tasksPerCommit = 12
    private static let targetsPerCommit = 90

    /// Targets that drain, and when they are gone.
    private var due: [TargetID: Timestamp] = [:]
    /// Tasks that found no room in the commit of their service.
    private var left: Set<TaskID> = []

    public init() {}

    /// When the next target is gone although nothing changes; a time that has passed while there is more to do.
    public var wakeAt: Timestamp? { left.isEmpty ? due.values.min() : Timestamp(milliseconds: 0) }

    /// - Parameter keys: nil for everything.
    public mutating func step(
        _ keys: Set<TargetsKey>?, _ snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> [TargetsCommit] {
        note(keys, snapshot)
        var tasks: Set<TaskID> = []
        var gone: [TargetID] = []
        for id in due.filter({ $0.value <= now }).keys {
            due[id] = nil
            guard let target = snapshot.targets[id], target.drainingSince != nil else { continue }
            // A task's own drain ends with all of its targets; one that a caller took out goes by itself.
            if let task = target.task, snapshot.tasks[task]?.traffic == .draining {
                tasks.insert(task)
            } else {
                gone.append(id)
            }
        }
        tasks.formUnion(Self.tasks(keys, snapshot))
        tasks.formUnion(left)
        left = []
        // A revision gets its traffic before another loses its targets.
        return Self.shifts(keys, snapshot) + commits(tasks, snapshot, now, ids) + Self.commits(of: gone.sorted())
    }

    /// Remembers when targets that drain are gone.
    private mutating func note(_ keys: Set<TargetsKey>?, _ snapshot: StateSnapshot) {
        func note(_ target: TargetRecord) {
            guard let group = snapshot.targetGroups[target.id.group] else { return }
            due[target.id] = target.goneAt(group)
        }
        guard let keys else {
            due = [:]
            for (_, target) in snapshot.targets.values() { note(target) }
            return
        }
        for case .target(let id) in keys { snapshot.targets[id].map(note) }
    }

    private static func tasks(_ keys: Set<TargetsKey>?, _ snapshot: StateSnapshot) -> [TaskID] {
        guard let keys else {
            return snapshot.tasks.values().filter { !$0.1.loadBalancers.isEmpty && $0.1.traffic != .left }.map { $0.0 }
        }
        return keys.compactMap { if case .task(let id) = $0 { id } else { nil } }
    }

    /// What must change at the rules by which services shift traffic.
    private static func shifts(_ keys: Set<TargetsKey>?, _ snapshot: StateSnapshot) -> [TargetsCommit] {
        let touched: [ServiceID] =
            keys.map { keys in keys.compactMap { if case .service(let id) = $0 { id } else { nil } }.sorted() }
            ?? snapshot.services.values().map { $0.0 }
        return touched.compactMap { id in
            guard let service = snapshot.services[id], service.status == .active else { return nil }
            let changed = service.ruleWeights.filter { rule, weights in
                guard let actions = snapshot.actions(of: rule) else { return false }
                return actions.weighing(weights) != actions
            }
            return changed.isEmpty ? nil : TargetsCommit(expected: AggregateVersions(), weights: changed)
        }
    }

    private static func commits(of gone: [TargetID]) -> [TargetsCommit] {
        stride(from: 0, to: gone.count, by: targetsPerCommit).map { start in
            TargetsCommit(
                expected: AggregateVersions(), gone: Array(gone[start..<min(start + targetsPerCommit, gone.count)]))
        }
    }

    private mutating func commits(
        _ tasks: Set<TaskID>, _ snapshot: StateSnapshot, _ now: Timestamp, _ ids: some IDSource
    ) -> [TargetsCommit] {
        let records = tasks.sorted().compactMap { snapshot.tasks[$0] }
        var commits: [TargetsCommit] = []
        for (service, own) in Dictionary(grouping: records, by: \.service).sorted(by: { $0.key.order < $1.key.order }) {
            var moves = TaskTargets(service.flatMap { snapshot.services[$0] }, snapshot, now)
            for task in own {
                if moves.commit.tasks.count < Self.tasksPerCommit { moves.move(task) } else { left.insert(task.id) }
            }
            guard !moves.commit.tasks.isEmpty else { continue }
            moves.tell(ids)
            moves.commit.expected = AggregateVersions(
                snapshot, service.map { [.service($0)] } ?? own.map { .task($0.id) })
            commits.append(moves.commit)
        }
        return commits
    }
}

extension ServiceID? {
    fileprivate var order: String { self?.arn ?? "" }
}

/// What becomes of the targets of one service's tasks, task by task.
private struct TaskTargets {
    var commit = TargetsCommit(expected: AggregateVersions())
    private let service: ServiceRecord?
    private let snapshot: StateSnapshot
    private let now: Timestamp
    private var registered: [TargetGroupID: Int] = [:]
    private var deregistered: [TargetGroupID: Int] = [:]
    private var draining: [DeploymentID: Int] = [:]

    init(_ service: ServiceRecord?, _ snapshot: StateSnapshot, _ now: Timestamp) {
        self.service = service
        self.snapshot = snapshot
        self.now = now
    }

    mutating func move(_ task: TaskRecord) {
        let isRunning = task.isLive && task.observed?.status == .running
        switch task.traffic {
        case nil where isRunning && task.desiredStatus == .running: register(task)
        case .registered where isRunning && task.desiredStatus == .stopped: drain(task)
        case .registered where !isRunning: leave(task)
        case .draining where !isRunning || !isWaiting(task): leave(task)
        default: break
        }
    }

    private mutating func register(_ task: TaskRecord) {
        let targets = task.targets(in: snapshot)
        guard !targets.isEmpty else { return }
        for target in targets {
            var record = TargetRecord(id: target.id, registeredAt: now)
            record.task = task.id
            commit.targets.append(record)
            registered[target.id.group, default: 0] += 1
        }
        set(.registered, task)
    }

    private mutating func drain(_ task: TaskRecord) {
        for var record in own(task) {
            record.drainingSince = now
            commit.targets.append(record)
            deregistered[record.id.group, default: 0] += 1
        }
        if let deployment = task.deployment { draining[deployment, default: 0] += 1 }
        set(.draining, task)
    }

    private mutating func leave(_ task: TaskRecord) {
        for record in own(task) {
            commit.gone.append(record.id)
            if record.drainingSince == nil { deregistered[record.id.group, default: 0] += 1 }
        }
        set(.left, task)
    }

    private mutating func set(_ traffic: TaskTraffic, _ task: TaskRecord) {
        var task = task
        task.traffic = traffic
        commit.tasks.append(task)
    }

    /// Whether a target of the task still has time.
    private func isWaiting(_ task: TaskRecord) -> Bool {
        own(task).contains { target in
            snapshot.targetGroups[target.id.group].map { !target.isGone($0, now: now) } ?? false
        }
    }

    /// An address that another task or a caller registered since is not the task's any more.
    private func own(_ task: TaskRecord) -> [TargetRecord] {
        task.targets(in: snapshot).compactMap { snapshot.targets[$0.id] }.filter { $0.task == task.id }
    }

    /// Adds the service's events.
    mutating func tell(_ ids: some IDSource) {
        guard let service else { return }
        var messages: [ServiceMessage] = []
        for (group, count) in registered.sorted(by: { $0.key < $1.key }) {
            messages.append(.registered(count, in: group, service: service.id))
        }
        for (group, count) in deregistered.sorted(by: { $0.key < $1.key }) {
            messages.append(.deregistered(count, in: group, service: service.id))
        }
        for (deployment, count) in draining.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            messages.append(.draining(count, of: deployment, service: service.id))
        }
        guard !messages.isEmpty else { return }
        commit.service = service.adding(messages, ids: ids, now: now)
    }
}

extension TaskRecord {
    /// Its ports as targets, as far as it is known where they are reached.
    func targets(in snapshot: StateSnapshot) -> [(id: TargetID, port: ServiceLoadBalancer)] {
        let instance = placement.flatMap { snapshot.instances[$0.instance]?.ec2InstanceID }
        return loadBalancers.compactMap { port in
            guard let group = snapshot.targetGroups[port.targetGroup],
                let (id, number) = address(of: port, group.type, instance: instance)
            else { return nil }
            return (TargetID(group: port.targetGroup, id: id, port: number), port)
        }
    }
}
