public import Alarms
public import Domain
public import Identifiers
public import MetricMath
public import StateStore

/// Which alarms are due, and what they say.
///
/// A metric alarm is looked at when it is put and once in each of its periods, at most every 10 s and at least once a
/// minute; a composite one when an alarm changes that it looks at. Nothing is done for the others.
public struct AlarmsStep: Sendable {
    /// An alarm's move, with what it was decided from.
    public struct Plan: Sendable {
        public var before: AlarmRecord
        public var move: AlarmMove
    }

    /// Longer would make the moves of other alarms late.
    static let most = 500

    private var dues = AlarmDues()
    private var readings: [AlarmID: AlarmReading] = [:]
    private var composites: [AlarmID: (composite: CompositeAlarm, rule: AlarmRule)] = [:]
    /// The composite alarms that look at an alarm.
    private var parents: [AlarmID: Set<AlarmID>] = [:]
    private let startedAt: Timestamp

    /// - Parameter startedAt: nothing was measured in the time before: what is missing there says nothing of an alarm
    ///   that was put before.
    public init(startedAt: Timestamp) { self.startedAt = startedAt }

    /// When the next alarm is due although nothing changed.
    public var wakeAt: Timestamp? { dues.next }

    /// What the alarms that changed or are due say, in order of their ids. Of those that are due there may be more left.
    ///
    /// - Parameters:
    ///   - changed: nil for all alarms.
    ///   - read: the points of a metric in a window (`MetricStore.points`).
    public mutating func step(
        _ changed: Set<AlarmID>?, _ state: StateSnapshot, now: Timestamp,
        read: @escaping (MetricStat, MathWindow) -> [MetricPoint]
    ) -> [Plan] {
        if changed == nil { self = AlarmsStep(startedAt: startedAt) }
        var causes: [AlarmID: AlarmRecord] = [:]
        for id in (changed ?? Set(state.alarms.values().map(\.0))).sorted() {
            notice(id, state, now)
            guard let alarm = state.alarms[id] else { continue }
            for parent in parents[id] ?? [] {
                dues.set(parent, now)
                if alarm.stateTransitionedAt >= causes[parent]?.stateTransitionedAt ?? alarm.stateTransitionedAt {
                    causes[parent] = alarm
                }
            }
        }
        return dues.take(until: now, most: Self.most).sorted().compactMap { id in
            guard let alarm = state.alarms[id] else { return nil }
            let move: AlarmMove?
            switch alarm.rule {
            case .metric: move = metric(alarm, now, read)
            case .composite(let composite): move = self.composite(alarm, composite, causes[id], state, now)
            }
            return move.map { Plan(before: alarm, move: $0) }
        }
    }

    /// Keeps what is worked out of an alarm true. A new rule is looked at at once.
    private mutating func notice(_ id: AlarmID, _ state: StateSnapshot, _ now: Timestamp) {
        guard let alarm = state.alarms[id] else { return forget(id) }
        switch alarm.rule {
        case .metric(let metric):
            guard readings[id]?.alarm != metric else { return }
            forget(id)
            readings[id] = try? AlarmReading(metric)
        case .composite(let composite):
            guard composites[id]?.composite != composite, let rule = try? AlarmRule(composite.rule) else { return }
            forget(id)
            composites[id] = (composite, rule)
            for name in Self.looksAt(composite, rule) {
                parents[AlarmID(scope: id.scope, name: name), default: []].insert(id)
            }
        }
        dues.set(id, now)
    }

    private mutating func forget(_ id: AlarmID) {
        readings[id] = nil
        dues.remove(id)
        guard let (composite, rule) = composites.removeValue(forKey: id) else { return }
        for name in Self.looksAt(composite, rule) { parents[AlarmID(scope: id.scope, name: name)]?.remove(id) }
    }

    private static func looksAt(_ composite: CompositeAlarm, _ rule: AlarmRule) -> [String] {
        rule.alarms + (composite.suppressor.map { [AlarmRule.name(of: $0)] } ?? [])
    }

    // MARK: Metric alarms

    private mutating func metric(
        _ alarm: AlarmRecord, _ now: Timestamp, _ read: @escaping (MetricStat, MathWindow) -> [MetricPoint]
    ) -> AlarmMove? {
        guard let reading = readings[alarm.id] else { return nil }
        let schedule = AlarmSchedule(period: reading.period)
        dues.set(alarm.id, schedule.next(after: now))
        let end = schedule.end(at: now)
        let range = reading.datapoints(until: end, read: read)
        let evaluation = reading.evaluate(range)
        guard case .state(let state) = evaluation.finding,
            reading.alarm.isCertain(evaluation) || !reachesBeforeStart(alarm, reading, end)
        else { return nil }
        guard state != alarm.state || alarm.stateReason == AlarmRecord.unchecked else { return nil }
        let words = AlarmWords(
            reading.alarm, period: reading.period, evaluation, in: state, range: range, now: now)
        return AlarmMove(alarm: alarm.id, state: state, reason: words.reason, data: words.data)
    }

