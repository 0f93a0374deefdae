import Domain
import EventRules
import Identifiers
import StateStore

/// The rules whose patterns may match, read once for each text.
struct CompiledRules: Sendable {
    struct Rule: Sendable {
        var id: EventRuleID
        var pattern: EventPattern
        var matchesFrom: Timestamp
        var targets: [EventTarget]
    }

    /// In order of their ids.
    private(set) var rules: [Rule] = []
    /// What the rules were made of.
    private var sources: [EventRuleRecord] = []

    /// The targets of all rules.
    var targets: Set<EventTargetID> {
        Set(rules.flatMap { rule in rule.targets.map { EventTargetID(rule: rule.id, id: $0.id) } })
    }

    /// Takes the rules as they are now.
    ///
    /// - Returns: whether any of them changed in what it matches or where that goes.
    mutating func update(_ state: StateSnapshot) -> Bool {
        let records = state.eventRules.values().map(\.1).filter {
            $0.state.isEnabled && $0.pattern != nil && !$0.targets.isEmpty
        }
        guard !records.elementsEqual(sources, by: { $0.matchesAs($1) }) else { return false }
        let known = Dictionary(zip(sources, rules).map { ($0.pattern ?? "", $1.pattern) }, uniquingKeysWith: { $1 })
        sources = []
        rules = []
        for record in records {
            guard let text = record.pattern, let pattern = known[text] ?? (try? EventPattern(text)) else { continue }
            sources.append(record)
            rules.append(
                Rule(id: record.id, pattern: pattern, matchesFrom: record.matchesFrom, targets: record.targets))
        }
        return true
    }
}

extension EventRuleRecord {
    fileprivate func matchesAs(_ other: EventRuleRecord) -> Bool {
        id == other.id && pattern == other.pattern && matchesFrom == other.matchesFrom && targets == other.targets
    }
}
