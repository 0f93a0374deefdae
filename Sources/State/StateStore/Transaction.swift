public import Domain

/// What one commit changes. Reads see the newest state with the transaction's own writes.
public struct Transaction: Sendable {
    /// The newest state, own writes included.
    public private(set) var state: StateSnapshot
    /// The net changes, in the order the keys were first touched.
    public var changes: [Change] {
        order.compactMap { key in
            guard let before = touched[key] else { return nil }
            let after = state.record(key)
            return before == after ? nil : Change(key: key, before: before, after: after)
        }
    }
    private var order: [RecordKey] = []
    private var touched: [RecordKey: Record?] = [:]

    package init(on state: StateSnapshot) { self.state = state }

    /// Writes `record`, whether or not it existed.
    public mutating func put(_ record: Record) {
        touch(record.key)
        state.apply(key: record.key, after: record)
    }

    /// Removes the record; nothing happens when it is absent.
    ///
    /// What stopped before usage was counted is counted before it goes.
    public mutating func delete(_ key: RecordKey) {
        countLeaving(key)
        touch(key)
        state.apply(key: key, after: nil)
    }

    public mutating func put(_ record: ClusterRecord) { put(.cluster(record)) }
    public mutating func put(_ record: CapacityProviderRecord) { put(.capacityProvider(record)) }
    public mutating func put(_ record: FamilyRecord) { put(.family(record)) }
    public mutating func put(_ record: TaskDefinitionRecord) { put(.taskDefinition(record)) }
    public mutating func put(_ record: DaemonTaskDefinitionRecord) { put(.daemonTaskDefinition(record)) }
    public mutating func put(_ record: DaemonRecord) { put(.daemon(record)) }
    public mutating func put(_ record: DaemonRevisionRecord) { put(.daemonRevision(record)) }
    public mutating func put(_ record: DaemonDeploymentRecord) { put(.daemonDeployment(record)) }
    public mutating func put(_ record: ServiceRecord) { put(.service(record)) }
    public mutating func put(_ record: ServiceRevisionRecord) { put(.serviceRevision(record)) }
    public mutating func put(_ record: ServiceDeploymentRecord) { put(.serviceDeployment(record)) }
    public mutating func put(_ record: AccessKeyRecord) { put(.accessKey(record)) }
    public mutating func put(_ record: JoinTokenRecord) { put(.joinToken(record)) }
    public mutating func put(_ record: IdempotencyRecord) { put(.idempotency(record)) }
    public mutating func put(_ record: AccountSettingRecord) { put(.accountSetting(record)) }
    public mutating func put(_ record: InstallationRecord) { put(.installation(record)) }
    public mutating func put(_ record: UsageRecord) { put(.usage(record)) }
    public mutating func put(_ record: EventRuleRecord) { put(.eventRule(record)) }
    public mutating func put(_ record: EventDeliveryRecord) { put(.eventDelivery(record)) }
    public mutating func put(_ record: PutEventsRecord) { put(.putEvents(record)) }
    public mutating func put(_ record: EventCursorRecord) { put(.eventCursor(record)) }
    public mutating func put(_ record: LoadBalancerRecord) { put(.loadBalancer(record)) }
    public mutating func put(_ record: ListenerRecord) { put(.listener(record)) }
    public mutating func put(_ record: ListenerRuleRecord) { put(.listenerRule(record)) }
    public mutating func put(_ record: TargetGroupRecord) { put(.targetGroup(record)) }
    public mutating func put(_ record: TargetRecord) { put(.target(record)) }
    public mutating func put(_ record: CertificateRecord) { put(.certificate(record)) }
    public mutating func put(_ record: AlarmRecord) { put(.alarm(record)) }
    public mutating func put(_ record: AlarmHistoryRecord) { put(.alarmHistory(record)) }
    public mutating func put(_ record: ScalableTargetRecord) { put(.scalableTarget(record)) }
    public mutating func put(_ record: ScalingPolicyRecord) { put(.scalingPolicy(record)) }
    public mutating func put(_ record: ScheduledActionRecord) { put(.scheduledAction(record)) }
    public mutating func put(_ record: ScalingActivityRecord) { put(.scalingActivity(record)) }

    /// Writes the host. Once it is INACTIVE, its usage is counted.
    public mutating func put(_ record: ContainerInstanceRecord) {
        var record = record
        record.counted = state.instances[record.id]?.counted
        if record.status == .inactive {
            record.counted = recount(record.counted, as: state.usage(of: record, now: record.registeredAt))
        }
        put(.instance(record))
    }

    /// Writes the task; its `version` grows by one when anything else changed. Once it has stopped, its usage is counted.
    public mutating func put(_ record: TaskRecord) {
        var record = record
        let old = state.tasks[record.id]
        record.counted = old?.counted
        if !record.isLive {
            record.counted = recount(record.counted, as: state.usage(of: record, now: record.createdAt))
        }
        if let old {
            record.version = old.version
            if record != old { record.version = old.version + 1 }
        }
        put(.task(record))
    }

    private mutating func touch(_ key: RecordKey) {
        guard touched[key] == nil else { return }
        order.append(key)
        touched[key] = .some(state.record(key))
    }
}
