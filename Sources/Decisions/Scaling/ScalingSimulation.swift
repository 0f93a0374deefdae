public import Domain
import Identifiers

/// What policies would do with a load: the decisions of production in simulated time.
///
/// The model of the service: its load spreads evenly over the tasks that run; a new task runs `startup` seconds after it was wanted;
/// one that goes is gone at once; a task that is full takes no more than it can, so its utilisation ends at 100.
public struct ScalingSimulation: Sendable {
    /// What an alarm of the simulation looks at.
    public enum Metric: Hashable, Sendable {
        /// Percent of what the tasks can carry, together.
        case utilization
        /// The load per minute and task.
        case loadPerTask
    }

    public struct Alarm: Hashable, Sendable {
        public var name: String
        public var comparison: MetricAlarm.Comparison
        public var threshold: Double
        public var periods: Int

        public init(name: String, comparison: MetricAlarm.Comparison, threshold: Double, periods: Int) {
            self.name = name
            self.comparison = comparison
            self.threshold = threshold
            self.periods = periods
        }

        var isHigh: Bool { comparison == .greater || comparison == .greaterOrEqual }

        fileprivate func breaches(_ value: Double) -> Bool {
            switch comparison {
            case .greater: value > threshold
            case .greaterOrEqual: value >= threshold
            case .less: value < threshold
            case .lessOrEqual: value <= threshold
            }
        }
    }

    public struct Policy: Hashable, Sendable {
        public var name: String
        public var rule: ScalingPolicyRecord.Rule
        public var metric: Metric
        public var alarms: [Alarm]

        public init(name: String, rule: ScalingPolicyRecord.Rule, metric: Metric, alarms: [Alarm]) {
            self.name = name
            self.rule = rule
            self.metric = metric
            self.alarms = alarms
        }

        /// Target tracking, with the two alarms that it makes.
        public init(name: String, _ tracking: TargetTrackingPolicy) {
            let metric: Metric =
                switch tracking.metric {
                case .averageCPU, .averageMemory: .utilization
                case .requestCountPerTarget, .custom, .queries: .loadPerTask
                }
            var alarms = [
                Alarm(
                    name: "AlarmHigh", comparison: .greater, threshold: tracking.target,
                    periods: TrackingAlarms.highPeriods)
            ]
            if !tracking.disablesScaleIn {
                alarms.append(
                    Alarm(
                        name: "AlarmLow", comparison: .less, threshold: tracking.target * TrackingAlarms.lowShare,
                        periods: TrackingAlarms.lowPeriods))
            }
            self.init(name: name, rule: .targetTracking(tracking), metric: metric, alarms: alarms)
        }

        /// What the metric shall stay at or below; nil where nothing says so.
        var target: Double? {
            if case .targetTracking(let tracking) = rule { tracking.target } else { nil }
        }
    }

    /// One period of the simulation, as it was at its end.
    public struct Point: Hashable, Sendable {
        /// Seconds since the beginning, of the period's end.
        public var time: Int
        /// Per minute.
        public var load: Double
        /// That of the first policy; nil while no task runs.
        public var metric: Double?
        public var running: Int
        /// After what was decided.
        public var desired: Int
        /// Whether a policy's metric was above its target.
        public var isViolation: Bool
        /// Why the count changed; nil where it did not.
        public var cause: String?
    }

    public var bounds: ScalingBounds
    public var policies: [Policy]
    /// The load per minute that fills one task.
    public var capacity: Double
    /// Seconds until a new task runs.
    public var startup: Int
    /// Seconds.
    public var period = TrackingAlarms.standardPeriod
    /// How many tasks run at the beginning.
    public var tasks: Int

    public init(bounds: ScalingBounds, policies: [Policy], capacity: Double, startup: Int, tasks: Int) {
        self.bounds = bounds
        self.policies = policies
        self.capacity = capacity
        self.startup = startup
        self.tasks = tasks
    }

    /// Whether a policy says what its metric shall stay at or below.
    public var hasTarget: Bool { policies.contains { $0.target != nil } }

