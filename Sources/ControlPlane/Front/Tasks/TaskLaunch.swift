import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore
import TaskLifecycle

/// Makes up to ten tasks for a caller, or for a rule of events, and places each of them.
struct TaskLaunch: Sendable {
    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource
    let returns: HostReturns

    /// The tasks with their hosts, and what found none.
    struct Outcome: Sendable {
        var tasks: [TaskRecord]
        var failures: [ECSShapes.Failure]
        /// Where the tasks might have gone.
        var pool: [ContainerInstanceRecord] = []
    }

    /// - Parameters:
    ///   - startedBy: shown instead of what the request says.
    ///   - earlier: the tasks that the same call made before; nil when it is new. Asked again as part of the commit.
    ///   - beside: what else the commit writes when it makes tasks.
    func run(
        _ request: ECSShapes.RunTaskRequest, _ scope: Scope, startedBy: String? = nil, now: Timestamp,
        earlier: @Sendable (StateSnapshot) throws(APIFault) -> [TaskRecord]?,
        beside: @Sendable ([TaskRecord], inout Transaction) -> Void
    ) async throws(APIFault) -> Outcome {
        try AcceptedSettings.check(.task, request)
        try await awaitHosts(request, scope, now: now, earlier: earlier)
        // Never part of a plan: by the time of the commit a restore may have made them unknown, and they would be made again.
        if let tasks = try earlier(store.committed()) { return Outcome(tasks: tasks, failures: []) }
        return try await store.planned { state throws(APIFault) in
            try plan(request, scope, startedBy: startedBy, now: now, state)
        } apply: { plan, transaction throws(APIFault) in
            if let tasks = try earlier(transaction.state) { return Outcome(tasks: tasks, failures: []) }
            for task in plan.tasks { transaction.put(task) }
            if !plan.tasks.isEmpty { beside(plan.tasks, &transaction) }
            return plan
        }
    }

    /// Soon after a start of the control plane, waits while there is too little room and a host has yet to come back.
    private func awaitHosts(
        _ request: ECSShapes.RunTaskRequest, _ scope: Scope, now: Timestamp,
        earlier: @Sendable (StateSnapshot) throws(APIFault) -> [TaskRecord]?
    ) async throws(APIFault) {
        while returns.areDue {
            let state = store.committed()
            guard try earlier(state) == nil else { return }
            let outcome = try plan(request, scope, startedBy: nil, now: now, state).0
            guard !outcome.failures.isEmpty, await returns.next(of: outcome.pool) else { return }
        }
    }

    private func plan(
        _ request: ECSShapes.RunTaskRequest, _ scope: Scope, startedBy: String?, now: Timestamp, _ state: StateSnapshot
    ) throws(APIFault) -> (Outcome, AggregateVersions) {
        let cluster = try state.cluster(request.cluster, scope)
        let count = request.count ?? 1
        guard (1...10).contains(count) else { throw .invalidParameter("Count must be between 1 and 10.") }
        var (template, strategy) = try template(request, cluster, scope, state)
        template.startedBy = startedBy ?? template.startedBy
        var capacity = CapacityCounts(strategy, [])
        var tasks: [TaskRecord] = []
        for share in capacity.divide(count) {
            template.capacityProvider = share.provider
            tasks += newTasks(share.count, of: template, ids: ids, now: now)
        }
        let pool = state.instances(in: template.launchType.isManaged ? nil : cluster.id)
        let failures = try TaskPlacing(cluster: cluster, state: state, presence: presence).place(
            &tasks, on: pool, random: ids.bits(), now: now)
        let hosts = Set(tasks.compactMap { $0.placement?.instance })
        let touched = hosts.map { AggregateID.instance($0) } + [.cluster(cluster.id)]
        return (Outcome(tasks: tasks, failures: failures, pool: pool), AggregateVersions(state, touched))
    }

    private func template(
        _ request: ECSShapes.RunTaskRequest, _ cluster: ClusterRecord, _ scope: Scope, _ state: StateSnapshot
    ) throws(APIFault) -> (TaskTemplate, strategy: [CapacityProviderItem]) {
        let record = try state.runnableDefinition(request.taskDefinition, scope)
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

extension TaskLaunch {
    init(_ ports: FrontPorts) {
        self.init(store: ports.store, presence: ports.presence, ids: ports.ids, returns: ports.returns)
    }
}
