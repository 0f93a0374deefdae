import Controllers
import Domain
import Identifiers
import Scaling
import StateStore
import Synchronization
import TaskLifecycle
import TestKit
import Testing

/// A service of some tasks with a scalable target, and the step that scales it.
private struct ScaledWorld {
    static let service = ServiceID(cluster: .test, name: "web")
    let shared: SharedValues
    let ids = SeededIDSource(seed: 1)
    var state = StateSnapshot()
    var step: ScalingStep

    init(desired: Int = 2, running: Int? = nil, _ bounds: ClosedRange<Int> = 1...10) {
        let values = SharedValues()
        shared = values
        step = ScalingStep(values: { _, _ in values.now }, zones: { name, _ in name == "UTC" ? .utc : nil })
        let deployment = DeploymentRecord.test(1, rollout: .completed)
        put { transaction in
            transaction.put(ServiceRecord.test(desired: desired, deployments: [deployment]))
            var target = ScalableTargetRecord(
                service: Self.service, minimum: bounds.lowerBound, maximum: bounds.upperBound, arnID: "t",
                createdAt: .test())
            target.isUnapplied = false
            transaction.put(target)
        }
        run(running ?? desired)
    }

    mutating func put(_ body: (inout Transaction) -> Void) { state = state.applying(body) }

    /// So many tasks run.
    mutating func run(_ count: Int) {
        put { transaction in
            for number in 0..<20 {
                var task = TaskRecord.test("t\(number)")
                task.service = Self.service
                if number < count {
                    transaction.put(task.observed(.running))
                } else if transaction.state.tasks[task.id] != nil {
                    transaction.put(task.observed(.stopped))
                }
            }
        }
    }

    /// What the step does at a time is committed, as the controller does.
    @discardableResult
    mutating func look(_ keys: Set<ScalingKey>? = [], at seconds: Int) -> [ScalingCommit] {
        let commits = step.step(keys, state, now: .test(seconds), ids: ids)
        for commit in commits {
            put { transaction in
                let isWritten = commit.write(to: &transaction)
                #expect(isWritten)
            }
        }
        return commits
    }

    /// A policy that keeps CPU at 50 percent, with its two alarms.
    mutating func track(_ name: String = "cpu", _ change: (inout TargetTrackingPolicy) -> Void = { _ in }) {
        var tracking = TargetTrackingPolicy(metric: .averageCPU, target: 50)
        change(&tracking)
        var policy = ScalingPolicyRecord(
            id: ScalingRuleID(service: Self.service, name: name), arnID: "p-\(name)", rule: .targetTracking(tracking),
            createdAt: .test())
        let alarms = TrackingAlarms(
            of: policy, tracking, period: 60, names: ("high-\(name)", "low-\(name)"), now: .test())
        policy.ownAlarms = [alarms.high.id, alarms.low.id]
        put { transaction in
            transaction.put(policy)
            transaction.put(alarms.high)
            transaction.put(alarms.low)
        }
    }

    mutating func set(_ alarm: String, to state: AlarmState, at seconds: Int) -> ScalingKey {
        let id =
            self.state.alarms.values().first { $0.0.name.hasSuffix(alarm) }?.0 ?? AlarmID(scope: .test, name: alarm)
        put { transaction in
            guard var record = transaction.state.alarms[id] else { return }
            record.state = state
            record.stateTransitionedAt = .test(seconds)
            transaction.put(record)
        }
        return .alarm(id)
    }

    var desired: Int { state.services[Self.service]?.desiredCount ?? -1 }
    var activities: [ScalingActivityRecord] { Array(state.scalingActivities(of: Self.service)) }
}

private final class SharedValues: Sendable {
    private let values = Mutex<[Double]>([])
    var now: [Double] { values.withLock { $0 } }
    func set(_ new: [Double]) { values.withLock { $0 = new } }
}

@Suite("The scaling step")
struct ScalingStepTests {
    @Test("scales when an alarm goes off, says why, and tells what became of it")
    func scalesOut() {
        var world = ScaledWorld()
        world.track()
        world.shared.set([80, 80, 80])
        world.look(nil, at: 0)
        #expect(world.desired == 2)
        let key = world.set("high-cpu", to: .alarm, at: 100)
        world.look([key], at: 100)
        #expect(world.desired == 4)
        #expect(world.activities.map(\.status) == [.inProgress])
        #expect(world.activities[0].cause.hasSuffix("in state ALARM triggered policy cpu"))
        #expect(world.state.scalingPolicies.values().first { _ in true }?.1.lastScaling?.change == 2)
        // Looked at by itself until it is there.
        #expect(world.step.wakeAt == .test(105))
        world.look(at: 105)
        #expect(world.activities.map(\.status) == [.inProgress])
        world.run(4)
        world.look(at: 110)
        #expect(world.activities.map(\.status) == [.successful])
    }

