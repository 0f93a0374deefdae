import Domain
import Identifiers
import StateStore

// Which ways through the control plane a run took, for the sums over many.
extension Invariants {
    func cover(_ batch: CommitBatch, in world: World) {
        for change in batch.changes {
            switch (change.before, change.after) {
            case (let old, .task(let new)?):
                if case .task(let before)? = old, before.lastStatus == .stopped { continue }
                guard new.lastStatus == .stopped else { continue }
                world.cover("task ends: \(new.stopCode?.rawValue ?? "no code")")
            case (let old, .serviceDeployment(let new)?):
                var from = "none"
                if case .serviceDeployment(let before)? = old { from = before.status.rawValue }
                if from != new.status.rawValue { world.cover("service deployment \(from)>\(new.status.rawValue)") }
            case (.instance(let old)?, .instance(let new)?):
                if old.status != new.status { world.cover("host \(old.status.rawValue)>\(new.status.rawValue)") }
                if old.lostAt == nil, new.lostAt != nil { world.cover("host is lost") }
                if old.lostAt != nil, new.lostAt == nil { world.cover("host is back") }
            case (.service(let old)?, .service(let new)?): cover(new, since: old, in: world)
            default: break
            }
        }
    }

    private func cover(_ new: ServiceRecord, since old: ServiceRecord, in world: World) {
        let known = Set(old.events.map(\.id))
        for event in new.events where !known.contains(event.id) {
            world.cover("service says: \(Self.kind(of: event.message))")
        }
        for deployment in new.deployments {
            guard let stage = deployment.lifecycle?.stage else { continue }
            let before = old.deployment(deployment.id)?.lifecycle?.stage
            if before != stage { world.cover("stage \(before?.rawValue ?? "none")>\(stage.rawValue)") }
        }
    }

    /// A message without names, numbers and what others say in it.
    private static func kind(of message: String) -> String {
        var kind = ""
        var depth = 0
        for character in message {
            switch character {
            case "(": depth += 1
            case ")": depth = max(0, depth - 1)
            default: if depth == 0, !character.isNumber { kind.append(character) }
            }
        }
        let words = kind.split(separator: " ").filter { !$0.contains("/") }
        return words.prefix(8).joined(separator: " ")
    }
}

extension World {
    func cover(_ way: String) { coverage.transitions[way, default: 0] += 1 }
}