    private func reachesBeforeStart(_ alarm: AlarmRecord, _ reading: AlarmReading, _ end: Timestamp) -> Bool {
        let length = Int64(reading.period) &* 1000 &* Int64(reading.alarm.evaluationPeriods)
        return alarm.configuredAt < startedAt && end.milliseconds &- length < startedAt.milliseconds
    }

    // MARK: Composite alarms

    private mutating func composite(
        _ alarm: AlarmRecord, _ composite: CompositeAlarm, _ cause: AlarmRecord?, _ state: StateSnapshot,
        _ now: Timestamp
    ) -> AlarmMove? {
        guard let rule = composites[alarm.id]?.rule else { return nil }
        let states = { (name: String) in state.alarms[AlarmID(scope: alarm.id.scope, name: name)]?.state }
        let new: AlarmState = rule.holds(states) ? .alarm : .ok
        let suppression = composite.suppression(
            after: alarm.suppression, state: new, entersAlarm: new == .alarm && alarm.state != .alarm,
            suppressor: composite.suppressor.flatMap { states(AlarmRule.name(of: $0)) }, now: now)
        if let until = suppression?.until { dues.set(alarm.id, until) }
        if new == alarm.state {
            guard suppression != alarm.suppression else { return nil }
            return AlarmMove(
                alarm: alarm.id, state: new, reason: alarm.stateReason, data: alarm.stateReasonData,
                suppression: suppression)
        }
        let (reason, data) = composite.words(
            of: alarm, becoming: new,
            cause: alarm.stateReason == AlarmRecord.unchecked ? nil : cause ?? newest(of: rule, alarm.id.scope, state))
        return AlarmMove(alarm: alarm.id, state: new, reason: reason, data: data, suppression: suppression)
    }
}

extension AlarmsStep {
    /// The alarm of a rule that moved last.
    private func newest(of rule: AlarmRule, _ scope: Scope, _ state: StateSnapshot) -> AlarmRecord? {
        rule.alarms.compactMap { state.alarms[AlarmID(scope: scope, name: $0)] }
            .max { $0.stateTransitionedAt < $1.stateTransitionedAt }
    }
}

/// When alarms are due. They fall on few moments, for all are due at whole periods.
struct AlarmDues: Sendable {
    private var moments: [Timestamp: Set<AlarmID>] = [:]
    private var times: [AlarmID: Timestamp] = [:]

    var next: Timestamp? { moments.keys.min() }

    mutating func set(_ alarm: AlarmID, _ time: Timestamp) {
        remove(alarm)
        times[alarm] = time
        moments[time, default: []].insert(alarm)
    }

    mutating func remove(_ alarm: AlarmID) {
        guard let time = times.removeValue(forKey: alarm) else { return }
        moments[time]?.remove(alarm)
        if moments[time]?.isEmpty == true { moments[time] = nil }
    }

    /// Takes out alarms that are due, those of the earliest moments first.
    mutating func take(until now: Timestamp, most: Int) -> [AlarmID] {
        var taken: [AlarmID] = []
        for moment in moments.keys.filter({ $0 <= now }).sorted() {
            for alarm in moments[moment] ?? [] where taken.count < most { taken.append(alarm) }
        }
        for alarm in taken { remove(alarm) }
        return taken
    }
}

/// When an alarm of some period is looked at, and up to where.
struct AlarmSchedule: Sendable {
    let period: Int

    /// Seconds between two looks.
    private var cadence: Int { period < 60 ? 10 : 60 }
    /// Values of the last seconds are still on their way: the collector's second, and a caller's.
    private var delay: Duration { period < 60 ? .seconds(2) : .seconds(5) }

    /// How long after the end of a period it is looked at, at most.
    var latency: Duration { .seconds(cadence) + delay }

    func next(after now: Timestamp) -> Timestamp {
        now.adding(.zero - delay).flooredToPeriod(cadence).adding(.seconds(cadence)).adding(delay)
    }

    /// The end of the last whole period.
    func end(at now: Timestamp) -> Timestamp { now.adding(.zero - delay).flooredToPeriod(period) }
}