    /// - Parameter load: per minute, one value for each period.
    public func run(_ load: [Double]) -> [Point] {
        var state = State(running: bounds.clamped(tasks), count: policies.count)
        return load.enumerated().map { index, load in
            step(&state, load: load, time: (index + 1) * period)
        }
    }

    private struct State {
        var running: Int
        var desired: Int
        /// Tasks that are on their way, and when they run.
        var starting: [(count: Int, at: Int)] = []
        var last: [PolicyScaling?]
        /// Per policy, oldest first; nil where no task ran.
        var history: [[Double?]]

        init(running: Int, count: Int) {
            self.running = running
            desired = running
            last = Array(repeating: nil, count: count)
            history = Array(repeating: [], count: count)
        }
    }

    private func step(_ state: inout State, load: Double, time: Int) -> Point {
        for start in state.starting where start.at <= time { state.running += start.count }
        state.starting.removeAll { $0.at <= time }
        let values = policies.map { value(of: $0.metric, load: load, running: state.running) }
        for index in policies.indices {
            state.history[index].append(values[index])
            let kept = policies[index].alarms.map(\.periods).max() ?? 1
            state.history[index].removeFirst(max(0, state.history[index].count - kept))
        }
        let violates = zip(policies, values).contains { policy, value in
            guard let target = policy.target, let value else { return false }
            return value > target
        }
        var point = Point(
            time: time, load: load, metric: values.first ?? nil, running: state.running, desired: state.desired,
            isViolation: violates || state.running == 0 && load > 0)
        if let change = decision(state, time: time).change {
            point.cause = change.cause
            point.desired = change.desired
            apply(change, to: &state, time: time)
        }
        return point
    }

    private func value(of metric: Metric, load: Double, running: Int) -> Double? {
        guard running > 0 else { return nil }
        let perTask = load / Double(running)
        return metric == .loadPerTask ? perTask : min(100, perTask / capacity * 100)
    }

    private func decision(_ state: State, time: Int) -> ScalingDecision {
        let readings = policies.indices.map { index in
            let policy = policies[index]
            var alarms = policy.alarms.map { reading(of: $0, state.history[index], policy.rule) }
            if case .stepScaling = policy.rule { alarms.removeAll { $0.state != .alarm } }
            return PolicyReading(name: policy.name, rule: policy.rule, last: state.last[index], alarms: alarms)
        }
        return ScalingSnapshot(
            minimum: bounds.minimum, maximum: bounds.maximum, desired: state.desired, running: state.running,
            policies: readings, now: Timestamp(milliseconds: Int64(time) * 1000)
        ).decide()
    }

    private func reading(
        of alarm: Alarm, _ history: [Double?], _ rule: ScalingPolicyRecord.Rule
    ) -> PolicyAlarm {
        let window = history.suffix(alarm.periods)
        let values = window.compactMap(\.self)
        let state: AlarmState =
            values.isEmpty
            ? .insufficientData
            : values.count == alarm.periods && values.allSatisfy(alarm.breaches) ? .alarm : .ok
        var value = values.last
        if case .stepScaling(let step) = rule { value = step.aggregate(values) }
        return PolicyAlarm(
            name: alarm.name, state: state, threshold: alarm.threshold, isHigh: alarm.isHigh, value: value,
            largest: values.max())
    }

    private func apply(_ change: ScalingDecision.Change, to state: inout State, time: Int) {
        let difference = change.desired - state.desired
        for index in policies.indices {
            if policies[index].name == change.policy { state.last[index] = change.scaling }
            if difference > 0, let last = state.last[index], last.change < 0 { state.last[index] = nil }
        }
        if difference > 0 {
            state.starting.append((difference, time + startup))
        } else {
            var surplus = -difference
            // What does not run yet goes first.
            while surplus > 0, var start = state.starting.popLast() {
                let gone = min(surplus, start.count)
                start.count -= gone
                surplus -= gone
                if start.count > 0 { state.starting.append(start) }
            }
            state.running -= surplus
        }
        state.desired = change.desired
    }
}
