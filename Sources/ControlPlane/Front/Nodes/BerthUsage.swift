import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import Metering
import StateStore

/// What services, daemons, families and hosts used in whole hours; on request also each task that is still known.
///
/// Request: `since` and `until`, seconds since 1970, moved out to whole hours and, where only days are known, to days;
/// `tasks`. Amounts in the answer are whole numbers, in the units that their names say.
struct BerthUsage: OperationHandler {
    let store: any StateStore

    /// Rows of one kind: more than any installation has services, and an answer that a client can still take.
    private static let limit = 10_000

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let state = store.committed()
        let now = call.now
        // A minute is counted at least: what just began reaches a little into the time to come.
        let end = UsagePeriod(now.adding(MeteredUsage.minimum)).end
        let lower = try hour(request["since"], "since", isEnd: false) ?? UsageHistory.horizon(now: now)
        let upper = try hour(request["until"], "until", isEnd: true) ?? end
        guard lower < upper else { throw .invalidParameter("until must be later than since.") }
        let records = state.usage.values().lazy.map { $0.1 }
        let hours = UsageHistory.aligned(lower..<upper, to: records, now: now)
        var totals: [UsageGroup: UsageTotal] = [:]
        for record in records { totals[record.id.group, default: UsageTotal()].add(record, in: hours) }
        for usage in uncounted(state, now) { totals[usage.group, default: UsageTotal()].add(usage, in: hours) }
        let used = totals.filter { $0.value.amount != .zero }.sorted { $0.key < $1.key }
        var answer: [String: JSONValue] = [
            "since": .integer(hours.lowerBound * 3600), "until": .integer(min(hours.upperBound, end) * 3600),
            "now": .number(now.seconds), "isComplete": .boolean(used.count <= Self.limit),
            "usage": .array(used.prefix(Self.limit).map(row)),
        ]
        if request["tasks"]?.boolean == true { answer["tasks"] = .array(tasks(state, now)) }
        return .object(answer)
    }

    /// What runs, and what stopped before usage was counted.
    private func uncounted(_ state: StateSnapshot, _ now: Timestamp) -> [MeteredUsage] {
        let tasks = state.tasks.values().lazy.map { $0.1 }.filter { $0.counted == nil }
            .compactMap { state.usage(of: $0, now: now) }
        let hosts = state.instances.values().lazy.map { $0.1 }.filter { $0.counted == nil }.map { $0.usage(now: now) }
        return Array(tasks) + Array(hosts)
    }

    private func hour(_ value: JSONValue?, _ name: String, isEnd: Bool) throws(APIFault) -> Int64? {
        guard let value, value != .null else { return nil }
        // Until the year 5138: far from where hours overflow.
        guard let seconds = value.number, (0...100_000_000_000).contains(seconds) else {
            throw .invalidParameter("\(name) must be seconds since 1970.")
        }
        return Int64((seconds / 3600).rounded(isEnd ? .up : .down))
    }

    private func row(_ group: UsageGroup, _ total: UsageTotal) -> JSONValue {
        var members = self.members(group, total.amount)
        members["begun"] = .integer(total.begun)
        return .object(members)
    }

    private func tasks(_ state: StateSnapshot, _ now: Timestamp) -> [JSONValue] {
        let rows = state.tasks.values().lazy.compactMap { _, task -> JSONValue? in
            guard let usage = task.counted ?? state.usage(of: task, now: now) else { return nil }
            var members = self.members(usage.group, usage.amount)
            members["task"] = .string(task.id.id)
            members["lastStatus"] = .string(task.lastStatus.wire)
            members["from"] = .number(usage.from.seconds)
            members["until"] = .number(usage.until.seconds)
            return .object(members)
        }
        return Array(rows.prefix(Self.limit))
    }

    private func members(_ group: UsageGroup, _ amount: UsageAmount) -> [String: JSONValue] {
        [
            "cluster": .string(group.cluster.name), "kind": .string(group.owner.kind.rawValue),
            "name": .string(group.owner.name), "capacity": .string(group.capacity.rawValue),
            "architecture": .string(group.architecture.rawValue), "cpuUnitMilliseconds": .integer(amount.cpu),
            "mebibyteMilliseconds": .integer(amount.memory),
            "storageGibibyteMilliseconds": .integer(amount.storage),
            "fargateCPUUnitMilliseconds": .integer(amount.fargateCPU),
            "fargateMebibyteMilliseconds": .integer(amount.fargateMemory),
            "hostMillionthMilliseconds": .integer(amount.host),
        ]
    }
}
