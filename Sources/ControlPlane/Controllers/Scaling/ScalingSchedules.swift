import Domain
import Identifiers
import Scaling
import StateStore

/// When scheduled actions are due. Times that passed while nobody looked are made up for: of each action the last one counts.
struct ScalingSchedules: Sendable {
    private struct Due: Sendable {
        /// What it was worked out from.
        var action: ScheduledActionRecord
        /// nil: never again.
        var at: Timestamp?
    }

    /// How far back times are looked through one by one.
    private static let reach = Duration.seconds(24 * 3_600)

    /// The clocks of a time zone by its name, from a year before a time on; nil for what is none.
    let zones: @Sendable (String, Timestamp) -> TimeZoneTable?
    private var dues: [ScalingRuleID: Due] = [:]

    /// Forgets actions that are gone.
    mutating func forgetGone(_ snapshot: StateSnapshot) {
        guard dues.count > snapshot.scheduledActions.count else { return }
        dues = dues.filter { snapshot.scheduledActions[$0.key] != nil }
    }

    init(zones: @escaping @Sendable (String, Timestamp) -> TimeZoneTable?) { self.zones = zones }

    /// The actions of a service that are due, with the time of each, in the order of the times.
    mutating func due(
        of service: ServiceID, _ snapshot: StateSnapshot, now: Timestamp
    ) -> [(ScheduledActionRecord, Timestamp)] {
        var found: [(ScheduledActionRecord, Timestamp)] = []
        for action in snapshot.scheduledActions(of: service) {
            guard let at = time(of: action, now: now), at <= now else { continue }
            found.append((action, last(of: action, from: at, now: now)))
        }
        return found.sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
    }

    /// When the next one of a service is due.
    mutating func next(of service: ServiceID, _ snapshot: StateSnapshot, now: Timestamp) -> Timestamp? {
        var next: Timestamp?
        for action in snapshot.scheduledActions(of: service) {
            guard let at = time(of: action, now: now) else { continue }
            next = min(next ?? at, at)
        }
        // What is due now is on its way to the store.
        return next.map { max($0, now.adding(.milliseconds(1))) }
    }

    private mutating func time(of action: ScheduledActionRecord, now: Timestamp) -> Timestamp? {
        if let known = dues[action.id], known.action == action { return known.at }
        let from = max(action.scheduledFrom, action.firedAt ?? action.scheduledFrom)
        let at = next(of: action, after: from, now: now)
        dues[action.id] = Due(action: action, at: at)
        return at
    }

    private func next(of action: ScheduledActionRecord, after time: Timestamp, now: Timestamp) -> Timestamp? {
        guard let schedule = ScalingSchedule(action.schedule),
            let zone = action.timezone.map({ zones($0, now) }) ?? .utc
        else { return nil }
        return schedule.next(
            after: time, start: action.startsAt, created: action.scheduledFrom, end: action.endsAt, zone: zone)
    }

    /// The last time that has passed: what an action does twice it need not do twice.
    private func last(of action: ScheduledActionRecord, from first: Timestamp, now: Timestamp) -> Timestamp {
        var last = first
        let near = now.adding(.zero - Self.reach)
        if last < near, let jumped = next(of: action, after: near, now: now), jumped <= now { last = jumped }
        // A schedule has at most one time a minute.
        for _ in 0..<1_500 {
            guard let next = next(of: action, after: last, now: now), next <= now else { break }
            last = next
        }
        return last
    }
}
