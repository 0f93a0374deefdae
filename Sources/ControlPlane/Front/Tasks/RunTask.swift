import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import Placement
import StateStore
import TaskLifecycle

/// Starts up to ten tasks, each placed before the answer; what finds no host is a failure, not a task.
struct RunTask: OperationHandler {
    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource
    let returns: HostReturns

    func answer(
        _ request: ECSShapes.RunTaskRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.RunTaskResponse {
        try AcceptedSettings.check(.task, request)
        let token = try clientToken(of: request, call)
        try await awaitHosts(request, token, call)
        let outcome = try await store.planned { state throws(APIFault) in
            try plan(request, token, call, state)
        } apply: { plan, transaction throws(APIFault) in
            if let earlier = try token?.earlierTasks(in: transaction.state, now: call.now) {
                return Outcome(tasks: earlier, failures: [])
            }
            for task in plan.tasks { transaction.put(task) }
            if let token, !plan.tasks.isEmpty {
                transaction.put(token.record(of: plan.tasks.map(\.id), now: call.now))
            }
            return plan
        }
        let state = store.committed()
        return ECSShapes.RunTaskResponse(
            tasks: outcome.tasks.map { ECSShapes.Task($0, in: state, presence) }, failures: outcome.failures)
    }

    /// Soon after a start of the control plane, waits while there is too little room and a host has yet to come back.
    private func awaitHosts(
        _ request: ECSShapes.RunTaskRequest, _ token: RunTaskToken?, _ call: APICall
    ) async throws(APIFault) {
        while returns.areDue {
            let outcome = try plan(request, token, call, store.committed()).0
            guard !outcome.failures.isEmpty, await returns.next(of: outcome.pool) else { return }
        }
    }

    /// The tasks with their hosts, and what found none.
    private struct Outcome: Sendable {
        var tasks: [TaskRecord]
        var failures: [ECSShapes.Failure]
        /// Where the tasks might have gone.
        var pool: [ContainerInstanceRecord] = []
    }

    private func clientToken(
        of request: ECSShapes.RunTaskRequest, _ call: APICall
    ) throws(APIFault) -> RunTaskToken? {
        guard let token = request.clientToken else { return nil }
        guard (1...64).contains(token.utf8.count), token.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw .invalidParameter("clientToken must have 1 to 64 ASCII characters in the range 33-126.")
        }
        let cluster = try clusterID(request.cluster, call.scope)
        return RunTaskToken(
            scope: call.scope, key: "RunTask \(cluster.arn) \(token)",
            digest: requestDigest(request))
    }

    private func plan(
        _ request: ECSShapes.RunTaskRequest, _ token: RunTaskToken?, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) -> (Outcome, AggregateVersions) {
        let cluster = try state.cluster(request.cluster, call.scope)
        if let earlier = try token?.earlierTasks(in: state, now: call.now) {
            return (Outcome(tasks: earlier, failures: []), AggregateVersions())
        }
        let count = request.count ?? 1
        guard (1...10).contains(count) else { throw .invalidParameter("Count must be between 1 and 10.") }
        var (template, strategy) = try template(request, cluster, call, state)
        var capacity = CapacityCounts(strategy, [])
        var tasks: [TaskRecord] = []
        for share in capacity.divide(count) {
            template.capacityProvider = share.provider
            tasks += newTasks(share.count, of: template, ids: ids, now: call.now)
        }
        let pool = state.instances(in: template.launchType.isManaged ? nil : cluster.id)
        let failures = try TaskPlacing(cluster: cluster, state: state, presence: presence).place(
            &tasks, on: pool, random: ids.bits(), now: call.now)
        let hosts = Set(tasks.compactMap { $0.placement?.instance })
        let touched = hosts.map { AggregateID.instance($0) } + [.cluster(cluster.id)]
        return (Outcome(tasks: tasks, failures: failures, pool: pool), AggregateVersions(state, touched))
    }

    private func template(
        _ request: ECSShapes.RunTaskRequest, _ cluster: ClusterRecord, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) -> (TaskTemplate, strategy: [CapacityProviderItem]) {
        let record = try state.runnableDefinition(request.taskDefinition, call.scope)
        let definition = record.definition
        let target = try LaunchTarget(
            launchType: request.launchType, strategy: request.capacityProviderStrategy,
            platformVersion: request.platformVersion, cluster: cluster, definition: definition)
        let rules = try PlacementRules(
            request.placementConstraints, request.placementStrategy, definition: definition, on: target.launchType)
        var template = try TaskTemplate(request, record, cluster: cluster.id, on: target.launchType)
        template.platformVersion = target.platformVersion
        template.placementConstraints = rules.constraints
        template.placementStrategy = rules.strategy
        return (template, target.strategy)
    }
}

/// A client token of RunTask with what it was used for.
struct RunTaskToken: Sendable {
    /// How long a token is remembered: a client's retries end long before.
    static let lifetime: Duration = .seconds(24 * 60 * 60)

    let scope: Scope
    let key: String
    let digest: String

    /// The tasks that the same request made earlier; nil when the token is new.
    ///
    /// - Throws: `ConflictException` when another request used the token.
    func earlierTasks(in state: StateSnapshot, now: Timestamp) throws(APIFault) -> [TaskRecord]? {
        guard let known = state.idempotency(scope, key), known.createdAt.adding(Self.lifetime) > now else { return nil }
        if known.requestDigest == digest { return known.tasks.compactMap { state.tasks[$0] } }
        throw .conflict(
            "The client token was used before with other parameters.", resourceIDs: known.tasks.map(\.arn))
    }

    func record(of tasks: [TaskID], now: Timestamp) -> IdempotencyRecord {
        IdempotencyRecord(scope: scope, key: key, requestDigest: digest, tasks: tasks, createdAt: now)
    }
}
