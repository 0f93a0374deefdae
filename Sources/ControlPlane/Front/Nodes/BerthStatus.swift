import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore
import TaskLifecycle

/// Everything at one look: hosts, managed ones included, services, live tasks, and settings kept without effect.
struct BerthStatus: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    /// Rows of one kind: a person reads no more, and the answer stays small.
    private static let limit = 1000

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let state = store.committed()
        let hosts = state.instances.values().lazy.map { $0.1 }.filter { $0.status != .inactive }.prefix(Self.limit)
        let services = state.services.values().lazy.map { $0.1 }.filter { $0.status != .inactive }.prefix(Self.limit)
        let tasks = state.tasks.values().lazy.map { $0.1 }.filter(\.isLive).prefix(Self.limit)
        var accepted = AcceptedRows(state)
        return [
            "region": .string(call.scope.region), "account": .string(call.scope.account),
            "taskRange": (state.installation?.taskCIDR).map { .string($0) } ?? .null,
            "revision": .integer(state.revision.value),
            "hosts": .array(hosts.map { host($0, state) }), "services": .array(services.map { service($0, state) }),
            "tasks": .array(tasks.map(task)),
            "rules": .array(state.eventRules.values().prefix(Self.limit).map { rule($0.1, state) }),
            "accepted": .array(try accepted.rows(services: services, tasks: tasks)),
        ]
    }

    private func host(_ host: ContainerInstanceRecord, _ state: StateSnapshot) -> JSONValue {
        let live = state.tasks(on: host.id).count(where: \.isLive)
        var members: [String: JSONValue] = [
            "id": .string(host.id.id), "arn": .string(host.arn), "status": .string(host.status.wire),
            "capacity": .string(host.cluster?.name ?? "managed"), "launchType": .string(host.launchType.wireName),
            "connected": .boolean(presence.isConnected(host.id)), "isLost": .boolean(host.lostAt != nil),
            "tasks": .integer(Int64(live)), "cpu": .integer(Int64(host.resources.cpu.value)),
            "memory": .integer(Int64(host.resources.memory.value)),
        ]
        members["capacityProvider"] = host.capacityProvider.map { .string($0) }
        members["addressBlock"] = host.addressBlock.map { .string($0) }
        members["nodeAddress"] = host.nodeAddress.map { .string($0) }
        members["agentVersion"] = host.version.map { .string($0.agentVersion) }
        return .object(members)
    }

    private func service(_ service: ServiceRecord, _ state: StateSnapshot) -> JSONValue {
        let counts = TaskCounts(state.tasks(of: service.id))
        var members: [String: JSONValue] = [
            "service": .string("\(service.id.cluster.name)/\(service.id.name)"), "status": .string(service.status.wire),
            "desiredCount": .integer(Int64(service.desiredCount)), "runningCount": .integer(Int64(counts.running)),
            "pendingCount": .integer(Int64(counts.pending)),
        ]
        // A service with task sets has none of its own.
        if let definition = service.taskDefinition {
            members["taskDefinition"] = .string("\(definition.family.name):\(definition.revision)")
        }
        return .object(members)
    }

    private func rule(_ rule: EventRuleRecord, _ state: StateSnapshot) -> JSONValue {
        let targets = rule.targets.map { EventTargetID(rule: rule.id, id: $0.id) }
        let waiting = targets.reduce(0) { $0 + state.eventDeliveryCount(to: $1) }
        let failure = targets.lazy.compactMap { target in
            state.eventDeliveries(to: target).lazy.compactMap(\.lastFailure).first { _ in true }
        }.first { _ in true }
        var members: [String: JSONValue] = [
            "rule": .string(rule.id.name), "state": .string(rule.state.wire),
            "targets": .integer(Int64(rule.targets.count)), "waiting": .integer(Int64(waiting)),
            "failed": .integer(Int64(rule.failedDeliveries)),
        ]
        members["lastFailure"] = failure.map { .string($0) }
        return .object(members)
    }

    private func task(_ task: TaskRecord) -> JSONValue {
        var members: [String: JSONValue] = [
            "task": .string(task.id.id), "cluster": .string(task.id.cluster.name),
            "lastStatus": .string(task.lastStatus.wire), "group": .string(task.group),
        ]
        members["host"] = task.placement.map { .string($0.instance.id) }
        members["address"] = (task.observed?.interface?.address).map { .string($0) }
        return .object(members)
    }
}
