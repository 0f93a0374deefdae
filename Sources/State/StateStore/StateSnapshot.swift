public import Domain
import HashTreeCollections
public import Identifiers

/// A frozen value of everything stored, with the indexes that readers need. Copies are free.
public struct StateSnapshot: Sendable {
    /// The newest commit this snapshot holds.
    public package(set) var revision: Revision = .zero
    public private(set) var installation: InstallationRecord?
    public private(set) var clusters = Table<ClusterID, ClusterRecord>()
    public private(set) var capacityProviders = Table<CapacityProviderID, CapacityProviderRecord>()
    public private(set) var families = Table<FamilyID, FamilyRecord>()
    public private(set) var taskDefinitions = Table<TaskDefinitionID, TaskDefinitionRecord>()
    public private(set) var daemonTaskDefinitions = Table<TaskDefinitionID, DaemonTaskDefinitionRecord>()
    public private(set) var daemons = Table<DaemonID, DaemonRecord>()
    public private(set) var daemonRevisions = Table<DaemonRevisionID, DaemonRevisionRecord>()
    public private(set) var daemonDeployments = Table<DaemonDeploymentID, DaemonDeploymentRecord>()
    public private(set) var services = Table<ServiceID, ServiceRecord>()
    public private(set) var serviceRevisions = Table<ServiceRevisionID, ServiceRevisionRecord>()
    public private(set) var serviceDeployments = Table<ServiceDeploymentID, ServiceDeploymentRecord>()
    public private(set) var tasks = Table<TaskID, TaskRecord>()
    public private(set) var instances = Table<ContainerInstanceID, ContainerInstanceRecord>()
    public private(set) var accessKeys = Table<String, AccessKeyRecord>()
    public private(set) var joinTokens = Table<String, JoinTokenRecord>()
    public private(set) var accountSettings = Table<AccountSettingID, AccountSettingRecord>()
    public private(set) var usage = Table<UsageID, UsageRecord>()
    public private(set) var eventRules = Table<EventRuleID, EventRuleRecord>()
    public private(set) var eventDeliveries = Table<EventDeliveryID, EventDeliveryRecord>()
    public private(set) var putEvents = Table<Scope, PutEventsRecord>()
    public private(set) var eventCursor: EventCursorRecord?
    public private(set) var loadBalancers = Table<LoadBalancerID, LoadBalancerRecord>()
    public private(set) var listeners = Table<ListenerID, ListenerRecord>()
    public private(set) var listenerRules = Table<ListenerRuleID, ListenerRuleRecord>()
    public private(set) var targetGroups = Table<TargetGroupID, TargetGroupRecord>()
    public private(set) var targets = Table<TargetID, TargetRecord>()
    public private(set) var certificates = Table<CertificateID, CertificateRecord>()
    public private(set) var alarms = Table<AlarmID, AlarmRecord>()
    public private(set) var alarmHistory = Table<AlarmHistoryID, AlarmHistoryRecord>()
    public private(set) var scalableTargets = Table<ServiceID, ScalableTargetRecord>()
    public private(set) var scalingPolicies = Table<ScalingRuleID, ScalingPolicyRecord>()
    public private(set) var scheduledActions = Table<ScalingRuleID, ScheduledActionRecord>()
    public private(set) var scalingActivities = Table<ScalingActivityID, ScalingActivityRecord>()
    private var idempotency = Table<IdempotencyKey, IdempotencyRecord>()
    private var versions: TreeDictionary<AggregateID, Revision> = [:]
    private(set) var taskIndexes = TaskIndexes()
    private var instancesByCluster = IndexByKey<ClusterID?, ContainerInstanceID>()
    /// Active services with the DAEMON strategy.
    private(set) var daemonServices = OrderedIndex<ServiceID>()
    private var openDeployments = IndexByKey<ServiceID, ServiceDeploymentID>()
    private var deliveriesByTarget = IndexByKey<EventTargetID, DueDelivery>()
    private var recentInstances = RecentInstances()
    private var rulesByTargetGroup = IndexByKey<TargetGroupID, ListenerRuleID>()

    public init() {}

