import Domain
import Identifiers

extension TargetTrackingPolicy {
    /// ECS's own cool-down, in seconds.
    static let standardCooldown = 300

    /// The load is `running × metric`, and each task shall carry `target` of it.
    ///
    /// Out it goes by the newest value; in by the largest of all that the low alarm looked at, which is how it stays on the
    /// safe side. The target that the metric is measured by is the high alarm's threshold.
    /// - Source: Application Auto Scaling User Guide, "How target tracking scaling works" and "Define cooldown periods";
    ///   Amazon ECS Developer Guide, "Considerations" of target tracking
    func wish(_ policy: PolicyReading, _ snapshot: ScalingSnapshot) -> PolicyWish {
        guard let high = policy.alarms.first(where: \.isHigh), high.threshold > 0 else { return .quiet }
        if high.state == .alarm, let value = high.value {
            return out(to: needed(value / high.threshold, snapshot), high, policy, snapshot)
        }
        guard !disablesScaleIn, let low = policy.alarms.first(where: { !$0.isHigh }), low.state == .alarm,
            let value = low.largest
        else { return .quiet }
        return scaleIn(to: needed(value / high.threshold, snapshot), low, policy, snapshot)
    }

    /// nil while no task runs that carries load: one more than none is the smallest step there is.
    private func needed(_ ratio: Double, _ snapshot: ScalingSnapshot) -> Int? {
        if snapshot.running == 0 { return snapshot.desired == 0 && ratio > 1 ? 1 : nil }
        // What is a whole number but for the rounding of the division stays that number.
        let tasks = (Double(snapshot.running) * ratio - 1e-9).rounded(.up)
        guard tasks.isFinite else { return nil }
        // A metric of the user's own may be far below zero, or far above what an Int holds.
        return Int(min(max(tasks, 0), 1_000_000))
    }

    private func out(
        to needed: Int?, _ alarm: PolicyAlarm, _ policy: PolicyReading, _ snapshot: ScalingSnapshot
    ) -> PolicyWish {
        guard let needed else { return .quiet }
        var wanted = needed
        if let running = policy.last.change(since: scaleOutCooldown ?? Self.standardCooldown, snapshot.now), running > 0
        {
            // What was added counts as part of the larger step.
            let step = needed - snapshot.running
            guard step > running else { return .quiet }
            wanted = snapshot.desired - running + step
        }
        return policy.wish(wanted, alarm, isOut: true, snapshot)
    }

    private func scaleIn(
        to needed: Int?, _ alarm: PolicyAlarm, _ policy: PolicyReading, _ snapshot: ScalingSnapshot
    ) -> PolicyWish {
        guard let needed else { return .quiet }
        if let last = policy.last.change(since: scaleInCooldown ?? Self.standardCooldown, snapshot.now), last < 0 {
            return .quiet
        }
        // The metric would be above its target again.
        if needed >= snapshot.desired, snapshot.desired > snapshot.minimum, snapshot.desired <= snapshot.maximum {
            return .stay(policy.notScaled(alarm, .init(code: NotScaledCode.flapping)))
        }
        return policy.wish(needed, alarm, isOut: false, snapshot)
    }
}

/// Why nothing was scaled, as AWS tells programs.
enum NotScaledCode {
    static let flapping = "AutoScalingAnticipatedFlapping"
    static let unscalable = "TargetServicePutResourceAsUnscalable"
    static let atMaximum = "AlreadyAtMaxCapacity"
    static let atMinimum = "AlreadyAtMinCapacity"
    static let atDesired = "AlreadyAtDesiredCapacity"
}

extension PolicyScaling? {
    /// The change that a cool-down of so many seconds still belongs to; nil when it is over.
    func change(since cooldown: Int, _ now: Timestamp) -> Int? {
        guard let self, now < self.at.adding(.seconds(Swift.max(0, cooldown))), self.at <= now else { return nil }
        return self.change
    }
}

extension PolicyReading {
    func notScaled(_ alarm: PolicyAlarm, _ reason: ScalingActivityRecord.Reason) -> ScalingDecision.NotScaled {
        ScalingDecision.NotScaled(cause: cause(alarm), reason: reason)
    }

    private func cause(_ alarm: PolicyAlarm) -> String {
        "monitor alarm \(alarm.name) in state \(alarm.state.rawValue) triggered policy \(name)"
    }

    /// A count within the bounds, or why it is the one that there is.
    ///
    /// - Parameter isOut: a scale-out changes nothing when its count is smaller, as above the maximum; a scale-in likewise.
    func wish(_ wanted: Int, _ alarm: PolicyAlarm, isOut: Bool, _ snapshot: ScalingSnapshot) -> PolicyWish {
        let count = snapshot.clamped(wanted)
        if isOut ? count > snapshot.desired : count < snapshot.desired {
            return .capacity(count, cause: cause(alarm), total: total(count, isOut, snapshot))
        }
        if isOut, wanted > snapshot.desired {
            return .stay(notScaled(alarm, .init(code: NotScaledCode.atMaximum, maximum: snapshot.maximum)))
        }
        if !isOut, wanted < snapshot.desired || snapshot.desired <= snapshot.minimum {
            return .stay(notScaled(alarm, .init(code: NotScaledCode.atMinimum, minimum: snapshot.minimum)))
        }
        return .stay(notScaled(alarm, .init(code: NotScaledCode.atDesired, current: snapshot.desired)))
    }

    /// All that a scale-out and the larger ones in its cool-down added.
    private func total(_ count: Int, _ isOut: Bool, _ snapshot: ScalingSnapshot) -> Int {
        let change = count - snapshot.desired
        guard isOut, let before = last.change(since: cooldown(isOut: true), snapshot.now), before > 0 else {
            return change
        }
        return before + change
    }

    /// Seconds.
    func cooldown(isOut: Bool) -> Int {
        switch rule {
        case .targetTracking(let policy):
            (isOut ? policy.scaleOutCooldown : policy.scaleInCooldown) ?? TargetTrackingPolicy.standardCooldown
        case .stepScaling(let policy): policy.cooldown ?? StepScalingPolicy.standardCooldown
        }
    }
}
