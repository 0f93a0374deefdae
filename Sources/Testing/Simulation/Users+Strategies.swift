import Deployments
import Domain
import Identifiers
import JSONBytes
import StateStore

// Users who deploy beside the old revision, and answer where such a deployment waits.
extension Users {
    /// What a configuration says of the strategy; sometimes nothing, which keeps the one that is there.
    ///
    /// Only where the hosts have room for two revisions at once.
    func strategy(_ kind: Kind, in world: World) -> [String: JSONValue] {
        guard kind.isManaged else { return [:] }
        switch Int.random(in: 0..<4, using: &world.random) {
        case 0: return [:]
        case 1: return ["strategy": "ROLLING"]
        default: break
        }
        let stages = ["RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "POST_PRODUCTION_TRAFFIC_SHIFT"]
        var hooks: [JSONValue] = []
        if world.random.oneIn(3), let stage = stages.randomElement(using: &world.random) {
            let action: JSONValue = world.random.oneIn(2) ? "CONTINUE" : "ROLLBACK"
            hooks = [
                [
                    "targetType": "PAUSE", "lifecycleStages": [.string(stage)],
                    "timeoutConfiguration": [
                        "timeoutInMinutes": .integer(Int64.random(in: 1...30, using: &world.random)), "action": action,
                    ],
                ]
            ]
        }
        return [
            "strategy": "BLUE_GREEN", "lifecycleHooks": .array(hooks),
            "bakeTimeInMinutes": .integer(Int64.random(in: 0...2, using: &world.random)),
        ]
    }

    /// - Returns: whether a deployment waited.
    func answerHook(_ state: StateSnapshot, _ action: JSONValue? = nil, in world: World) -> Bool {
        for (id, _) in state.services.values() {
            for record in state.openServiceDeployments(of: id) where record.status == .inProgress {
                guard let hook = record.hooks?.first(where: { $0.status == .awaitingAction }) else { continue }
                let word: JSONValue = action ?? (world.random.oneIn(3) ? "ROLLBACK" : "CONTINUE")
                send(
                    "ContinueServiceDeployment",
                    [
                        "serviceDeploymentArn": .string(record.id.arn), "hookId": .string(hook.id), "action": word,
                    ], in: world)
                return true
            }
        }
        return false
    }
}

extension Invariants {
    /// Production traffic is somebody's whole, and a new revision gets more only with all its tasks healthy.
    func checkTraffic(
        _ old: ServiceRecord, _ new: ServiceRecord, _ after: StateSnapshot, at time: Timestamp, in world: World
    ) {
        guard new.status == .active, let green = new.primary else { return }
        let sum = new.deployments.reduce(0) { $0 + new.productionWeight(of: $1.id).tenths }
        if sum != 1000 { world.fail("service \(new.id.name) gives away \(sum) tenths of a percent of its traffic") }
        guard let lifecycle = green.lifecycle, lifecycle.blue != nil,
            world.now.since(world.lastJump) > .seconds(60) || world.lastJump == .zero
        else { return }
        let was = old.primary.flatMap { $0.id == green.id ? $0.lifecycle?.production : nil } ?? .none
        guard lifecycle.production > was else { return }
        let definition = after.taskDefinitions[green.taskDefinition]?.definition
        let healthy = after.liveTasks(of: new.id).count {
            $0.deployment == green.id && $0.isHealthy(under: definition, now: time)
        }
        if healthy < new.desiredCount {
            world.fail(
                "service \(new.id.name) moves traffic to \(healthy) healthy tasks of \(new.desiredCount)"
            )
        }
        world.coverage.transitions["traffic moves", default: 0] += 1
    }
}
