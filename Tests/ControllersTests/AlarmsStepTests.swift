import Alarms
import Domain
import Identifiers
import MetricMath
import StateStore
import TestKit
import Testing

@testable import Controllers

/// Alarms on simulated time: values of one metric by their seconds.
private struct AlarmWorld {
    var state = StateSnapshot()
    var values: [Int64: Double] = [:]
    var step = AlarmsStep(startedAt: .test(0))
    /// Reads of the store, for what is looked at for nothing.
    var looks = 0

    static func metric(_ name: String = "m", period: Int = 60, periods: Int = 1) -> MetricAlarm {
        let metric = MetricID(scope: .test, namespace: "N", name: name)
        return MetricAlarm(
            input: .stat(MetricStat(metric: metric, period: period, statistic: .average)), comparison: .greater,
            threshold: 5, evaluationPeriods: periods)
    }

    static func id(_ name: String) -> AlarmID { AlarmID(scope: .test, name: name) }

    mutating func put(_ name: String, _ rule: AlarmRecord.Rule, at seconds: Int = 1) {
        let record = AlarmRecord(id: Self.id(name), rule: rule, createdAt: .test(seconds))
        state = state.applying { $0.put(record) }
    }

    /// Steps, and applies what is said.
    @discardableResult
    mutating func look(_ changed: [String]? = [], at seconds: Int) -> [AlarmMove] {
        let all = values
        var looks = 0
        let plans = step.step(changed.map { Set($0.map(Self.id)) }, state, now: .test(seconds)) { stat, window in
            looks += 1
            let values = stat.metric.name == "m" ? all : [:]
            let length = Int64(stat.period) * 1000
            let groups = Dictionary(
                grouping: values.filter { time, _ in
                    time * 1000 >= window.from.milliseconds && time * 1000 < window.to.milliseconds
                }
            ) { time, _ in time * 1000 / length * length }
            return groups.sorted { $0.key < $1.key }.map { start, values in
                let numbers = values.map(\.value)
                return MetricPoint(
                    time: Timestamp(milliseconds: start),
                    statistics: StatisticSet(
                        count: Double(numbers.count), sum: numbers.reduce(0, +), minimum: numbers.min() ?? 0,
                        maximum: numbers.max() ?? 0))
            }
        }
        self.looks += looks
        state = state.applying { $0.apply(plans, at: .test(seconds)) }
        return plans.map(\.move)
    }

    /// Looks as the controller does: at what changed and whenever something is due.
    mutating func run(_ changed: [String] = [], from start: Int, until end: Int) {
        var (now, changed) = (start, changed)
        while now <= end {
            changed = look(changed, at: now).map(\.alarm.name)
            guard changed.isEmpty else { continue }
            guard let next = step.wakeAt else { return }
            now = max(now + 1, Int((next.milliseconds - Timestamp.test().milliseconds + 999) / 1000))
        }
    }

    mutating func value(_ value: Double, at seconds: Int) {
        values[Timestamp.test(seconds).milliseconds / 1000] = value
    }

    func alarm(_ name: String) -> AlarmState? { state.alarms[Self.id(name)]?.state }
    func history(_ name: String) -> [String] { state.history(of: Self.id(name)).map(\.summary) }
}

@Suite("Alarms that are due")
struct AlarmsStepTests {
    /// Seconds from `Timestamp.test()` to the begin of a whole minute.
    private static let minute: Int = {
        let rest = Int(Timestamp.test().milliseconds / 1000 % 60)
        return rest == 0 ? 60 : 120 - rest
    }()

