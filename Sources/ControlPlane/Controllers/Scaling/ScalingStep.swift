public import Domain
public import Identifiers
public import Scaling
public import StateStore
import TaskLifecycle

/// Which services are scaled now, and when to look again.
///
/// A service is looked at when an alarm that sets off one of its policies changes and, while one stays in that state, once each
/// of the alarm's periods; when a scheduled action is due; and while a change of its count is not there yet.
public struct ScalingStep: Sendable {
    /// How often an activity that goes on is looked at, beside when its service changes.
    private static let patience = Duration.seconds(5)

    /// What the alarm's newest periods were, oldest first, without those that are missing.
    public typealias Values = @Sendable (MetricAlarm, Timestamp) -> [Double]

    let values: Values
    var schedules: ScalingSchedules
    var triggers = ScalingTriggers()
    /// Activities that go on.
    private var open: [ServiceID: ScalingActivityID] = [:]
    /// Why nothing was scaled, as far as it was written down since the last change.
    private var noted: [ServiceID: Set<ScalingDecision.NotScaled>] = [:]
    private var due: [ServiceID: Timestamp] = [:]

    /// - Parameter zones: as `ScalingSchedules` wants them.
    public init(
        values: @escaping Values, zones: @escaping @Sendable (String, Timestamp) -> TimeZoneTable?
    ) {
        self.values = values
        schedules = ScalingSchedules(zones: zones)
    }

    /// When the next service is due although nothing changed.
    public var wakeAt: Timestamp? { due.values.min() }

