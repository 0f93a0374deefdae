public import Domain
import Identifiers

extension StateSnapshot {
    /// What a rule does, a default rule too; nil when it does not exist.
    public func actions(of reference: ListenerRuleReference) -> [RuleAction]? {
        switch reference {
        case .listener(let id): listeners[id]?.defaultActions
        case .rule(let id):
            listenerRules[id]?.actions
                ?? listeners[id.listener].flatMap {
                    $0.defaultRule == id.suffix ? $0.defaultActions : nil
                }
        }
    }
}

extension Transaction {
    /// Gives a rule other actions; nothing happens when it does not exist.
    public mutating func put(_ actions: [RuleAction], of reference: ListenerRuleReference) {
        switch reference {
        case .listener(let id): put(actions, of: id)
        case .rule(let id):
            guard var rule = state.listenerRules[id] else { return put(actions, of: id.listener) }
            rule.actions = actions
            put(.listenerRule(rule))
        }
    }

    private mutating func put(_ actions: [RuleAction], of listener: ListenerID) {
        guard var record = state.listeners[listener] else { return }
        record.defaultActions = actions
        put(.listener(record))
    }
}
