import Domain
public import Identifiers
public import StateStore

/// What is old enough to be forgotten.
public struct RetentionStep: Sendable {
    /// Most records one transaction deletes.
    static let chunk = 100
    /// ECS shows stopped tasks for at least an hour.
    static let stoppedTasks = Duration.seconds(3_600)
    /// The index gives what stopped before a time; the smallest step of time makes that "at or before".
    static let moment = Duration.milliseconds(1)
    static let inactiveServices = Duration.seconds(3_600)
    /// As long as tasks: until then a host that returns is told that it was deregistered, afterwards that its key is unknown.
    static let inactiveInstances = Duration.seconds(3_600)
    /// How long ECS tells of what was deployed.
    static let serviceDeployments = Duration.seconds(90 * 24 * 3_600)
    /// Most finished service deployments kept of one service: with a page of twenty, five pages to look back.
    static let serviceDeploymentCount = 100
    static let inactiveProviders = Duration.seconds(3_600)
    /// - Source: Amazon CloudWatch API Reference, DescribeAlarmHistory
    static let alarmHistory = Duration.seconds(30 * 24 * 3_600)
    static let clientTokens = Duration.seconds(24 * 3_600)

    public init() {}

    /// The records to delete, in chunks of one transaction each, tasks first.
    public func step(_ snapshot: StateSnapshot, now: Timestamp) -> [[Record]] {
        let records =
            snapshot.tasks(stoppedBefore: now.adding(Self.moment - Self.stoppedTasks))
            .filter { !Self.mayReturn($0, in: snapshot) }.map(Record.task)
            + snapshot.services.values().compactMap { _, service in
                Self.isOver(service, in: snapshot, now: now) ? Record.service(service) : nil
            }
            + snapshot.capacityProviders.values().compactMap { _, provider in
                provider.deletedAt.map { $0.adding(Self.inactiveProviders) <= now } == true
                    ? Record.capacityProvider(provider) : nil
            }
            + snapshot.joinTokens.values().compactMap { _, token in
                token.expiresAt <= now ? Record.joinToken(token) : nil
            }
            + snapshot.idempotencyRecords.filter { $0.createdAt.adding(Self.clientTokens) <= now }
            .sorted { ($0.scope, $0.key) < ($1.scope, $1.key) }.map(Record.idempotency)
            + Self.goneInstances(snapshot, now: now) + Self.goneDefinitions(snapshot)
            + snapshot.alarmHistory.values().compactMap { id, record in
                id.time.adding(Self.alarmHistory) <= now ? Record.alarmHistory(record) : nil
            }
            + Self.oldHistory(snapshot, now: now) + Self.oldDaemonHistory(snapshot, now: now)
            + Self.oldActivities(snapshot, now: now)
        return stride(from: 0, to: records.count, by: Self.chunk).map { start in
            Array(records[start..<min(start + Self.chunk, records.count)])
        }
    }

    /// A task that was given up is kept while its host may return with it.
    private static func mayReturn(_ task: TaskRecord, in snapshot: StateSnapshot) -> Bool {
        guard task.verdict.lostAt != nil, let instance = task.placement?.instance else { return false }
        guard let host = snapshot.instances[instance] else { return false }
        return host.lostAt != nil && host.status != .inactive
    }

    /// Deregistered hosts that no task refers to any more. Keys come first: one whose host is gone could not be told from
    /// that of a host which is about to register.
    private static func goneInstances(_ snapshot: StateSnapshot, now: Timestamp) -> [Record] {
        let hosts = snapshot.instances.values().map(\.1).filter { host in
            host.status == .inactive
                && (host.deregisteredAt ?? host.registeredAt).adding(inactiveInstances) <= now
                && snapshot.tasks(on: host.id).isEmpty
        }
        guard !hosts.isEmpty else { return [] }
        let ids = Set(hosts.map(\.id))
        let keys = snapshot.accessKeys.values().map(\.1).filter { key in
            if case .node(let id) = key.principal { ids.contains(id) } else { false }
        }
        return keys.map(Record.accessKey) + hosts.map(Record.instance)
    }

    /// Finished service deployments that are old or too many, and revisions that nothing names any more. They go with
    /// their service.
    private static func oldHistory(_ snapshot: StateSnapshot, now: Timestamp) -> [Record] {
        var kept: Set<ServiceRevisionID> = []
        var gone: [Record] = []
        let history = Dictionary(grouping: snapshot.serviceDeployments.values().map(\.1)) { $0.id.service }
        for (id, deployments) in history.sorted(by: { $0.key < $1.key }) {
            let newestFirst = deployments.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            for (position, record) in newestFirst.enumerated() {
                let isOld = record.createdAt.adding(serviceDeployments) <= now || position >= serviceDeploymentCount
                if snapshot.services[id] == nil || isOld && !record.status.isOpen && position > 0 {
                    gone.append(.serviceDeployment(record))
                } else {
                    kept.formUnion([record.target] + record.sources + [record.rollback?.revision].compactMap { $0 })
                }
            }
        }
        for (_, service) in snapshot.services.values() { kept.formUnion(service.deployments.compactMap(\.revision)) }
        return gone
            + snapshot.serviceRevisions.values().compactMap { id, record in
                kept.contains(id) ? nil : Record.serviceRevision(record)
            }
    }

    /// Deleted revisions that no task shows and no service may start from any more.
    private static func goneDefinitions(_ snapshot: StateSnapshot) -> [Record] {
        let deleted = snapshot.taskDefinitions.values().map(\.1).filter { $0.status == .deleteInProgress }
        guard !deleted.isEmpty else { return [] }
        let used = Set(
            snapshot.services.values().filter { $0.1.status != .inactive }
                .flatMap { _, service -> [TaskDefinitionID] in
                    [service.taskDefinition].compactMap(\.self) + service.deployments.map(\.taskDefinition)
                        + service.taskSets.map(\.deployment.taskDefinition)
                })
        return deleted.filter { record in
            !used.contains(record.id)
                && !snapshot.tasks(of: record.id.family).contains { $0.definition == record.id }
        }.map(Record.taskDefinition)
    }

    private static func isOver(_ service: ServiceRecord, in snapshot: StateSnapshot, now: Timestamp) -> Bool {
        guard service.status == .inactive else { return false }
        let last = service.inactiveAt ?? service.deployments.map(\.updatedAt).max() ?? service.createdAt
        return last.adding(inactiveServices) <= now && snapshot.tasks(of: service.id).allSatisfy { !$0.isLive }
    }
}
