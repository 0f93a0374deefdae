import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import Placement
import StateStore
import TaskLifecycle

/// Why a task has no host: what every filter says of every host, and what would help.
///
/// Request: `resource`, a task's id or ARN, or a service's name or ARN; `cluster`, unless only one has such a resource.
struct BerthExplain: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    /// Hosts in an answer, the nearest to admitting the task: more than a person reads.
    private static let hostLimit = 200
    private static let nearestLimit = 3

    private enum Subject {
        case task(TaskRecord)
        case service(ServiceRecord)
    }

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let state = store.committed()
        switch try subject(request, call, state) {
        case .task(let task):
            let isWaiting = task.placement == nil && task.isLive
            return [
                "subject": .string("task \(task.id.id) of cluster \(task.id.cluster.name)"),
                "text": .array([.string(Self.story(of: task))]),
                "waiting": .array(isWaiting ? [waiting(task, count: 1, state)] : []),
            ]
        case .service(let service):
            return [
                "subject": .string("service \(service.id.name) of cluster \(service.id.cluster.name)"),
                "text": .array(story(of: service, state).map { .string($0) }),
                "waiting": .array(waiting(of: service, state)),
            ]
        }
    }

    // MARK: What is meant

    private func subject(
        _ request: BerthRequest, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) -> Subject {
        guard let reference = request["resource"]?.string, !reference.isEmpty else {
            throw .invalidParameter("resource must be a task or a service.")
        }
        let clusters =
            if let named = request["cluster"]?.string {
                [try state.cluster(named, call.scope).id]
            } else {
                state.clusters.values().map { $0.0 }.filter { $0.scope == call.scope }
            }
        var found: [Subject] = []
        for cluster in clusters {
            if let task = cluster.task(reference).flatMap({ state.tasks[$0] }) { found.append(.task(task)) }
            if let service = cluster.service(reference).flatMap({ state.services[$0] }) {
                found.append(.service(service))
            }
        }
        guard let first = found.first else {
            throw .invalidParameter("There is no task and no service '\(reference.prefix(300))'.")
        }
        guard found.count == 1 else {
            throw .invalidParameter("Several clusters have '\(reference.prefix(300))': name the cluster.")
        }
        return first
    }

    // MARK: How things stand

    private static func story(of task: TaskRecord) -> String {
        let status = task.lastStatus.wire
        guard task.isLive else {
            return "The task is STOPPED: \(task.stoppedReason ?? "nothing said why")."
        }
        guard let placement = task.placement else { return "The task is \(status): no host admits it yet." }
        return "The task is \(status) on host \(placement.instance.id)."
    }

    private func story(of service: ServiceRecord, _ state: StateSnapshot) -> [String] {
        let tasks = state.liveTasks(of: service.id)
        let counts = TaskCounts(tasks)
        let waiting = tasks.count { $0.placement == nil }
        let start =
            "The service is \(service.status.wire): \(service.desiredCount) wanted, \(counts.running) running, "
            + "\(counts.pending) pending, of which \(waiting == 0 ? "none waits" : "\(waiting) wait") for a host."
        let events = service.events.sorted { $0.at > $1.at }.prefix(3).map { "Event: \($0.message)" }
        return [start] + (waiting == 0 && counts.running < service.desiredCount ? Array(events) : [])
    }

    // MARK: Tasks that wait

    /// One explanation for tasks that are alike.
    private func waiting(of service: ServiceRecord, _ state: StateSnapshot) -> [JSONValue] {
        struct Kind: Hashable {
            var deployment: DeploymentID?
            var capacityProvider: String?
            var pinnedTo: ContainerInstanceID?
        }
        let waiting = state.liveTasks(of: service.id).filter { $0.placement == nil }
        let alike = Dictionary(grouping: waiting) {
            Kind(deployment: $0.deployment, capacityProvider: $0.capacityProvider, pinnedTo: $0.pinnedTo)
        }
        let samples = alike.values.compactMap { tasks in tasks.min { $0.id < $1.id }.map { ($0, tasks.count) } }
        return samples.sorted { $0.0.id < $1.0.id }.prefix(20).map { task, count in
            self.waiting(task, count: count, state)
        }
    }

    private func waiting(_ task: TaskRecord, count: Int, _ state: StateSnapshot) -> JSONValue {
        let pool = task.launchType.isManaged ? nil : task.id.cluster
        let claims = state.daemonClaims(in: pool)
        let hosts = state.instances(in: pool).map { host in
            ExplainedHost(
                record: host, isConnected: presence.isConnected(host.id), tasks: state.liveTasks(on: host.id),
                claims: claims)
        }
        let explanation = PlacementExplanation(of: task, on: hosts)
        let nearest = explanation.missing.map { [$0] } ?? explanation.hosts.compactMap(\.remedy)
        return [
            "task": .string(task.id.id), "count": .integer(Int64(count)), "needs": needs(of: task),
            "hostCount": .integer(Int64(explanation.hosts.count)),
            "admitting": .array(explanation.admitting.prefix(Self.hostLimit).map { .string($0.id) }),
            "refusals": .array(
                explanation.refusals.map { filter, hosts in
                    ["filter": .string(filter.name), "reason": .string(filter.code), "hosts": .integer(Int64(hosts))]
                }),
            "hosts": .array(explanation.hosts.prefix(Self.hostLimit).map(Self.row)),
            "nearest": .array(nearest.prefix(Self.nearestLimit).map { .string($0) }),
        ]
    }

    private static func row(_ host: PlacementExplanation.Host) -> JSONValue {
        let checks = host.checks.map { check -> JSONValue in
            var members: [String: JSONValue] = [
                "filter": .string(check.filter.name), "admits": .boolean(check.problem == nil),
            ]
            members["problem"] = check.problem.map { .string($0) }
            return .object(members)
        }
        var members: [String: JSONValue] = ["host": .string(host.instance.id), "checks": .array(checks)]
        members["refusal"] = host.refusal.map { .string($0.code) }
        return .object(members)
    }

    private func needs(of task: TaskRecord) -> JSONValue {
        var members: [String: JSONValue] = [
            "launchType": .string(task.launchType.wireName), "cpu": .integer(Int64(task.reservation.cpu.value)),
            "memory": .integer(Int64(task.reservation.memory.value)),
            "ports": .array(task.hostPorts.map { .string("\($0.number)/\($0.transport.rawValue)") }),
            "attributes": .array(task.requiresAttributes.map { .string($0) }),
            "constraints": .array(
                task.placementConstraints.map { constraint in
                    switch constraint {
                    case .distinctInstance: "distinctInstance"
                    case .memberOf(let expression): .string("memberOf(\(expression))")
                    }
                }),
        ]
        members["capacityProvider"] = task.capacityProvider.map { .string($0) }
        members["pinnedTo"] = task.pinnedTo.map { .string($0.id) }
        return .object(members)
    }
}

extension PlacementRefusal {
    /// The filter's name, as a column of `berth explain`.
    fileprivate var name: String {
        switch self {
        case .inactive: "state"
        case .agent: "agent"
        case .cpu: "cpu"
        case .memory: "memory"
        case .ports: "ports"
        case .attribute: "attribute"
        case .memberOf: "memberOf"
        case .distinctInstance: "distinctInstance"
        }
    }
}
