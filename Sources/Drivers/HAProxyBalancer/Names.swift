import Balancer

/// Names within HAProxy, made from ids. None has a `:` in what comes from an id.
enum Names {
    static func group(_ id: String) -> String { "tg:" + Word.name(id) }
    static func listener(_ balancer: String, _ listener: String) -> String {
        "ls:\(Word.name(balancer)):\(Word.name(listener))"
    }
    /// The same listener, in the worker that listens now.
    static func again(_ balancer: String, _ listener: String) -> String {
        "again:\(Word.name(balancer)):\(Word.name(listener))"
    }
    /// A backend that answers by itself, for one action of a listener.
    static func answer(_ kind: AnswerKind, _ balancer: String, _ listener: String, _ rule: String) -> String {
        "\(kind.rawValue):\(Word.name(balancer)):\(Word.name(listener)):\(rule)"
    }
    enum AnswerKind: String { case fixed = "fix", redirect = "red" }

    /// Where forwards go that have no group to go to: 503.
    static let nowhere = "none"
    static let idle = "idle"
    static let nowhereTCP = "none-tcp"
    /// Where requests at a shared address go whose host is no load balancer's name: 404.
    static let sharedNowhere = "none-shared"

    /// What a rule is called within its listener.
    static func rule(_ id: String) -> String { "r" + Word.name(id) }
    static let defaultRule = "default"

    /// A slot's server that is checked.
    static func checked(_ slot: Int) -> String { "s\(slot &+ 1)" }
    /// The same target unchecked, a backup for when no checked one is up: ELB then sends to all.
    static func open(_ slot: Int) -> String { "b\(slot &+ 1)" }
}

/// Weights as a map that the runtime socket can change: key to upper bound of the dice, out of a million.
enum Weights {
    static let whole = 1_000_000

    static func key(_ listener: String, _ rule: String, _ group: String) -> String {
        "\(Word.name(listener))/\(rule)/\(Word.name(group))"
    }

    /// One for each group of every forward to several.
    static func entries(of plan: BalancerPlan) -> [String: Int] {
        var entries: [String: Int] = [:]
        for listener in plan.loadBalancers.lazy.flatMap(\.listeners) {
            for (rule, action) in listener.actions {
                guard case .forward(let forward) = action, forward.groups.count > 1 else { continue }
                for (group, bound) in zip(forward.groups, bounds(forward.groups.map(\.weight))) {
                    entries[key(listener.id, rule, group.group)] = bound
                }
            }
        }
        return entries
    }

    /// Upper bounds: a dice of 0 ..< `whole` takes the first group whose bound is above it. All are 0 for a sum of 0.
    static func bounds(_ weights: [Int]) -> [Int] {
        let weights = weights.map { min(max($0, 0), 999) }
        let sum = weights.reduce(0, &+)
        var reached = 0
        return weights.map { weight in
            reached &+= weight
            return sum == 0 ? 0 : reached &* whole / sum
        }
    }
}

extension ListenerPlan {
    /// Every action with its rule's name, the default one last.
    var actions: [(String, BalancerAction)] {
        rules.map { (Names.rule($0.id), $0.action) } + [(Names.defaultRule, defaultAction)]
    }
}
