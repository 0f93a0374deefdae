import Domain
import Identifiers
import JSONBytes
import StateStore

// Users who have EventBridge run tasks on a schedule.
extension Users {
    func changeRules(_ state: StateSnapshot, in world: World) {
        let name = JSONValue.string(Setting.tick.name)
        guard let rule = state.eventRules[Setting.tick] else {
            return send(
                "AWSEvents.PutRule", ["Name": name, "ScheduleExpression": "rate(1 minute)"], in: world)
        }
        if rule.targets.isEmpty || world.random.oneIn(3) { return putTarget(in: world) }
        switch Int.random(in: 0..<4, using: &world.random) {
        case 0: send("AWSEvents.RemoveTargets", ["Rule": name, "Ids": ["run"]], in: world)
        case 1: send("AWSEvents.\(rule.state.isEnabled ? "Disable" : "Enable")Rule", ["Name": name], in: world)
        default: putTarget(in: world)
        }
    }

    private func putTarget(in world: World) {
        let target: JSONValue = [
            "Id": "run", "Arn": .string(ClusterID.simulated.arn), "RoleArn": "arn:aws:iam::000000000000:role/events",
            "EcsParameters": [
                "TaskDefinitionArn": .string(Setting.job.arn), "LaunchType": "EC2",
                "TaskCount": .integer(Int64(Setting.tickCount)),
            ],
            // What finds no room is given up before long.
            "RetryPolicy": ["MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 120],
        ]
        send("AWSEvents.PutTargets", ["Rule": .string(Setting.tick.name), "Targets": [target]], in: world)
    }

    func mendRules(_ state: StateSnapshot, in world: World) {
        guard state.eventRules[Setting.tick]?.state.isEnabled == true else { return }
        send("AWSEvents.DisableRule", ["Name": .string(Setting.tick.name)], in: world)
    }
}
