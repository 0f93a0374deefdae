import Domain
import Identifiers
import JSONBytes
import StateStore

// What the rules of events promise.
extension Invariants {
    /// Notes whose end somebody must hear of, and holds new tasks of rules against the deliveries that asked for them.
    func checkEvents(_ batch: CommitBatch, in world: World) {
        var made = 0
        var taken = 0
        for change in batch.changes {
            switch (change.before, change.after) {
            case (.task(let old)?, .task(let new)?):
                if old.lastStatus != .stopped, new.lastStatus == .stopped { untold.insert(new.id.arn) }
            case (nil, .task(let new)?):
                if new.startedBy == Setting.tickStarter { made += 1 }
                if new.lastStatus == .stopped { untold.insert(new.id.arn) }
            case (.eventDelivery(let old)?, nil):
                if old.id.target.rule == Setting.tick { taken += 1 }
            default: break
            }
        }
        // A kill between the two would make them again, or never.
        if made > Setting.tickCount * taken {
            world.fail("\(made) tasks of a rule are made, \(taken) deliveries are taken away with it")
        }
        if made > 0 { world.coverage.transitions["rule makes a task", default: 0] += 1 }
    }

    /// The receiver of the rule that is always there got an event.
    func received(_ delivery: EventDeliveryRecord) {
        guard let event = try? JSONValue(jsonBytes: Array(delivery.input.utf8)),
            let arn = event["detail"]?["taskArn"]?.string, event["detail"]?["lastStatus"]?.string == "STOPPED"
        else { return }
        untold.remove(arn)
    }

    /// Once nothing is on its way any more, every end of a task was told.
    func checkTold(_ state: StateSnapshot, in world: World) {
        if let arn = untold.min() { world.fail("nobody was told of the end of \(arn)") }
    }
}

extension World {
    /// What of events is still on its way.
    func unrestOfEvents(_ state: StateSnapshot) -> String? {
        for (id, rule) in state.eventRules.values() where id == Setting.tick && rule.state.isEnabled {
            return "a schedule fires on"
        }
        return state.eventDeliveries.count == 0 ? nil : "\(state.eventDeliveries.count) events wait for their delivery"
    }
}