    /// The last commit that touched the aggregate; zero when nothing of it exists.
    public func version(of aggregate: AggregateID) -> Revision { versions[aggregate] ?? .zero }

    /// How many aggregates have a version: those that exist.
    package var versionCount: Int { versions.count }

    /// The hosts registered in a cluster in order of their ids; nil gives managed capacity.
    public func instances(in cluster: ClusterID?) -> [ContainerInstanceRecord] {
        instancesByCluster.elements(under: cluster).compactMap { instances[$0] }
    }

    /// Every host that came, went or changed after the commit `revision`, or that has tasks which did.
    ///
    /// nil when that is no longer known, or nothing after it: all of them may have changed.
    public func instances(changedAfter revision: Revision) -> Set<ContainerInstanceID>? {
        guard revision <= self.revision else { return nil }
        return recentInstances.touched(after: revision).map(Set.init)
    }

    /// The service deployments of a service that may still change, in order of their ids.
    public func openServiceDeployments(of service: ServiceID) -> [ServiceDeploymentRecord] {
        openDeployments.elements(under: service).compactMap { serviceDeployments[$0] }
    }

    /// How many events are on their way to a target.
    public func eventDeliveryCount(to target: EventTargetID) -> Int { deliveriesByTarget.count(under: target) }

    /// What is on its way to a target, in the order in which it is due.
    public func eventDeliveries(to target: EventTargetID) -> some Sequence<EventDeliveryRecord> {
        deliveriesByTarget.elements(under: target).lazy.compactMap { eventDeliveries[$0.id] }
    }

    /// What a client token was used for.
    public func idempotency(_ scope: Scope, _ key: String) -> IdempotencyRecord? {
        idempotency[IdempotencyKey(scope: scope, key: key)]
    }

    /// Every remembered client token, in order of scope and key.
    public var idempotencyRecords: some Sequence<IdempotencyRecord> { idempotency.values().lazy.map { $0.1 } }

    public func record(_ key: RecordKey) -> Record? {
        switch key {
        case .installation: installation.map(Record.installation)
        case .cluster(let id): clusters[id].map(Record.cluster)
        case .capacityProvider(let id): capacityProviders[id].map(Record.capacityProvider)
        case .family(let id): families[id].map(Record.family)
        case .taskDefinition(let id): taskDefinitions[id].map(Record.taskDefinition)
        case .daemonTaskDefinition(let id): daemonTaskDefinitions[id].map(Record.daemonTaskDefinition)
        case .daemon(let id): daemons[id].map(Record.daemon)
        case .daemonRevision(let id): daemonRevisions[id].map(Record.daemonRevision)
        case .daemonDeployment(let id): daemonDeployments[id].map(Record.daemonDeployment)
        case .service(let id): services[id].map(Record.service)
        case .serviceRevision(let id): serviceRevisions[id].map(Record.serviceRevision)
        case .serviceDeployment(let id): serviceDeployments[id].map(Record.serviceDeployment)
        case .task(let id): tasks[id].map(Record.task)
        case .instance(let id): instances[id].map(Record.instance)
        case .accessKey(let id): accessKeys[id].map(Record.accessKey)
        case .joinToken(let digest): joinTokens[digest].map(Record.joinToken)
        case .idempotency(let scope, let key): idempotency(scope, key).map(Record.idempotency)
        case .accountSetting(let id): accountSettings[id].map(Record.accountSetting)
        case .usage(let id): usage[id].map(Record.usage)
        case .eventRule(let id): eventRules[id].map(Record.eventRule)
        case .eventDelivery(let id): eventDeliveries[id].map(Record.eventDelivery)
        case .putEvents(let scope): putEvents[scope].map(Record.putEvents)
        case .eventCursor: eventCursor.map(Record.eventCursor)
        case .loadBalancer(let id): loadBalancers[id].map(Record.loadBalancer)
        case .listener(let id): listeners[id].map(Record.listener)
        case .listenerRule(let id): listenerRules[id].map(Record.listenerRule)
        case .targetGroup(let id): targetGroups[id].map(Record.targetGroup)
        case .target(let id): targets[id].map(Record.target)
        case .certificate(let id): certificates[id].map(Record.certificate)
        case .alarm(let id): alarms[id].map(Record.alarm)
        case .alarmHistory(let id): alarmHistory[id].map(Record.alarmHistory)
        case .scalableTarget(let id): scalableTargets[id].map(Record.scalableTarget)
        case .scalingPolicy(let id): scalingPolicies[id].map(Record.scalingPolicy)
        case .scheduledAction(let id): scheduledActions[id].map(Record.scheduledAction)
        case .scalingActivity(let id): scalingActivities[id].map(Record.scalingActivity)
        }
    }

