public import Domain
public import Identifiers

/// Why hosts do or do not admit a task: every filter of every host, not only the first that refuses.
public struct PlacementExplanation: Hashable, Sendable {
    /// What one filter says of one host.
    public struct Check: Hashable, Sendable {
        public var filter: PlacementRefusal
        /// What is wrong, with numbers; nil where the filter lets the task pass.
        public var problem: String?
        /// What would have to be so, as the end of "Host X would admit it if …"; empty where the task passes.
        public var remedies: [String]
    }

    /// One host of the task's pool.
    public struct Host: Hashable, Sendable {
        public var instance: ContainerInstanceID
        /// In the order of the filters.
        public var checks: [Check]
        /// How far it is from admitting the task by what lacks of processor and memory, in hosts of its size.
        var shortage: Double

        /// The reason that placement gives.
        public var refusal: PlacementRefusal? { checks.first { $0.problem != nil }?.filter }

        /// What would make it admit the task; nil where it does.
        public var remedy: String? {
            let remedies = checks.flatMap(\.remedies)
            guard !remedies.isEmpty else { return nil }
            return "Host \(instance.id) would admit it if \(remedies.joined(separator: ", and "))."
        }

        /// Fewest filters first, then what is easily put right, then what lacks least.
        fileprivate func isNearer(than other: Host) -> Bool {
            (refusing, effort, shortage, instance) < (other.refusing, other.effort, other.shortage, other.instance)
        }

        private var refusing: Int { checks.count { $0.problem != nil } }

        private var effort: Int {
            checks.filter { $0.problem != nil }.map { PlacementExplanation.effort($0.filter) }.reduce(0, +)
        }
    }

    /// The hosts that the task may run on by cluster, launch type and capacity provider: the nearest to admitting it first.
    public var hosts: [Host]
    /// What to do where there is no such host; nil where there is one.
    public var missing: String?

    /// Hosts that admit the task now.
    public var admitting: [ContainerInstanceID] { hosts.filter { $0.refusal == nil }.map(\.instance) }

    /// How many hosts each filter is the first to refuse, in the order of the filters.
    public var refusals: [(filter: PlacementRefusal, hosts: Int)] {
        PlacementRefusal.allCases.compactMap { filter in
            let count = hosts.count { $0.refusal == filter }
            return count > 0 ? (filter, count) : nil
        }
    }

    /// How hard it is to put one refusal right: a host that reconnects is nearer than one that must be another.
    private static func effort(_ filter: PlacementRefusal) -> Int {
        switch filter {
        case .inactive, .agent: 1
        case .ports: 2
        case .cpu, .memory: 3
        case .distinctInstance: 4
        case .memberOf: 5
        case .attribute: 6
        }
    }
}

/// A host to explain, with the tasks that it is shared with.
public struct ExplainedHost: Sendable {
    public var host: PlacementHost
    /// Those that live there.
    public var tasks: [TaskRecord]

    /// - Parameter claims: those of the host's cluster.
    public init(
        record: ContainerInstanceRecord, isConnected: Bool, tasks: [TaskRecord], claims: DaemonClaims = DaemonClaims()
    ) {
        host = PlacementHost(record: record, isConnected: isConnected, tasks: tasks)
        claims.keepRoom(on: &host)
        self.tasks = tasks.filter(\.isLive)
    }
}

extension PlacementExplanation {
    /// - Parameter hosts: any hosts of the scope; those that are not for the task are left out.
    public init(of task: TaskRecord, on hosts: some Sequence<ExplainedHost>) {
        var checker = PlacementChecker(task)
        let pool = hosts.filter { task.mayUse($0.host.record) }
        self.hosts = pool.map { checker.explain($0) }.sorted { $0.isNearer(than: $1) }
        missing = pool.isEmpty ? task.missingHosts : nil
    }
}

extension TaskRecord {
    /// Whether the host is of the task's cluster, launch type and capacity provider, and no other host is wanted.
    fileprivate func mayUse(_ host: ContainerInstanceRecord) -> Bool {
        guard host.status != .inactive, pinnedTo.map({ $0 == host.id }) ?? true else { return false }
        if launchType.isManaged { return host.cluster == nil && host.id.scope == id.cluster.scope }
        guard host.cluster == id.cluster else { return false }
        return capacityProvider.map { host.capacityProvider == $0 } ?? (host.launchType == launchType)
    }

    fileprivate var missingHosts: String {
        if let pinnedTo { return "The only host for it, \(pinnedTo.id), is gone: start the task on another one." }
        if launchType.isManaged {
            return "There is no managed host: start one with 'berth up', or join one with 'berth agent --managed'."
        }
        if let capacityProvider {
            return
                "There is no host of capacity provider \(capacityProvider) in cluster \(id.cluster.name): join one with "
                + "'berth agent --cluster \(id.cluster.name) --capacity-provider \(capacityProvider)'."
        }
        let flag = launchType == .external ? " --external" : ""
        return "There is no container instance of that launch type in cluster \(id.cluster.name): join one with "
            + "'berth agent --cluster \(id.cluster.name)\(flag)'."
    }
}
