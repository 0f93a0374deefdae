public import Domain
import HashTreeCollections
public import Identifiers

/// A frozen value of everything stored, with the indexes that readers need. Copies are free.
public struct StateSnapshot: Sendable {
    /// The newest commit this snapshot holds.
    public package(set) var revision: Revision = .zero
    public private(set) var installation: InstallationRecord?
    public private(set) var clusters = Table<ClusterID, ClusterRecord>()
    public private(set) var families = Table<FamilyID, FamilyRecord>()
    public private(set) var taskDefinitions = Table<TaskDefinitionID, TaskDefinitionRecord>()
    public private(set) var services = Table<ServiceID, ServiceRecord>()
    public private(set) var tasks = Table<TaskID, TaskRecord>()
    public private(set) var instances = Table<ContainerInstanceID, ContainerInstanceRecord>()
    public private(set) var accessKeys = Table<String, AccessKeyRecord>()
    public private(set) var joinTokens = Table<String, JoinTokenRecord>()
    private var idempotency: TreeDictionary<RecordKey, IdempotencyRecord> = [:]
    private var versions: TreeDictionary<AggregateID, Revision> = [:]

    private var tasksByService: TreeDictionary<ServiceID, OrderedIndex<TaskID>> = [:]
    private var tasksByInstance: TreeDictionary<ContainerInstanceID, OrderedIndex<TaskID>> = [:]
    /// Tasks that no host has yet and nobody asked to stop, ascending.
    public private(set) var unplacedTasks = OrderedIndex<TaskID>()

    public init() {}

    /// The last commit that touched the aggregate; zero when nothing of it exists.
    public func version(of aggregate: AggregateID) -> Revision { versions[aggregate] ?? .zero }

    /// All tasks of a service, stopped ones included, in order of their ids.
    public func tasks(of service: ServiceID) -> [TaskRecord] { records(tasksByService[service]) }

    /// All tasks ever placed on a host, stopped ones included, in order of their ids.
    public func tasks(on instance: ContainerInstanceID) -> [TaskRecord] { records(tasksByInstance[instance]) }

    /// All tasks of a cluster in order of their ids.
    public func tasks(in cluster: ClusterID, from start: TaskID? = nil) -> some Sequence<TaskRecord> {
        tasks.values(from: start ?? TaskID(cluster: cluster, id: "")).lazy
            .prefix { $0.0.cluster == cluster }.map { $0.1 }
    }

    /// All services of a cluster in order of their names.
    public func services(in cluster: ClusterID, from start: ServiceID? = nil) -> some Sequence<ServiceRecord> {
        services.values(from: start ?? ServiceID(cluster: cluster, name: "")).lazy
            .prefix { $0.0.cluster == cluster }.map { $0.1 }
    }

    /// All revisions of a family, ascending.
    public func revisions(of family: FamilyID) -> some Sequence<TaskDefinitionRecord> {
        taskDefinitions.values(from: TaskDefinitionID(family: family, revision: 0)).lazy
            .prefix { $0.0.family == family }.map { $0.1 }
    }

    /// The hosts registered in a cluster in order of their ids; nil gives managed capacity.
    public func instances(in cluster: ClusterID?) -> [ContainerInstanceRecord] {
        instances.values().compactMap { $0.1.cluster == cluster ? $0.1 : nil }
    }

    /// What a client token was used for.
    public func idempotency(_ scope: Scope, _ key: String) -> IdempotencyRecord? {
        idempotency[.idempotency(scope, key)]
    }

    /// Every remembered client token, in no particular order.
    public var idempotencyRecords: some Sequence<IdempotencyRecord> { idempotency.values }

    public func record(_ key: RecordKey) -> Record? {
        switch key {
        case .installation: installation.map(Record.installation)
        case .cluster(let id): clusters[id].map(Record.cluster)
        case .family(let id): families[id].map(Record.family)
        case .taskDefinition(let id): taskDefinitions[id].map(Record.taskDefinition)
        case .service(let id): services[id].map(Record.service)
        case .task(let id): tasks[id].map(Record.task)
        case .instance(let id): instances[id].map(Record.instance)
        case .accessKey(let id): accessKeys[id].map(Record.accessKey)
        case .joinToken(let digest): joinTokens[digest].map(Record.joinToken)
        case .idempotency: idempotency[key].map(Record.idempotency)
        }
    }