    @Test("acts once a period while the alarm stays as it is")
    func again() {
        var world = ScaledWorld()
        world.track { $0.scaleOutCooldown = 0 }
        world.shared.set([60])
        world.look(nil, at: 0)
        world.look([world.set("high-cpu", to: .alarm, at: 100)], at: 100)
        #expect(world.desired == 3)
        world.run(3)
        for second in [105, 120, 159] { world.look([.service(ScaledWorld.service)], at: second) }
        #expect(world.desired == 3)
        world.look(at: 160)
        #expect(world.desired == 4)
    }

    @Test("a new process does not act a second time in the same period")
    func restart() {
        var world = ScaledWorld()
        world.track { $0.scaleOutCooldown = 0 }
        world.shared.set([60])
        world.look(nil, at: 0)
        world.look([world.set("high-cpu", to: .alarm, at: 100)], at: 100)
        world.run(3)
        let shared = world.shared
        world.step = ScalingStep(values: { _, _ in shared.now }, zones: { _, _ in nil })
        world.look(nil, at: 120)
        #expect(world.desired == 3)
        #expect(world.activities.map(\.status) == [.successful])
        #expect(world.step.wakeAt == .test(160))
        world.look(at: 160)
        #expect(world.desired == 4)
    }

    @Test("an alarm of the caller's own sets off the steps that it names")
    func steps() {
        var world = ScaledWorld()
        let rule = StepScalingPolicy(
            adjustment: .changeInCapacity, steps: [.init(lower: 0, upper: nil, adjustment: 3)])
        let policy = ScalingPolicyRecord(
            id: ScalingRuleID(service: ScaledWorld.service, name: "s"), arnID: "x", rule: .stepScaling(rule),
            createdAt: .test())
        let metric = MetricID(scope: .test, namespace: "Shop", name: "Depth")
        let alarm = MetricAlarm(
            input: .stat(MetricStat(metric: metric, period: 10, statistic: .average)), comparison: .greaterOrEqual,
            threshold: 5, evaluationPeriods: 1)
        var record = AlarmRecord(id: AlarmID(scope: .test, name: "mine"), rule: .metric(alarm), createdAt: .test())
        record.alarmActions = [policy.arn]
        world.put { transaction in
            transaction.put(policy)
            transaction.put(record)
        }
        world.shared.set([7])
        world.look([.service(ScaledWorld.service), .alarm(record.id)], at: 0)
        #expect(world.desired == 2)
        world.look([world.set("mine", to: .alarm, at: 10)], at: 10)
        #expect(world.desired == 5)
        world.put { transaction in
            record.state = .alarm
            record.actionsEnabled = false
            transaction.put(record)
            var free = policy
            free.lastScaling = nil
            transaction.put(free)
        }
        world.look([.alarm(record.id)], at: 400)
        #expect(world.desired == 5)
    }

    @Test("why nothing was scaled is written once")
    func notScaled() {
        var world = ScaledWorld(desired: 10)
        world.track()
        world.shared.set([90])
        world.look(nil, at: 0)
        world.look([world.set("high-cpu", to: .alarm, at: 10)], at: 10)
        for second in stride(from: 70, through: 600, by: 60) { world.look(at: second) }
        #expect(world.activities.count == 1)
        #expect(world.activities[0].notScaled == [.init(code: "AlreadyAtMaxCapacity", maximum: 10)])
        let shared = world.shared
        world.step = ScalingStep(values: { _, _ in shared.now }, zones: { _, _ in nil })
        world.look(nil, at: 700)
        #expect(world.activities.count == 1)
    }

