import Balancer

/// A configuration in the making: its lines, whom each line serves, and the files it reads.
struct ConfigurationText: Hashable {
    private(set) var lines: [String] = []
    private var owners: [BalancerRefusal.Subject?] = []
    /// By path.
    private(set) var files: [String: String] = [:]
    /// What was left out, in the plan's order.
    private(set) var refusals: [BalancerRefusal] = []
    /// Whom the next lines serve.
    var owner: BalancerRefusal.Subject?

    var text: String { lines.joined(separator: "\n") + "\n" }

    mutating func section(_ title: String) { append(title) }

    mutating func add(_ statements: String...) { for statement in statements { append("    " + statement) } }

    mutating func add(_ statements: [String]) { for statement in statements { append("    " + statement) } }

    mutating func keep(_ text: String, in path: String) { files[path] = text }

    mutating func refuse(_ subject: BalancerRefusal.Subject, _ reason: String) {
        refusals.append(BalancerRefusal(subject, reason: reason))
    }

    func hasRefused(_ subject: BalancerRefusal.Subject) -> Bool { refusals.contains { $0.subject == subject } }

    /// Whom a line serves, counted from 1 as HAProxy does.
    func owner(ofLine number: Int) -> BalancerRefusal.Subject? {
        owners.indices.contains(number &- 1) ? owners[number &- 1] : nil
    }

    /// Runs `body`; what it added goes when it fails, and the refusal stays.
    mutating func attempt(_ subject: BalancerRefusal.Subject, _ body: (inout Self) throws(Unwritable) -> Void) {
        var trial = self
        trial.owner = subject
        do {
            try body(&trial)
            trial.owner = owner
            self = trial
        } catch {
            refuse(subject, error.reason)
        }
    }

    private mutating func append(_ line: String) {
        lines.append(line)
        owners.append(owner)
    }
}
