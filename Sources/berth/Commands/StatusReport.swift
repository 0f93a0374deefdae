import JSONBytes

/// What `berth status` prints: one aligned table per kind.
struct StatusReport {
    private let answer: JSONValue

    init(_ answer: JSONValue) { self.answer = answer }

    var lines: [String] {
        table(
            "Hosts", "hosts",
            ["ID", "CAPACITY", "STATUS", "CONNECTED", "TASKS", "BLOCK"],
            ["id", "capacity", "status", "connected", "tasks", "addressBlock"])
            + table(
                "Services", "services",
                ["SERVICE", "STATUS", "DESIRED", "RUNNING", "PENDING", "TASK DEFINITION"],
                ["service", "status", "desiredCount", "runningCount", "pendingCount", "taskDefinition"])
            + table(
                "Tasks", "tasks", ["TASK", "STATUS", "GROUP", "HOST", "ADDRESS"],
                ["task", "lastStatus", "group", "host", "address"])
            + rules
            + table(
                "Kept without effect", "accepted", ["RESOURCE", "SETTING", "WHY"], ["resource", "setting", "reason"])
    }

    /// Nothing where there are none: most installations have no rules.
    private var rules: [String] {
        guard answer["rules"]?.array?.isEmpty == false else { return [] }
        return table(
            "Rules of events", "rules", ["RULE", "STATE", "TARGETS", "WAITING", "FAILED", "LAST FAILURE"],
            ["rule", "state", "targets", "waiting", "failed", "lastFailure"])
    }

    private func table(_ title: String, _ member: String, _ heads: [String], _ keys: [String]) -> [String] {
        let rows = (answer[member]?.array ?? []).map { row in keys.map { Self.text(row[$0]) } }
        return TextTable(title, heads, rows).lines
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .array(let values): values.map { text($0) }.joined(separator: ",")
        case .null, .object, nil: "-"
        }
    }
}