    /// - Parameter keys: nil for everything.
    /// - Returns: a commit for each service that changes, in order of their ids.
    public mutating func step(
        _ keys: Set<ScalingKey>?, _ snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> [ScalingCommit] {
        var services = Set(due.filter { $0.value <= now }.keys)
        if let keys {
            for key in keys {
                switch key {
                case .service(let id): services.insert(id)
                case .alarm(let id): services.formUnion(triggers.note(id, snapshot))
                }
            }
        } else {
            services.formUnion(resync(snapshot))
        }
        return services.sorted().compactMap { look(at: $0, snapshot, now: now, ids: ids) }
    }

    /// The commit was not written: the service is looked at anew, as if nothing had been done.
    public mutating func forget(_ service: ServiceID) {
        triggers.forget(service)
        noted[service] = nil
        due[service] = Timestamp(milliseconds: 0)
    }

    private mutating func resync(_ snapshot: StateSnapshot) -> Set<ServiceID> {
        triggers.rebuild(snapshot)
        noted = [:]
        open = [:]
        for (id, activity) in snapshot.scalingActivities.values() where activity.isOpen { open[id.service] = id }
        return Set(snapshot.scalableTargets.values().map(\.0)).union(open.keys).union(due.keys)
    }

    private mutating func look(
        at id: ServiceID, _ snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> ScalingCommit? {
        due[id] = nil
        schedules.forgetGone(snapshot)
        guard snapshot.scalableTargets[id] != nil || open[id] != nil else {
            triggers.forget(id)
            noted[id] = nil
            return nil
        }
        var commit = ScalingCommit(service: id, in: snapshot)
        let service = snapshot.services[id]
        let running = snapshot.liveTasks(of: id).count { $0.lastStatus == .running }
        let isThere = service?.status == .active
        if isThere, let service, commit.target != nil {
            applySchedules(to: &commit, snapshot, now: now, ids: ids)
            applyBounds(to: &commit, desired: service.desiredCount, now: now, ids: ids)
            if commit.desired == nil {
                applyPolicies(to: &commit, service, running: running, snapshot, now: now, ids: ids)
            }
        }
        follow(
            &commit, snapshot, desired: commit.desired ?? service?.desiredCount ?? 0, running: running,
            isThere: isThere, now: now)
        let looks = [
            triggers.next(of: id, snapshot), schedules.next(of: id, snapshot, now: now),
            open[id].map { _ in now.adding(Self.patience) },
        ]
        if isThere { due[id] = looks.compactMap(\.self).min() }
        return commit.isEmpty ? nil : commit
    }

    // MARK: What changes the count

    private mutating func applySchedules(
        to commit: inout ScalingCommit, _ snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) {
        for (action, time) in schedules.due(of: commit.service, snapshot, now: now) {
            commit.fired[action.id] = time
            commit.actions.append(action)
            guard var target = commit.newTarget, !target.suspension.scheduled else { continue }
            let bounds = target.bounds.applying(action)
            commit.activities.append(
                ScalingActivityRecord(
                    of: action, bounds, isValid: bounds.isValid, Self.activity(commit.service, now, ids)))
            guard bounds.isValid else { continue }
            (target.minimum, target.maximum) = (bounds.minimum, bounds.maximum)
            target.isUnapplied = true
            commit.newTarget = target
        }
    }

    private mutating func applyBounds(
        to commit: inout ScalingCommit, desired: Int, now: Timestamp, ids: some IDSource
    ) {
        guard let target = commit.newTarget, target.isUnapplied else { return }
        commit.newTarget?.isUnapplied = false
        let count = target.bounds.clamped(desired)
        guard count != desired else { return }
        noted[commit.service] = nil
        commit.desired = count
        commit.activities.append(
            ScalingActivityRecord(
                setting: count, because: ScalingActivityRecord.cause(bounds: target.bounds, desired: count),
                Self.activity(commit.service, now, ids)))
    }

    private mutating func applyPolicies(
        to commit: inout ScalingCommit, _ service: ServiceRecord, running: Int, _ snapshot: StateSnapshot,
        now: Timestamp, ids: some IDSource
    ) {
        guard let target = commit.newTarget else { return }
        let policies = triggers.readings(of: service.id, snapshot, now: now, values)
        guard !policies.isEmpty else { return }
        var view = ScalingSnapshot(
            minimum: target.minimum, maximum: target.maximum, desired: service.desiredCount, running: running,
            policies: policies, now: now)
        view.suspension = target.suspension
        view.isDeploying = service.isDeploying
        let decision = view.decide()
        if let change = decision.change {
            noted[service.id] = nil
            commit.desired = change.desired
            commit.policy = (ScalingRuleID(service: service.id, name: change.policy), change.scaling)
            commit.activities.append(
                ScalingActivityRecord(
                    setting: change.desired, because: change.cause, Self.activity(service.id, now, ids)))
        }
        for reason in decision.notScaled where note(reason, of: service.id, snapshot) {
            commit.activities.append(
                ScalingActivityRecord(notScaled: reason, Self.activity(service.id, now, ids)))
        }
    }

    /// Whether the reason is a new one since the count changed last.
    private mutating func note(
        _ reason: ScalingDecision.NotScaled, of service: ServiceID, _ snapshot: StateSnapshot
    ) -> Bool {
        if noted[service] == nil {
            var known: Set<ScalingDecision.NotScaled> = []
            for activity in snapshot.scalingActivities(of: service) {
                if activity.desired != nil { known = [] }
                if let reason = activity.notScaled.first { known.insert(.init(cause: activity.cause, reason: reason)) }
            }
            noted[service] = known
        }
        return noted[service]?.insert(reason).inserted ?? false
    }

    // MARK: What became of a change

    private mutating func follow(
        _ commit: inout ScalingCommit, _ snapshot: StateSnapshot, desired: Int, running: Int, isThere: Bool,
        now: Timestamp
    ) {
        let service = commit.service
        if let id = open[service] {
            let activity = snapshot.scalingActivities[id]
            let next =
                commit.desired == nil
                ? activity?.following(desired: desired, running: running, isThere: isThere, at: now)
                : activity?.overridden(by: desired, at: now)
            if let next { commit.activities.append(next) }
            if next != nil || activity?.isOpen != true { open[service] = nil }
        }
        if commit.desired != nil { open[service] = commit.activities.last { $0.isOpen }?.id }
    }

    private static func activity(_ service: ServiceID, _ now: Timestamp, _ ids: some IDSource) -> ScalingActivityID {
        ScalingActivityID(service: service, startedAt: now, id: ids.uuid())
    }
}

extension ScalableTargetRecord {
    fileprivate var bounds: ScalingBounds { ScalingBounds(minimum: minimum, maximum: maximum) }
}

extension ServiceRecord {
    /// Whether a deployment is in progress, however it replaces tasks.
    fileprivate var isDeploying: Bool {
        deployments.count > 1 || deployments.contains { $0.rolloutState == .inProgress }
    }
}