    /// Sets one record and keeps the indexes true.
    package mutating func apply(key: RecordKey, after: Record?) {
        switch (key, after) {
        case (.installation, .installation(let record)?): installation = record
        case (.installation, _): installation = nil
        case (.cluster(let id), let record): _ = clusters.set(id, to: record?.cluster)
        case (.capacityProvider(let id), let record): _ = capacityProviders.set(id, to: record?.capacityProvider)
        case (.family(let id), let record): _ = families.set(id, to: record?.family)
        case (.taskDefinition(let id), let record): _ = taskDefinitions.set(id, to: record?.taskDefinition)
        case (.daemonTaskDefinition(let id), let record):
            _ = daemonTaskDefinitions.set(id, to: record?.daemonTaskDefinition)
        case (.daemon(let id), let record): _ = daemons.set(id, to: record?.daemon)
        case (.daemonRevision(let id), let record): _ = daemonRevisions.set(id, to: record?.daemonRevision)
        case (.daemonDeployment(let id), let record): _ = daemonDeployments.set(id, to: record?.daemonDeployment)
        case (.service(let id), let record):
            let service = record?.service
            _ = services.set(id, to: service)
            if let service, service.schedulingStrategy == .daemon, service.status == .active {
                daemonServices.insert(id)
            } else {
                daemonServices.remove(id)
            }
        case (.serviceRevision(let id), let record): _ = serviceRevisions.set(id, to: record?.serviceRevision)
        case (.serviceDeployment(let id), let record):
            let old = serviceDeployments.set(id, to: record?.serviceDeployment)
            let isOpen = record?.serviceDeployment?.status.isOpen == true
            openDeployments.move(
                id, from: old?.status.isOpen == true ? id.service : nil, to: isOpen ? id.service : nil)
        case (.accessKey(let id), let record): _ = accessKeys.set(id, to: record?.accessKey)
        case (.joinToken(let digest), let record): _ = joinTokens.set(digest, to: record?.joinToken)
        case (.idempotency(let scope, let key), let record):
            _ = idempotency.set(IdempotencyKey(scope: scope, key: key), to: record?.idempotency)
        case (.accountSetting(let id), let record): _ = accountSettings.set(id, to: record?.accountSetting)
        case (.usage(let id), let record): _ = usage.set(id, to: record?.usage)
        case (.eventRule(let id), let record): _ = eventRules.set(id, to: record?.eventRule)
        case (.eventDelivery(let id), let record):
            let old = eventDeliveries.set(id, to: record?.eventDelivery)
            if let old { deliveriesByTarget.move(DueDelivery(old), from: id.target, to: nil) }
            if let new = record?.eventDelivery { deliveriesByTarget.move(DueDelivery(new), from: nil, to: id.target) }
        case (.putEvents(let scope), let record): _ = putEvents.set(scope, to: record?.putEvents)
        case (.eventCursor, .eventCursor(let record)?): eventCursor = record
        case (.eventCursor, _): eventCursor = nil
        case (.loadBalancer(let id), let record): _ = loadBalancers.set(id, to: record?.loadBalancer)
        case (.targetGroup(let id), let record): _ = targetGroups.set(id, to: record?.targetGroup)
        case (.target(let id), let record): _ = targets.set(id, to: record?.target)
        case (.certificate(let id), let record): _ = certificates.set(id, to: record?.certificate)
        case (.alarm(let id), let record): _ = alarms.set(id, to: record?.alarm)
        case (.alarmHistory(let id), let record): _ = alarmHistory.set(id, to: record?.alarmHistory)
        case (.scalableTarget(let id), let record): _ = scalableTargets.set(id, to: record?.scalableTarget)
        case (.scalingPolicy(let id), let record): _ = scalingPolicies.set(id, to: record?.scalingPolicy)
        case (.scheduledAction(let id), let record): _ = scheduledActions.set(id, to: record?.scheduledAction)
        case (.scalingActivity(let id), let record): _ = scalingActivities.set(id, to: record?.scalingActivity)
        case (.listener(let id), let record):
            let (old, new) = (listeners[id], record?.listener)
            _ = listeners.set(id, to: new)
            follow(old?.defaultRuleID, old?.targetGroups ?? [], isRule: false)
            follow(new?.defaultRuleID, new?.targetGroups ?? [], isRule: true)
        case (.listenerRule(let id), let record):
            let old = listenerRules.set(id, to: record?.listenerRule)
            follow(id, old?.targetGroups ?? [], isRule: false)
            follow(id, record?.listenerRule?.targetGroups ?? [], isRule: true)
        case (.instance(let id), let record):
            let old = instances.set(id, to: record?.instance)
            instancesByCluster.move(id, from: old.map(\.cluster), to: record?.instance.map(\.cluster))
        case (.task(let id), let record):
            let old = tasks.set(id, to: record?.task)
            taskIndexes.update(id, from: old, to: record?.task)
        }
    }

