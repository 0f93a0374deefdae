public import Domain
import Identifiers

extension StepScalingPolicy {
    /// Application Auto Scaling's own cool-down, in seconds.
    static let standardCooldown = 300

    /// - Source: Application Auto Scaling User Guide, "How step scaling works" and "Define cooldown periods"
    func wish(_ policy: PolicyReading, _ snapshot: ScalingSnapshot) -> PolicyWish {
        var best = PolicyWish.quiet
        for alarm in policy.alarms {
            let wish = wish(of: alarm, policy, snapshot)
            switch (best, wish) {
            case (.capacity(let count, _, _), .capacity(let other, _, _)) where other > count: best = wish
            case (.quiet, _), (.stay, .capacity): best = wish
            default: break
            }
        }
        return best
    }

    private func wish(of alarm: PolicyAlarm, _ policy: PolicyReading, _ snapshot: ScalingSnapshot) -> PolicyWish {
        guard let value = alarm.value, let step = step(at: value - alarm.threshold, isHigh: alarm.isHigh) else {
            return .quiet
        }
        let last = policy.last.change(since: cooldown ?? Self.standardCooldown, snapshot.now)
        // What a scale-out has just added counts as part of a larger one.
        let base = snapshot.desired - max(0, last ?? 0)
        let wanted = capacity(from: base, by: step)
        let isOut = adjustment == .exactCapacity ? wanted > snapshot.desired : step.adjustment > 0
        if isOut, let last, last > 0, wanted <= snapshot.desired { return .quiet }
        if !isOut, let last {
            if last < 0 { return .quiet }
            // A scale-in goes from what is there, not from what was before a scale-out.
            return policy.wish(capacity(from: snapshot.desired, by: step), alarm, isOut: false, snapshot)
        }
        return policy.wish(wanted, alarm, isOut: isOut, snapshot)
    }

    /// The value that steps are chosen by, of those of the alarm's periods; nil for none.
    ///
    /// - Source: Application Auto Scaling API Reference, StepScalingPolicyConfiguration, MetricAggregationType
    public func aggregate(_ values: [Double]) -> Double? {
        switch aggregation {
        case "Minimum": values.min()
        case "Maximum": values.max()
        default: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
    }

    /// The step for a distance from the threshold. Above it a step includes its lower bound, below it its upper one.
    func step(at distance: Double, isHigh: Bool) -> Step? {
        let isAbove = distance > 0 || distance == 0 && isHigh
        return steps.first { step in
            let (lower, upper) = (step.lower ?? -.infinity, step.upper ?? .infinity)
            return isAbove ? lower <= distance && distance < upper : lower < distance && distance <= upper
        }
    }

    /// The count that a step makes of one: not below 0, and not so large that counting on would fail.
    func capacity(from base: Int, by step: Step) -> Int {
        let change: Int
        switch adjustment {
        case .exactCapacity: return max(0, step.adjustment)
        case .changeInCapacity: change = step.adjustment
        case .percentChangeInCapacity:
            let share = Double(base) * Double(step.adjustment) / 100
            let rounded =
                abs(share) < 1 && share != 0 ? (share > 0 ? 1 : -1) : share.rounded(.towardZero)
            let whole = Int(max(-1_000_000, min(rounded, 1_000_000)))
            let least = minimumMagnitude ?? 0
            change = step.adjustment < 0 ? min(whole, -least) : max(whole, least)
        }
        let (sum, overflows) = base.addingReportingOverflow(change)
        return overflows ? 1_000_000 : max(0, min(sum, 1_000_000))
    }

    /// What is wrong with its steps, in one sentence; nil for nothing.
    ///
    /// - Source: Application Auto Scaling User Guide, "Step adjustments for step scaling policies"
    public func fault() -> String? {
        if steps.isEmpty { return "StepAdjustments must have at least one step adjustment." }
        if steps.count > 20 { return "StepAdjustments must have at most 20 step adjustments, got \(steps.count)." }
        if steps.contains(where: { ($0.lower ?? -.infinity) >= ($0.upper ?? .infinity) }) {
            return "MetricIntervalLowerBound must be less than MetricIntervalUpperBound in each of StepAdjustments."
        }
        let sorted = steps.sorted { ($0.lower ?? -.infinity) < ($1.lower ?? -.infinity) }
        if steps.count > 1, steps.count(where: { $0.lower == nil }) > 1 {
            return "StepAdjustments must have at most one step adjustment without MetricIntervalLowerBound."
        }
        if steps.count > 1, steps.count(where: { $0.upper == nil }) > 1 {
            return "StepAdjustments must have at most one step adjustment without MetricIntervalUpperBound."
        }
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.upper != right.lower {
            return (left.upper ?? .infinity) > (right.lower ?? -.infinity)
                ? "StepAdjustments must not overlap." : "StepAdjustments must not have a gap between them."
        }
        if sorted.first?.lower ?? -.infinity < 0, sorted.first?.lower != nil {
            return "StepAdjustments with a negative lower bound must have one without MetricIntervalLowerBound."
        }
        if steps.contains(where: { ($0.lower ?? -1) > 0 }), sorted.last?.upper != nil {
            return "StepAdjustments with a positive lower bound must have one without MetricIntervalUpperBound."
        }
        if adjustment == .exactCapacity, steps.contains(where: { $0.adjustment < 0 }) {
            return "ScalingAdjustment must not be negative with AdjustmentType ExactCapacity."
        }
        if minimumMagnitude != nil, adjustment != .percentChangeInCapacity {
            return "MinAdjustmentMagnitude is only for AdjustmentType PercentChangeInCapacity."
        }
        if let least = minimumMagnitude, least < 1 || least > 1_000_000 {
            return "MinAdjustmentMagnitude must be between 1 and 1000000, got \(least)."
        }
        if let cooldown, cooldown < 0 { return "Cooldown must be 0 or more, got \(cooldown)." }
        return nil
    }
}
