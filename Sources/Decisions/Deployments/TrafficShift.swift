public import Domain
import Identifiers

// How production traffic moves to the new revision over time.

extension DeploymentConfiguration {
    /// The share of the new revision after the next move.
    func share(after share: TrafficWeight) -> TrafficWeight {
        switch strategy {
        case .rolling, .blueGreen: return .all
        case .linear:
            // A step of nothing would never arrive.
            let step = linear ?? Linear()
            return share.adding(max(step.step, TrafficWeight(tenths: 1)))
        case .canary: return share == .none ? (canary ?? Canary()).share : .all
        }
    }

    /// How long a share stays before the next move; nothing after the last.
    var timeBetweenShares: Duration {
        switch strategy {
        case .rolling, .blueGreen: .zero
        case .linear: .seconds(60 * Int64((linear ?? Linear()).bakeTimeInMinutes))
        case .canary: .seconds(60 * Int64((canary ?? Canary()).bakeTimeInMinutes))
        }
    }

    /// How long the old revision stays when all traffic has moved.
    var bakeTime: Duration { .seconds(60 * Int64(bakeTimeInMinutes ?? Self.standardBakeTime)) }

    /// Minutes.
    /// - Source: Amazon ECS Developer Guide, "Amazon ECS linear deployments", deployment bake time
    public static let standardBakeTime = 15
}

extension DeploymentLifecycle {
    /// Moves production traffic on as far as it is due and no hook waits before the next move.
    /// - Returns: when the next move is due, or the time of a hook before it runs out; nil when nothing is due, for traffic
    ///   has moved or the new revision is not whole.
    mutating func shift(_ view: LifecycleView) -> Timestamp? {
        while production < .all, view.isGreenWhole {
            if view.hasBlue, let at = shiftedAt {
                let due = at.adding(view.configuration.timeBetweenShares)
                if due > view.now { return due }
                // Records of before moves were counted have made at least this one.
                beginHooks(beforeMove: (moves ?? 1) + 1, view)
                if let due = awaited.map(\.expiresAt).min() { return due }
            }
            production = view.hasBlue ? view.configuration.share(after: production) : .all
            shiftedAt = view.now
            moves = (moves ?? 0) + 1
        }
        return nil
    }
}
