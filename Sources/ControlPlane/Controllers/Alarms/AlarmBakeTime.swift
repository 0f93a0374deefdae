import Alarms
import Domain
import Identifiers
import StateStore

extension StateSnapshot {
    /// How long an alarm needs until it looks at nothing from before: the periods that it evaluates and the next look.
    ///
    /// Amazon ECS computes it from the alarm's configuration and does not say how.
    func bakeTime(of alarm: AlarmID) -> Duration {
        var (longest, todo, seen) = (Duration.zero, [alarm], Set<AlarmID>())
        while let id = todo.popLast() {
            guard let record = alarms[id], seen.insert(id).inserted else { continue }
            switch record.rule {
            case .metric(let alarm):
                guard let reading = try? AlarmReading(alarm) else { continue }
                let schedule = AlarmSchedule(period: reading.period)
                let periods = Duration.seconds(reading.period) * alarm.evaluationPeriods
                longest = max(longest, periods + schedule.latency)
            case .composite(let composite):
                guard let rule = try? AlarmRule(composite.rule) else { continue }
                todo += rule.alarms.map { AlarmID(scope: id.scope, name: $0) }
            }
        }
        return longest
    }
}