    /// Stamps the aggregates that the changes touched with the revision that made them; those that are gone are forgotten.
    package mutating func stamp(_ changes: [Change], revision: Revision) {
        self.revision = revision
        for change in changes {
            let touched = (change.before?.aggregates ?? []) + (change.after?.aggregates ?? [])
            for aggregate in touched {
                if case .instance(let id) = aggregate, versions[aggregate] != revision {
                    recentInstances.append(id, revision)
                }
                versions[aggregate] = exists(aggregate) ? revision : nil
            }
        }
    }

    /// Counts in a record that a log held: an aggregate is as new as the newest of its records.
    mutating func admit(_ record: Record, _ revision: Revision) {
        for aggregate in record.aggregates { versions[aggregate] = max(version(of: aggregate), revision) }
    }

    /// Ends `admit`: the state is that of the log's own revision.
    mutating func admitted(_ revision: Revision) {
        self.revision = revision
        recentInstances = RecentInstances(after: revision)
    }

    /// Everything stored, kind by kind, each in order of its keys.
    package func forEachRecord<Failure: Error>(_ body: (Record) throws(Failure) -> Void) throws(Failure) {
        if let installation { try body(.installation(installation)) }
        for (_, record) in clusters.values() { try body(.cluster(record)) }
        for (_, record) in capacityProviders.values() { try body(.capacityProvider(record)) }
        for (_, record) in families.values() { try body(.family(record)) }
        for (_, record) in taskDefinitions.values() { try body(.taskDefinition(record)) }
        for (_, record) in daemonTaskDefinitions.values() { try body(.daemonTaskDefinition(record)) }
        for (_, record) in daemons.values() { try body(.daemon(record)) }
        for (_, record) in daemonRevisions.values() { try body(.daemonRevision(record)) }
        for (_, record) in daemonDeployments.values() { try body(.daemonDeployment(record)) }
        for (_, record) in services.values() { try body(.service(record)) }
        for (_, record) in serviceRevisions.values() { try body(.serviceRevision(record)) }
        for (_, record) in serviceDeployments.values() { try body(.serviceDeployment(record)) }
        for (_, record) in tasks.values() { try body(.task(record)) }
        for (_, record) in instances.values() { try body(.instance(record)) }
        for (_, record) in accessKeys.values() { try body(.accessKey(record)) }
        for (_, record) in joinTokens.values() { try body(.joinToken(record)) }
        for record in idempotencyRecords { try body(.idempotency(record)) }
        for (_, record) in accountSettings.values() { try body(.accountSetting(record)) }
        for (_, record) in usage.values() { try body(.usage(record)) }
        for (_, record) in eventRules.values() { try body(.eventRule(record)) }
        for (_, record) in eventDeliveries.values() { try body(.eventDelivery(record)) }
        for (_, record) in putEvents.values() { try body(.putEvents(record)) }
        if let eventCursor { try body(.eventCursor(eventCursor)) }
        for (_, record) in loadBalancers.values() { try body(.loadBalancer(record)) }
        for (_, record) in listeners.values() { try body(.listener(record)) }
        for (_, record) in listenerRules.values() { try body(.listenerRule(record)) }
        for (_, record) in targetGroups.values() { try body(.targetGroup(record)) }
        for (_, record) in targets.values() { try body(.target(record)) }
        for (_, record) in certificates.values() { try body(.certificate(record)) }
        for (_, record) in alarms.values() { try body(.alarm(record)) }
        for (_, record) in alarmHistory.values() { try body(.alarmHistory(record)) }
        for (_, record) in scalableTargets.values() { try body(.scalableTarget(record)) }
        for (_, record) in scalingPolicies.values() { try body(.scalingPolicy(record)) }
        for (_, record) in scheduledActions.values() { try body(.scheduledAction(record)) }
        for (_, record) in scalingActivities.values() { try body(.scalingActivity(record)) }
    }