    /// Sets one record and keeps the indexes true.
    package mutating func apply(key: RecordKey, after: Record?) {
        switch (key, after) {
        case (.installation, .installation(let record)?): installation = record
        case (.installation, _): installation = nil
        case (.cluster(let id), let record): _ = clusters.set(id, to: record?.cluster)
        case (.family(let id), let record): _ = families.set(id, to: record?.family)
        case (.taskDefinition(let id), let record): _ = taskDefinitions.set(id, to: record?.taskDefinition)
        case (.service(let id), let record): _ = services.set(id, to: record?.service)
        case (.instance(let id), let record): _ = instances.set(id, to: record?.instance)
        case (.accessKey(let id), let record): _ = accessKeys.set(id, to: record?.accessKey)
        case (.joinToken(let digest), let record): _ = joinTokens.set(digest, to: record?.joinToken)
        case (.idempotency, let record): idempotency[key] = record?.idempotency
        case (.task(let id), let record):
            let old = tasks.set(id, to: record?.task)
            reindex(id, from: old, to: record?.task)
        }
    }

    /// Stamps the aggregates that the changes touched with the revision that made them.
    package mutating func stamp(_ changes: [Change], revision: Revision) {
        self.revision = revision
        for change in changes {
            let touched = (change.before?.aggregates ?? []) + (change.after?.aggregates ?? [])
            for aggregate in touched { versions[aggregate] = revision }
            if change.after == nil { forget(change.key) }
        }
    }

    private mutating func forget(_ key: RecordKey) {
        switch key {
        case .task(let id): versions[.task(id)] = nil
        case .cluster(let id): versions[.cluster(id)] = nil
        default: break
        }
    }

    private mutating func reindex(_ id: TaskID, from old: TaskRecord?, to new: TaskRecord?) {
        if old?.service != new?.service {
            if let service = old?.service { tasksByService.remove(id, under: service) }
            if let service = new?.service { tasksByService.insert(id, under: service) }
        }
        if old?.placement?.instance != new?.placement?.instance {
            if let instance = old?.placement?.instance { tasksByInstance.remove(id, under: instance) }
            if let instance = new?.placement?.instance { tasksByInstance.insert(id, under: instance) }
        }
        let waited = old.map(Self.waits) ?? false
        let waits = new.map(Self.waits) ?? false
        if waits != waited { waits ? unplacedTasks.insert(id) : unplacedTasks.remove(id) }
    }

    private static func waits(_ task: TaskRecord) -> Bool { task.placement == nil && task.verdict.stop == nil }

    private func records(_ ids: OrderedIndex<TaskID>?) -> [TaskRecord] {
        guard let ids else { return [] }
        return ids.ascending().compactMap { tasks[$0] }
    }
}

extension TreeDictionary where Value == OrderedIndex<TaskID> {
    fileprivate mutating func insert(_ id: TaskID, under key: Key) {
        self[key, default: OrderedIndex()].insert(id)
    }

    fileprivate mutating func remove(_ id: TaskID, under key: Key) {
        guard var ids = self[key] else { return }
        ids.remove(id)
        self[key] = ids.count == 0 ? nil : ids
    }
}

extension Record {
    fileprivate var cluster: ClusterRecord? { if case .cluster(let record) = self { record } else { nil } }
    fileprivate var family: FamilyRecord? { if case .family(let record) = self { record } else { nil } }
    fileprivate var taskDefinition: TaskDefinitionRecord? {
        if case .taskDefinition(let record) = self { record } else { nil }
    }
    fileprivate var service: ServiceRecord? { if case .service(let record) = self { record } else { nil } }
    fileprivate var task: TaskRecord? { if case .task(let record) = self { record } else { nil } }
    fileprivate var instance: ContainerInstanceRecord? { if case .instance(let record) = self { record } else { nil } }
    fileprivate var accessKey: AccessKeyRecord? { if case .accessKey(let record) = self { record } else { nil } }
    fileprivate var joinToken: JoinTokenRecord? { if case .joinToken(let record) = self { record } else { nil } }
    fileprivate var idempotency: IdempotencyRecord? { if case .idempotency(let record) = self { record } else { nil } }
}
