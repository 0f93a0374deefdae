import Domain
import Identifiers
import JSONBytes
import StateStore

// Users who divide tasks over capacity providers, and what of that must hold.
extension Users {
    /// A base on FARGATE, and weights that send the rest to both or to FARGATE_SPOT alone.
    static func capacity(in world: World) -> JSONValue {
        let base = Int64.random(in: 0...2, using: &world.random)
        let weight = Int64.random(in: base == 0 ? 1...2 : 0...2, using: &world.random)
        return [
            ["capacityProvider": "FARGATE", "base": .integer(base), "weight": .integer(weight)],
            ["capacityProvider": "FARGATE_SPOT", "weight": 1],
        ]
    }
}

extension Invariants {
    /// No task goes beyond the base of a strategy before the base is there, nor to a provider that has no part in it.
    ///
    /// A task that moves between zones keeps its provider, whatever that does to the base.
    func checkCapacity(_ batch: CommitBatch, _ after: StateSnapshot, in world: World) {
        for change in batch.changes {
            guard change.before == nil, case .task(let task)? = change.after,
                let service = task.service.flatMap({ after.services[$0] }),
                let deployment = task.deployment.flatMap({ service.deployment($0) }),
                !deployment.capacityProviderStrategy.isEmpty, service.rebalancing?.move?.task != task.id
            else { continue }
            let name = "task \(task.id.id) of service \(service.id.name)"
            let strategy = deployment.capacityProviderStrategy
            guard let own = strategy.first(where: { $0.provider == task.capacityProvider }) else {
                world.fail("\(name) goes to \(task.capacityProvider ?? "no provider")")
                continue
            }
            world.coverage.transitions["task to \(own.provider)", default: 0] += 1
            let live = after.liveTasks(of: service.id).filter {
                $0.deployment == deployment.id && $0.desiredStatus == .running
            }
            for item in strategy where item.provider != own.provider {
                let count = live.count { $0.capacityProvider == item.provider }
                if count < item.base {
                    world.fail("\(name) goes to \(own.provider), and \(item.provider) has \(count) of its \(item.base)")
                }
            }
        }
    }
}