    /// The rules, default rules among them, that send traffic to a target group, in order of their ids.
    public func rules(using group: TargetGroupID) -> some Sequence<ListenerRuleID> {
        rulesByTargetGroup.elements(under: group)
    }

    private mutating func follow(_ rule: ListenerRuleID?, _ groups: [TargetGroupID], isRule: Bool) {
        guard let rule else { return }
        for group in groups { rulesByTargetGroup.move(rule, from: isRule ? nil : group, to: isRule ? group : nil) }
    }

    /// Makes every aggregate that exists as new as `revision`.
    mutating func restamp(_ revision: Revision) {
        self.revision = revision
        recentInstances = RecentInstances(after: revision)
        for aggregate in versions.keys { versions[aggregate] = revision }
    }

    private func exists(_ aggregate: AggregateID) -> Bool {
        switch aggregate {
        case .installation: true
        case .cluster(let id): clusters[id] != nil
        case .capacityProvider(let id): capacityProviders[id] != nil
        case .task(let id): tasks[id] != nil
        case .service(let id): services[id] != nil || taskIndexes.byService.contains(id) || hasHistory(id)
        case .instance(let id): instances[id] != nil || taskIndexes.byInstance.contains(id)
        case .family(let id):
            families[id] != nil || revisions(of: id).contains { _ in true }
                || daemonTaskDefinitions(of: id).contains { _ in true }
        case .daemon(let id):
            daemons[id] != nil || taskIndexes.byDaemon.contains(id) || revisions(of: id).contains { _ in true }
                || deployments(of: id).contains { _ in true }
        }
    }
}

extension StateSnapshot {
    /// All revisions of a service that are kept, in order of their numbers.
    public func revisions(of service: ServiceID) -> some Sequence<ServiceRevisionRecord> {
        serviceRevisions.values(from: ServiceRevisionID(service: service, number: "")).lazy
            .prefix { $0.0.service == service }.map { $0.1 }
    }

    /// All service deployments of a service that are kept, in order of their ids.
    public func serviceDeployments(of service: ServiceID) -> some Sequence<ServiceDeploymentRecord> {
        serviceDeployments.values(from: ServiceDeploymentID(service: service, id: "")).lazy
            .prefix { $0.0.service == service }.map { $0.1 }
    }

    private func hasHistory(_ service: ServiceID) -> Bool {
        serviceDeployments(of: service).contains { _ in true } || revisions(of: service).contains { _ in true }
    }
}

/// Orders what is on its way to one target.
private struct DueDelivery: Hashable, Comparable, Sendable {
    var dueAt: Timestamp
    var id: EventDeliveryID

    init(_ record: EventDeliveryRecord) {
        dueAt = record.dueAt
        id = record.id
    }

    static func < (lhs: DueDelivery, rhs: DueDelivery) -> Bool { (lhs.dueAt, lhs.id) < (rhs.dueAt, rhs.id) }
}

/// Scope and client token of a remembered request.
private struct IdempotencyKey: Hashable, Comparable, Sendable {
    var scope: Scope
    var key: String

    static func < (lhs: IdempotencyKey, rhs: IdempotencyKey) -> Bool { (lhs.scope, lhs.key) < (rhs.scope, rhs.key) }
}

