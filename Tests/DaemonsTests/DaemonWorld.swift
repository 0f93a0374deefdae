import Daemons
import Domain
import Identifiers
import TestKit
import Testing

/// A daemon, its hosts and its tasks on simulated time.
struct DaemonWorld {
    static let id = DaemonID(cluster: .test, name: "agent")

    var daemon: DaemonRecord
    var deployments: [DaemonDeploymentRecord] = []
    var hosts: [DaemonSnapshot.Host]
    var tasks: [TaskRecord] = []
    var now = Timestamp.test()
    /// Revisions whose tasks never start.
    var badRevisions: Set<DaemonRevisionID> = []
    /// The hosts on which those do not start; nil for all.
    var badHosts: Set<ContainerInstanceID>?
    var alarms: [String: AlarmState] = [:]
    /// Most tasks that one step starts and stops.
    var budget = 90
    var isGone = false
    var checked = false
    private var made = 0
    private var joined = 0

    init(hosts: Int, drainPercent: Double = 25, bake: Int = 0) {
        self.hosts = (0..<hosts).map { DaemonSnapshot.Host(id: .test("h\($0)")) }
        daemon = DaemonRecord(
            id: Self.id, revision: nil, deployment: DaemonDeploymentID(daemon: Self.id, id: "d0"), createdAt: now,
            createdBy: "test")
        deploy("1", drainPercent: drainPercent, bake: bake)
    }

    static func revision(_ number: String) -> DaemonRevisionID { DaemonRevisionID(daemon: id, number: number) }

    static func definition(_ revision: DaemonRevisionID?) -> TaskDefinitionID {
        TaskDefinitionID(
            family: FamilyID(scope: .test, kind: .daemon, name: "agent"), revision: Int(revision?.number ?? "") ?? 0)
    }

    var deployment: DaemonDeploymentRecord {
        deployments.first { $0.id == daemon.deployment }
            ?? DaemonDeploymentRecord(
                id: daemon.deployment, target: nil, configuration: DaemonDeploymentConfiguration(), createdAt: now)
    }

    var snapshot: DaemonSnapshot {
        let definitions = Set(tasks.map(\.definition)).map {
            ($0, TaskDefinitionRecord.test(healthCheck: checked, mode: .bridge).definition)
        }
        var snapshot = DaemonSnapshot(
            daemon: daemon, deployment: deployment, hosts: hosts.sorted { $0.id < $1.id }, tasks: tasks,
            definitions: Dictionary(uniqueKeysWithValues: definitions), now: now)
        snapshot.alarms = alarms
        return snapshot
    }

    var live: [TaskRecord] { tasks.filter { $0.isLive && $0.desiredStatus == .running } }

    /// The revisions of the running tasks, by host, such as `h0:1`.
    var running: [String] {
        live.filter { $0.lastStatus == .running }
            .map { "\($0.placement?.instance.id ?? "-"):\($0.daemonRevision?.number ?? "-")" }.sorted()
    }

    /// Hosts that have no running task.
    var idle: Int {
        let busy = Set(live.filter { $0.lastStatus == .running }.compactMap(\.placement?.instance))
        return hosts.count { $0.isReachable && !$0.isDraining && !busy.contains($0.id) }
    }

    /// - Parameter alarms: those that decide over the deployment.
    mutating func deploy(_ revision: String, drainPercent: Double = 25, bake: Int = 0, alarms: [String] = []) {
        if let index = deployments.firstIndex(where: { $0.id == daemon.deployment && $0.status.isOpen }) {
            deployments[index].status = .stopped
        }
        let id = DaemonDeploymentID(daemon: Self.id, id: "d\(deployments.count + 1)")
        daemon.revision = Self.revision(revision)
        daemon.deployment = id
        var configuration = DaemonDeploymentConfiguration(drainPercent: drainPercent, bakeTimeInMinutes: bake)
        configuration.alarmNames = alarms
        configuration.heedsAlarms = !alarms.isEmpty
        deployments.append(
            DaemonDeploymentRecord(id: id, target: daemon.revision, configuration: configuration, createdAt: now))
    }

    mutating func delete() {
        deploy("0")
        daemon.status = .deleteInProgress
        daemon.revision = nil
        deployments[deployments.count - 1].target = nil
    }

    /// Carries one plan out, as the controller does.
    mutating func apply(_ plan: DaemonPlan) {
        daemon = plan.daemon
        isGone = plan.isGone
        if let index = deployments.firstIndex(where: { $0.id == plan.deployment.id }) {
            deployments[index] = plan.deployment
        }
        for stop in plan.stops {
            guard let index = tasks.firstIndex(where: { $0.id == stop.task }) else { continue }
            tasks[index].verdict.stop = StopRequest(code: .serviceSchedulerInitiated, reason: stop.reason, at: now)
        }
        for host in plan.starts {
            made += 1
            var task = TaskRecord.test("t\(made)", mode: .bridge).placed(on: host.id, at: now)
            task.createdAt = now
            task.daemonRevision = daemon.revision
            task.startedBy = daemon.deployment.id
            task.definition = Self.definition(daemon.revision)
            tasks.append(task)
        }
    }

    /// Plans and carries out until nothing moves at this moment.
    mutating func settle() {
        for _ in 0..<20 {
            let plan = reconcile(snapshot, budget: budget)
            apply(plan)
            if plan.starts.isEmpty, plan.stops.isEmpty, plan == reconcile(snapshot, budget: budget) { return }
        }
    }

    /// Time passes: tasks on reachable hosts start or fail, and stop when asked to.
    mutating func pass(_ seconds: Int) {
        now = now.adding(.seconds(seconds))
        let reachable = Set(hosts.filter(\.isReachable).map(\.id))
        for index in tasks.indices where tasks[index].isLive {
            guard let host = tasks[index].placement?.instance, reachable.contains(host) else { continue }
            if tasks[index].verdict.stop != nil {
                tasks[index] = tasks[index].observed(.stopped, at: now)
            } else if tasks[index].lastStatus < .running {
                let isBad =
                    tasks[index].daemonRevision.map(badRevisions.contains) == true && badHosts?.contains(host) != false
                tasks[index] = isBad ? failed(tasks[index]) : tasks[index].observed(.running, at: now)
                if checked { tasks[index] = tasks[index].reporting(.healthy) }
            }
        }
    }

    /// Forgets what stopped an hour ago, as retention does.
    mutating func forget() {
        tasks.removeAll { task in task.stoppedAt.map { $0.adding(.seconds(3_600)) <= now } == true }
    }

    mutating func run(_ seconds: Int, step: Int = 2) {
        for _ in 0..<(seconds / step) {
            settle()
            pass(step)
        }
        settle()
    }

    /// Runs until something is so, for ten minutes at most.
    mutating func run(until isSo: (DaemonWorld) -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        for _ in 0..<300 {
            if isSo(self) { return }
            run(2)
        }
        Issue.record("it does not come to that", sourceLocation: sourceLocation)
    }

    private func failed(_ task: TaskRecord) -> TaskRecord {
        var task = task.observed(.stopped, at: now)
        task.observed?.stopCode = .taskFailedToStart
        return task
    }

    mutating func join() {
        joined += 1
        hosts.append(DaemonSnapshot.Host(id: .test("n\(joined)")))
    }

    /// The task of a host ends by itself.
    mutating func crash(_ host: String) {
        for index in tasks.indices where tasks[index].isLive && tasks[index].placement?.instance.id == host {
            tasks[index] = tasks[index].observed(.stopped, at: now)
            tasks[index].observed?.stopCode = .essentialContainerExited
        }
    }
}
