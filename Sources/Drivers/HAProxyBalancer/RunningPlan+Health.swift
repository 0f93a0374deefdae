import Balancer

extension RunningPlan {
    /// Each target as the worker's statistics show it.
    func health(in table: StatTable) -> [TargetHealth] {
        var rows: [String: [String: StatTable.Row]] = [:]
        for row in table.rows where row.proxy.hasPrefix("tg:") { rows[row.proxy, default: [:]][row.server] = row }
        return plan.targetGroups.flatMap { group -> [TargetHealth] in
            var places: [Endpoint: Int] = [:]
            let slots = slots[group.id] ?? Slots()
            for (index, slot) in slots.places.enumerated() { if let slot { places[Endpoint(slot.target)] = index } }
            return group.targets.map { target in
                var health = TargetHealth(group: group.id, target: target, state: .initial)
                if target.state == .draining {
                    health.state = .draining
                } else if let index = places[Endpoint(target)],
                    let row = rows[Names.group(group.id)]?[Names.checked(index)]
                {
                    health.failure = Self.failure(table, row)
                    let isUp = table.text(row, "status").hasPrefix("UP")
                    let isProven = slots.places[index]?.isProven ?? false
                    health.state = isUp ? .healthy : isProven ? .unhealthy : .initial
                }
                return health
            }
        }
    }

    /// - Source: HAProxy management guide, 9.1 "CSV format", check_status
    private static func failure(_ table: StatTable, _ row: StatTable.Row) -> TargetHealth.Failure? {
        // "* " stands before it while the next check runs.
        let status = table.text(row, "check_status").drop { $0 == "*" || $0 == " " }
        switch status {
        case "", "UNK", "INI", "L4OK", "L6OK", "L7OK", "L7OKC": return nil
        case "L4TOUT", "L6TOUT", "L7TOUT": return .timeout
        case "L7STS": return .code(table.number(row, "check_code"))
        default:
            let words = [table.text(row, "check_desc"), table.text(row, "last_chk")].filter { !$0.isEmpty }
            return .connection(words.joined(separator: ": "))
        }
    }
}
