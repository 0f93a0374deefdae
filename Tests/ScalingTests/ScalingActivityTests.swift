import Domain
import Identifiers
import TestKit
import Testing

@testable import Scaling

@Suite("Scaling activities and alarms")
struct ScalingActivityTests {
    static let service = ServiceID(cluster: ClusterID(scope: .test, name: "default"), name: "web")
    static let id = ScalingActivityID(service: service, startedAt: .seconds(10), id: "a")
    static let activity = ScalingActivityRecord(setting: 4, because: "c", id)

    @Test("goes on until the service has reached its count")
    func progress() {
        let activity = Self.activity
        #expect(activity.description == "Setting desired count to 4." && activity.status == .inProgress)
        #expect(activity.following(desired: 4, running: 3, isThere: true, at: .seconds(20)) == nil)
        let done = activity.following(desired: 4, running: 4, isThere: true, at: .seconds(20))
        #expect(done?.status == .successful && done?.endedAt == .seconds(20))
        #expect(done?.statusMessage == "Successfully set desired count to 4. Change successfully fulfilled by ecs.")
        #expect(done?.following(desired: 9, running: 9, isThere: true, at: .seconds(30)) == nil)
    }

    @Test("is overridden by another count, and given up with its service or after an hour")
    func ends() {
        let other = Self.activity.following(desired: 7, running: 4, isThere: true, at: .seconds(20))
        #expect(other?.status == .overridden)
        #expect(other?.statusMessage == "Successfully set desired count to 4. Found it was later changed to 7.")
        let late = Self.activity.following(desired: 4, running: 2, isThere: true, at: .seconds(3610))
        #expect(late?.status == .unfulfilled)
        #expect(
            Self.activity.following(desired: 4, running: 2, isThere: false, at: .seconds(20))?.status == .unfulfilled)
    }

    @Test("what was not scaled says why, as AWS does")
    func notScaled() {
        let reason = ScalingActivityRecord.Reason(code: "AlreadyAtMaxCapacity", maximum: 4)
        let activity = ScalingActivityRecord(notScaled: .init(cause: "c", reason: reason), Self.id)
        #expect(activity.status == .failed && activity.description == "Attempting to scale due to alarm triggered")
        #expect(activity.notScaled == [reason] && activity.desired == nil && activity.endedAt == nil)
    }

    @Test("a scheduled action names what it set, or why it could not")
    func scheduled() {
        var action = ScheduledActionRecord(
            id: ScalingRuleID(service: Self.service, name: "night"), arnID: "x", schedule: "rate(1 day)",
            createdAt: .seconds(0))
        action.minimum = 2
        action.maximum = 5
        let set = ScalingActivityRecord(of: action, ScalingBounds(minimum: 2, maximum: 5), isValid: true, Self.id)
        #expect(set.description == "Setting min capacity to 2 and max capacity to 5")
        #expect(set.cause == "scheduled action name night was triggered" && set.status == .successful)
        action.maximum = nil
        let bounds = ScalingBounds(minimum: 1, maximum: 1).applying(action)
        #expect(!bounds.isValid)
        let failed = ScalingActivityRecord(of: action, bounds, isValid: false, Self.id)
        #expect(failed.status == .failed && failed.statusMessage?.contains("above maximum capacity 1") == true)
    }

    @Test("target tracking's alarms are those that AWS makes")
    func alarms() {
        let policy = ScalingPolicyRecord(
            id: ScalingRuleID(service: Self.service, name: "cpu:a/b"), arnID: "0-1",
            rule: .targetTracking(TargetTrackingPolicy(metric: .averageCPU, target: 50)), createdAt: .seconds(0))
        let tracking = TargetTrackingPolicy(metric: .averageCPU, target: 50)
        let alarms = TrackingAlarms(of: policy, tracking, period: 60, names: ("u", "v"), now: .seconds(0))
        #expect(alarms.high.id.name == "TargetTracking-service/default/web-AlarmHigh-u")
        #expect(alarms.low.id.name == "TargetTracking-service/default/web-AlarmLow-v")
        guard case .metric(let high) = alarms.high.rule, case .metric(let low) = alarms.low.rule else {
            Issue.record("no metric alarms")
            return
        }
        #expect(high.threshold == 50 && high.comparison == .greater && high.evaluationPeriods == 3)
        #expect(low.threshold == 45 && low.comparison == .less && low.evaluationPeriods == 15)
        #expect(alarms.high.alarmActions == [policy.arn])
        #expect(ScalingRuleID(policyARN: policy.arn, in: .test) == policy.id)
        #expect(alarms.records(disablesScaleIn: true).map(\.id) == [alarms.high.id])
    }

    @Test("sums are compared with a share of the target where the period is no minute")
    func shorterPeriods() {
        let policy = ScalingPolicyRecord(
            id: ScalingRuleID(service: Self.service, name: "r"), arnID: "0",
            rule: .targetTracking(TargetTrackingPolicy(metric: .averageCPU, target: 1)), createdAt: .seconds(0))
        let tracking = TargetTrackingPolicy(
            metric: .requestCountPerTarget(label: "app/lb/1/targetgroup/tg/2"), target: 600)
        let alarms = TrackingAlarms(of: policy, tracking, period: 10, names: ("u", "v"), now: .seconds(0))
        guard case .metric(let high) = alarms.high.rule, case .stat(let stat) = high.input else {
            Issue.record("no metric alarm")
            return
        }
        #expect(high.threshold == 100 && stat.period == 10 && stat.statistic == .sum)
        #expect(stat.metric.dimensions.map(\.value) == ["app/lb/1", "targetgroup/tg/2"])
    }

    @Test("only requests are looked at in periods of less than ten seconds")
    func shortestPeriods() throws {
        let custom = MetricStat(
            metric: MetricID(scope: .test, namespace: "Shop", name: "Depth"), period: 60, statistic: .sum)
        let rows: [(TargetTrackingPolicy.Metric, period: Int, threshold: Double)] = [
            (.requestCountPerTarget(label: "app/lb/1/targetgroup/tg/2"), 1, 10), (.averageCPU, 10, 600),
            (.averageMemory, 10, 600), (.custom(custom), 10, 100),
        ]
        for (metric, period, threshold) in rows {
            let tracking = TargetTrackingPolicy(metric: metric, target: 600)
            let policy = ScalingPolicyRecord(
                id: ScalingRuleID(service: Self.service, name: "p"), arnID: "0", rule: .targetTracking(tracking),
                createdAt: .seconds(0))
            let alarms = TrackingAlarms(of: policy, tracking, period: 1, names: ("u", "v"), now: .seconds(0))
            guard case .metric(let high) = alarms.high.rule, case .stat(let stat) = high.input else {
                Issue.record("no metric alarm")
                continue
            }
            #expect(stat.period == period && high.threshold == threshold)
        }
    }

    @Test(
        "a policy's ARN is told from anything else",
        arguments: [
            "", "arn:aws:sns:us-east-1:000000000000:topic",
            "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:x",
            "arn:aws:autoscaling:eu-west-1:000000000000:scalingPolicy:x:resource/ecs/service/a/b:policyName/c",
            "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:x:resource/dynamodb/table/a:policyName/c",
        ])
    func otherARNs(text: String) { #expect(ScalingRuleID(policyARN: text, in: .test) == nil) }
}
