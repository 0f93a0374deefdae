public import Domain
public import Identifiers
import Metering

// What stops is counted in the transaction that makes it stop, so that a crash neither loses it nor counts it twice.

extension StateSnapshot {
    /// What a task used in all, or until `now` while it is live; nil when it never began.
    public func usage(of task: TaskRecord, now: Timestamp) -> MeteredUsage? {
        let definition =
            taskDefinitions[task.definition]?.definition ?? daemonTaskDefinitions[task.definition]?.definition
        return task.usage(
            definition: definition, host: task.placement.flatMap { instances[$0.instance] }, now: now)
    }

    /// How long a host was there, in all or until `now`.
    public func usage(of host: ContainerInstanceRecord, now: Timestamp) -> MeteredUsage? { host.usage(now: now) }
}

extension Transaction {
    /// Counts `usage` where something else, or nothing, was counted before. Late reports may tell when a task began.
    mutating func recount(_ counted: MeteredUsage?, as usage: MeteredUsage?) -> MeteredUsage? {
        guard let usage, usage.from != counted?.from || usage.until != counted?.until else { return counted }
        for change in counted?.records ?? [] { add(change.negated) }
        for change in usage.records { add(change) }
        return usage
    }

    mutating func countLeaving(_ key: RecordKey) {
        switch state.record(key) {
        case .task(let task) where !task.isLive: put(task)
        case .instance(let host) where host.status == .inactive: put(host)
        default: return
        }
    }

    /// Moves what an old record holds into the one that takes over from it; see `UsageHistory`.
    public mutating func condense(_ id: UsageID, now: Timestamp) {
        guard let record = state.usage[id], let successor = UsageHistory.successor(of: record, now: now) else { return }
        delete(.usage(id))
        add(successor)
    }

    private mutating func add(_ change: UsageRecord) {
        let record = (state.usage[change.id] ?? UsageRecord(id: change.id)).adding(change)
        if record.isEmpty { delete(.usage(change.id)) } else { put(record) }
    }
}