    @Test("are looked at a little after the end of each minute")
    func minutes() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric()))
        world.look(nil, at: Self.minute + 10)
        #expect(world.step.wakeAt == .test(Self.minute + 65))
        world.look(at: Self.minute + 64)
        #expect(world.looks == 1)
        world.value(9, at: Self.minute + 30)
        world.look(at: Self.minute + 65)
        #expect(world.alarm("a") == .alarm)
        #expect(world.history("a") == ["Alarm updated from INSUFFICIENT_DATA to ALARM"])
    }

    @Test("of short periods are looked at every ten seconds")
    func short() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric(period: 10)))
        world.look(nil, at: Self.minute + 1)
        #expect(world.step.wakeAt == .test(Self.minute + 2))
        world.value(9, at: Self.minute + 3)
        world.run(from: Self.minute + 2, until: Self.minute + 11)
        #expect(world.alarm("a") == .insufficientData)
        world.run(from: Self.minute + 12, until: Self.minute + 12)
        #expect(world.alarm("a") == .alarm)
    }

    @Test("go to ALARM and back, with each move told once")
    func moves() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric(periods: 2)))
        for minute in 0..<10 { world.value(minute >= 3 && minute < 6 ? 9 : 1, at: Self.minute + minute * 60 + 20) }
        world.run(["a"], from: Self.minute + 1, until: Self.minute + 640)
        #expect(
            world.history("a") == [
                "Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM",
                "Alarm updated from ALARM to OK",
            ])
    }

    @Test("tell their history of each action, and of one that names nothing")
    func actions() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric()))
        let service = ServiceID(cluster: ClusterID(scope: .test, name: "main"), name: "web")
        let step = StepScalingPolicy(
            adjustment: .changeInCapacity, steps: [StepScalingPolicy.Step(lower: 0, upper: nil, adjustment: 1)])
        let policy = ScalingPolicyRecord(
            id: ScalingRuleID(service: service, name: "up"), arnID: "id", rule: .stepScaling(step), createdAt: .test(1))
        let gone = policy.arn.replacing("policyName/up", with: "policyName/down")
        world.state = world.state.applying { transaction in
            guard var alarm = transaction.state.alarms[AlarmWorld.id("a")] else { return }
            alarm.alarmActions = [policy.arn, gone]
            transaction.put(alarm)
            transaction.put(policy)
        }
        world.value(9, at: Self.minute + 30)
        world.run(["a"], from: Self.minute + 1, until: Self.minute + 260)
        #expect(
            world.history("a")
                == [
                    "Alarm updated from INSUFFICIENT_DATA to ALARM", "Successfully executed action \(policy.arn)",
                    "Failed to execute action \(gone). Received error: \"No scaling policy has the ARN \(gone)\"",
                    "Alarm updated from ALARM to INSUFFICIENT_DATA",
                ].map { String($0.prefix(255)) })
        #expect(
            world.state.history(of: AlarmWorld.id("a")).map(\.kind) == [.stateUpdate, .action, .action, .stateUpdate])
    }

    @Test("of which nothing changed are not looked at, and ten thousand cost what is due")
    func cost() {
        var world = AlarmWorld()
        for number in 0..<1000 { world.put("a\(number)", .metric(AlarmWorld.metric())) }
        world.look(nil, at: Self.minute + 10)
        while world.step.wakeAt == .test(Self.minute + 10) { world.look(at: Self.minute + 10) }
        #expect(world.looks == 1000)
        world.look(["a1"], at: Self.minute + 20)
        #expect(world.looks == 1000)
    }

    @Test("that a caller set stay so until they are looked at")
    func set() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric()))
        world.value(1, at: Self.minute + 1)
        world.look(nil, at: Self.minute + 65)
        #expect(world.alarm("a") == .ok)
        world.state = world.state.applying { transaction in
            guard var alarm = transaction.state.alarms[AlarmWorld.id("a")] else { return }
            let move = AlarmMove(alarm: alarm.id, state: .alarm, reason: "test", data: nil)
            _ = alarm.apply(move, at: .test(70)) { _ in false }
            transaction.put(alarm)
        }
        world.value(1, at: Self.minute + 70)
        world.look(["a"], at: Self.minute + 71)
        #expect(world.alarm("a") == .alarm)
        world.look(at: Self.minute + 125)
        #expect(world.alarm("a") == .ok)
    }

    @Test("keep their state over a restart while what is missing was not measured")
    func restart() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric(periods: 2)))
        world.value(1, at: Self.minute + 1)
        world.value(1, at: Self.minute + 61)
        world.look(nil, at: Self.minute + 125)
        #expect(world.alarm("a") == .ok)
        world.step = AlarmsStep(startedAt: .test(Self.minute + 600))
        world.look(nil, at: Self.minute + 605)
        world.run(from: Self.minute + 605, until: Self.minute + 700)
        #expect(world.alarm("a") == .ok)
        world.run(from: Self.minute + 700, until: Self.minute + 730)
        #expect(world.alarm("a") == .insufficientData)
    }

    @Test("that are composite follow what they look at, and say which it was")
    func composite() throws {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric()))
        world.put("b", .composite(CompositeAlarm(rule: "ALARM(a) AND NOT OK(a)")))
        world.put("c", .composite(CompositeAlarm(rule: "ALARM(b)")))
        world.run(["a", "b", "c"], from: Self.minute + 1, until: Self.minute + 2)
        #expect(world.alarm("b") == .ok && world.alarm("c") == .ok)
        #expect(world.state.alarms[AlarmWorld.id("b")]?.stateReason.hasSuffix("its alarm rule evaluates to OK") == true)
        world.value(9, at: Self.minute + 30)
        world.run(from: Self.minute + 65, until: Self.minute + 66)
        #expect(world.alarm("b") == .alarm && world.alarm("c") == .alarm)
        let reason = try #require(world.state.alarms[AlarmWorld.id("c")]?.stateReason)
        #expect(reason.hasPrefix("\(AlarmWorld.id("b").arn) transitioned to ALARM at "), "\(reason)")
    }

    @Test("wait for their suppressor, and are told when the wait is over")
    func suppressor() {
        var world = AlarmWorld()
        var composite = CompositeAlarm(rule: "ALARM(a)")
        composite.suppressor = "s"
        composite.suppressorWait = 30
        composite.suppressorExtension = 20
        world.put("a", .metric(AlarmWorld.metric()))
        world.put("s", .metric(AlarmWorld.metric("other")))
        world.put("b", .composite(composite))
        world.value(9, at: Self.minute + 30)
        world.run(["a", "b", "s"], from: Self.minute + 65, until: Self.minute + 66)
        let suppression = { (world: AlarmWorld) in world.state.alarms[AlarmWorld.id("b")]?.suppression }
        #expect(suppression(world)?.cause == .waitPeriod)
        world.run(from: Self.minute + 67, until: Self.minute + 96)
        #expect(world.alarm("b") == .alarm && suppression(world) == nil)
    }

    @Test("that are gone are forgotten")
    func gone() {
        var world = AlarmWorld()
        world.put("a", .metric(AlarmWorld.metric()))
        world.look(nil, at: 1)
        world.state = world.state.applying { $0.delete(.alarm(AlarmWorld.id("a"))) }
        #expect(world.look(["a"], at: 2).isEmpty)
        #expect(world.step.wakeAt == nil)
    }

    @Test("have a history of bounded length")
    func bounded() {
        var state = StateSnapshot()
        for second in 0..<520 {
            state = state.applying {
                $0.addHistory(
                    of: AlarmWorld.id("a"), .stateUpdate, summary: "\(second)", data: "{}", at: .test(second),
                    isComposite: false)
            }
        }
        let kept = state.history(of: AlarmWorld.id("a")).map(\.summary)
        #expect(kept.count == 500 && kept.first == "20" && kept.last == "519")
    }
}