extension Record {
    fileprivate var cluster: ClusterRecord? { if case .cluster(let record) = self { record } else { nil } }
    fileprivate var capacityProvider: CapacityProviderRecord? {
        if case .capacityProvider(let record) = self { record } else { nil }
    }
    fileprivate var family: FamilyRecord? { if case .family(let record) = self { record } else { nil } }
    fileprivate var taskDefinition: TaskDefinitionRecord? {
        if case .taskDefinition(let record) = self { record } else { nil }
    }
    fileprivate var daemonTaskDefinition: DaemonTaskDefinitionRecord? {
        if case .daemonTaskDefinition(let record) = self { record } else { nil }
    }
    fileprivate var daemon: DaemonRecord? { if case .daemon(let record) = self { record } else { nil } }
    fileprivate var daemonRevision: DaemonRevisionRecord? {
        if case .daemonRevision(let record) = self { record } else { nil }
    }
    fileprivate var daemonDeployment: DaemonDeploymentRecord? {
        if case .daemonDeployment(let record) = self { record } else { nil }
    }
    fileprivate var service: ServiceRecord? { if case .service(let record) = self { record } else { nil } }
    fileprivate var serviceRevision: ServiceRevisionRecord? {
        if case .serviceRevision(let record) = self { record } else { nil }
    }
    fileprivate var serviceDeployment: ServiceDeploymentRecord? {
        if case .serviceDeployment(let record) = self { record } else { nil }
    }
    fileprivate var task: TaskRecord? { if case .task(let record) = self { record } else { nil } }
    fileprivate var instance: ContainerInstanceRecord? { if case .instance(let record) = self { record } else { nil } }
    fileprivate var accessKey: AccessKeyRecord? { if case .accessKey(let record) = self { record } else { nil } }
    fileprivate var joinToken: JoinTokenRecord? { if case .joinToken(let record) = self { record } else { nil } }
    fileprivate var accountSetting: AccountSettingRecord? {
        if case .accountSetting(let record) = self { record } else { nil }
    }
    fileprivate var eventRule: EventRuleRecord? { if case .eventRule(let record) = self { record } else { nil } }
    fileprivate var eventDelivery: EventDeliveryRecord? {
        if case .eventDelivery(let record) = self { record } else { nil }
    }
    fileprivate var putEvents: PutEventsRecord? { if case .putEvents(let record) = self { record } else { nil } }
    fileprivate var loadBalancer: LoadBalancerRecord? {
        if case .loadBalancer(let record) = self { record } else { nil }
    }
    fileprivate var listener: ListenerRecord? { if case .listener(let record) = self { record } else { nil } }
    fileprivate var listenerRule: ListenerRuleRecord? {
        if case .listenerRule(let record) = self { record } else { nil }
    }
    fileprivate var targetGroup: TargetGroupRecord? { if case .targetGroup(let record) = self { record } else { nil } }
    fileprivate var target: TargetRecord? { if case .target(let record) = self { record } else { nil } }
    fileprivate var certificate: CertificateRecord? { if case .certificate(let record) = self { record } else { nil } }
    fileprivate var alarm: AlarmRecord? { if case .alarm(let record) = self { record } else { nil } }
    fileprivate var alarmHistory: AlarmHistoryRecord? {
        if case .alarmHistory(let record) = self { record } else { nil }
    }
    fileprivate var scalableTarget: ScalableTargetRecord? {
        if case .scalableTarget(let record) = self { record } else { nil }
    }
    fileprivate var scalingPolicy: ScalingPolicyRecord? {
        if case .scalingPolicy(let record) = self { record } else { nil }
    }
    fileprivate var scheduledAction: ScheduledActionRecord? {
        if case .scheduledAction(let record) = self { record } else { nil }
    }
    fileprivate var scalingActivity: ScalingActivityRecord? {
        if case .scalingActivity(let record) = self { record } else { nil }
    }
    fileprivate var usage: UsageRecord? { if case .usage(let record) = self { record } else { nil } }
    fileprivate var idempotency: IdempotencyRecord? { if case .idempotency(let record) = self { record } else { nil } }
}