    @Test("new bounds move the count once")
    func bounds() {
        var world = ScaledWorld()
        world.put { transaction in
            guard var target = transaction.state.scalableTargets[ScaledWorld.service] else { return }
            (target.minimum, target.isUnapplied) = (4, true)
            transaction.put(target)
        }
        world.look([.service(ScaledWorld.service)], at: 0)
        #expect(world.desired == 4 && world.activities.map(\.cause) == ["minimum capacity was set to 4"])
        world.put { transaction in
            guard let service = transaction.state.services[ScaledWorld.service] else { return }
            transaction.put(service.desiring(.update(count: 1)))
        }
        world.look([.service(ScaledWorld.service)], at: 1)
        #expect(world.desired == 1)
        #expect(world.activities.map(\.status) == [.overridden])
    }

    @Test("a scheduled action sets bounds at its time, and once for times that passed unseen")
    func scheduled() {
        var world = ScaledWorld()
        var action = ScheduledActionRecord(
            id: ScalingRuleID(service: ScaledWorld.service, name: "day"), arnID: "a", schedule: "rate(1 minute)",
            createdAt: .test())
        action.minimum = 3
        world.put { $0.put(action) }
        world.look([.service(ScaledWorld.service)], at: 0)
        #expect(world.step.wakeAt == .test(60) && world.desired == 2)
        world.look(at: 200)
        #expect(world.desired == 3)
        #expect(world.state.scheduledActions[action.id]?.firedAt == .test(180))
        #expect(
            Set(world.activities.map(\.description)) == ["Setting min capacity to 3", "Setting desired count to 3."])
        #expect(world.state.scalableTargets[ScaledWorld.service]?.minimum == 3)
        world.run(3)
        world.look(at: 210)
        #expect(world.step.wakeAt == .test(240))
    }

    @Test("a suspended schedule passes, and is not made up for")
    func suspended() {
        var world = ScaledWorld()
        var action = ScheduledActionRecord(
            id: ScalingRuleID(service: ScaledWorld.service, name: "day"), arnID: "a", schedule: "rate(1 minute)",
            createdAt: .test())
        action.minimum = 3
        world.put { transaction in
            transaction.put(action)
            guard var target = transaction.state.scalableTargets[ScaledWorld.service] else { return }
            target.suspension.scheduled = true
            transaction.put(target)
        }
        world.look(nil, at: 70)
        #expect(world.desired == 2 && world.activities.isEmpty)
        #expect(world.state.scheduledActions[action.id]?.firedAt == .test(60))
    }

    @Test("a scale-out ends the cool-downs of scale-ins, of every policy")
    func cooldowns() {
        var world = ScaledWorld(desired: 4)
        world.track()
        world.track("other")
        world.put { transaction in
            for var policy in Array(transaction.state.scalingPolicies(of: ScaledWorld.service)) {
                policy.lastScaling = PolicyScaling(at: .test(5), change: -1)
                transaction.put(policy)
            }
        }
        world.shared.set([90])
        world.look(nil, at: 0)
        world.look([world.set("high-cpu", to: .alarm, at: 70)], at: 70)
        #expect(world.desired == 8)
        let last = world.state.scalingPolicies(of: ScaledWorld.service).map(\.lastScaling?.change)
        #expect(Array(last) == [4, nil])
    }

    @Test("what was read must still be there when it is written")
    func outdated() {
        var world = ScaledWorld()
        world.track()
        world.shared.set([80])
        world.look(nil, at: 0)
        let key = world.set("high-cpu", to: .alarm, at: 100)
        let commits = world.step.step([key], world.state, now: .test(100), ids: world.ids)
        world.put { $0.deleteScalableTarget(of: ScaledWorld.service) }
        world.put { transaction in
            let isWritten = commits[0].write(to: &transaction)
            #expect(!isWritten)
        }
        #expect(world.desired == 2)
        #expect(world.state.alarms.count == 0)
    }

    @Test("a deployment holds scale-in, and the note of it is written once")
    func deployment() {
        var world = ScaledWorld(desired: 4)
        world.track()
        world.put { transaction in
            guard var service = transaction.state.services[ScaledWorld.service] else { return }
            service.deployments[0].rolloutState = .inProgress
            transaction.put(service)
        }
        world.shared.set([10])
        world.look(nil, at: 0)
        world.look([world.set("low-cpu", to: .alarm, at: 10)], at: 10)
        #expect(world.desired == 4)
        #expect(world.activities.map { $0.notScaled.first?.code } == ["TargetServicePutResourceAsUnscalable"])
        world.put { transaction in
            guard var service = transaction.state.services[ScaledWorld.service] else { return }
            service.deployments[0].rolloutState = .completed
            transaction.put(service)
        }
        world.look(at: 80)
        #expect(world.desired == 1)
    }
}
