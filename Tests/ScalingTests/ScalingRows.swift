import Domain
import Identifiers

@testable import Scaling

extension ScalingSnapshot {
    /// Between 1 and 10 tasks, ten minutes after the beginning, all of the desired tasks running.
    static func of(
        _ desired: Int, running: Int? = nil, minimum: Int = 1, maximum: Int = 10, _ policies: PolicyReading...
    ) -> ScalingSnapshot {
        ScalingSnapshot(
            minimum: minimum, maximum: maximum, desired: desired, running: running ?? desired, policies: policies,
            now: .seconds(600))
    }
}

extension Timestamp {
    static func seconds(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
}

extension PolicyReading {
    /// Keeps CPU at 50 percent.
    static func cpu(
        _ value: Double, out: AlarmState = .ok, in low: AlarmState = .ok, last: PolicyScaling? = nil,
        name: String = "cpu", _ change: (inout TargetTrackingPolicy) -> Void = { _ in }
    ) -> PolicyReading {
        var policy = TargetTrackingPolicy(metric: .averageCPU, target: 50)
        change(&policy)
        return PolicyReading(
            name: name, rule: .targetTracking(policy), last: last,
            alarms: [
                PolicyAlarm(name: "high", state: out, threshold: 50, isHigh: true, value: value),
                PolicyAlarm(name: "low", state: low, threshold: 45, isHigh: false, value: value),
            ])
    }

    /// Steps of a metric whose alarm goes off at 60.
    static func steps(
        _ value: Double, _ policy: StepScalingPolicy, isHigh: Bool = true, last: PolicyScaling? = nil,
        name: String = "steps"
    ) -> PolicyReading {
        PolicyReading(
            name: name, rule: .stepScaling(policy), last: last,
            alarms: [PolicyAlarm(name: "mine", state: .alarm, threshold: 60, isHigh: isHigh, value: value)])
    }
}

extension PolicyScaling {
    /// So many seconds before the ten minutes are over.
    static func ago(_ seconds: Int64, _ change: Int) -> PolicyScaling {
        PolicyScaling(at: .seconds(600 - seconds), change: change)
    }
}
