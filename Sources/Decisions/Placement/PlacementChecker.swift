import Domain
import Identifiers

/// Asks every filter about hosts, for one task. `PlacementFilter` stops at the first that refuses; both say the same of it.
struct PlacementChecker {
    private let task: TaskRecord
    private let group: TaskGroup
    /// Each expression with what it reads as; nil when it cannot be read.
    private let queries: [(text: String, query: ClusterQuery?)]
    private var evaluator = ClusterQueryEvaluator()

    init(_ task: TaskRecord) {
        self.task = task
        group = TaskGroup(task)
        queries = task.placementConstraints.compactMap { constraint in
            guard case .memberOf(let text) = constraint else { return nil }
            return (text, try? ClusterQuery(text))
        }
    }

    private typealias Finding = (problem: String, remedies: [String])

    mutating func explain(_ explained: ExplainedHost) -> PlacementExplanation.Host {
        let checks = PlacementRefusal.allCases.map { filter in
            let finding = finding(filter, explained)
            return PlacementExplanation.Check(
                filter: filter, problem: finding?.problem, remedies: finding?.remedies ?? [])
        }
        let host = explained.host
        let room = host.room(forPinned: task.pinnedTo != nil)
        let shortage =
            Self.share(task.reservation.cpu.value, room.cpu.value, of: host.record.resources.cpu.value)
            + Self.share(task.reservation.memory.value, room.memory.value, of: host.record.resources.memory.value)
        return PlacementExplanation.Host(instance: host.record.id, checks: checks, shortage: shortage)
    }

    private static func share(_ needed: Int, _ left: Int, of all: Int) -> Double {
        max(0, Double(needed) - Double(left)) / Double(max(1, all))
    }

    private mutating func finding(_ filter: PlacementRefusal, _ explained: ExplainedHost) -> Finding? {
        let host = explained.host
        switch filter {
        case .inactive: return inactive(host)
        case .agent: return agent(host)
        case .cpu:
            return shortage("CPU units", host) { $0.cpu.value }
        case .memory:
            return shortage("MiB", host) { $0.memory.value }
        case .ports: return ports(explained)
        case .attribute: return attribute(host)
        case .memberOf: return memberOf(host)
        case .distinctInstance: return distinct(explained)
        }
    }

    private func inactive(_ host: PlacementHost) -> Finding? {
        guard host.record.status != .active else { return nil }
        return ("it is \(host.record.status.rawValue.uppercased())", ["it were ACTIVE"])
    }

    private func agent(_ host: PlacementHost) -> Finding? {
        guard !host.isConnected else { return nil }
        guard host.record.lostAt == nil else { return ("it was given up as lost", ["it came back"]) }
        return ("its agent is not connected", ["its agent were connected"])
    }

    private func shortage(_ unit: String, _ host: PlacementHost, _ amount: (Resources) -> Int) -> Finding? {
        let needed = amount(task.reservation), all = amount(host.record.resources)
        let left = amount(host.room(forPinned: task.pinnedTo != nil))
        guard needed > left else { return nil }
        let (lacking, isTooLarge) = needed.subtractingReportingOverflow(left)
        let kept = task.pinnedTo == nil ? amount(host.keptForDaemons) : 0
        let numbers = "needs \(needed) \(unit), \(left) left of \(all)" + (kept > 0 ? ", \(kept) kept for daemons" : "")
        let more = "it had \(isTooLarge ? Int.max : lacking) \(unit) more"
        return (numbers, [needed > all ? more + " (it has \(all) in all: the task is larger than the host)" : more])
    }

    private func ports(_ explained: ExplainedHost) -> Finding? {
        let taken = task.hostPorts.filter { !explained.host.has([$0], forPinned: task.pinnedTo != nil) }
        guard !taken.isEmpty else { return nil }
        var problems: [String] = []
        var remedies: [String] = []
        for port in taken {
            let name = "\(port.number)/\(port.transport.rawValue)"
            if let holder = explained.tasks.first(where: { $0.hostPorts.contains(port) }) {
                problems.append("port \(name) is held by task \(holder.id.id)")
                remedies.append("task \(holder.id.id), which holds port \(name), were stopped")
            } else if !explained.host.usedPorts.contains(port) {
                problems.append("port \(name) is kept for a daemon")
                remedies.append("no daemon that shall run there needed port \(name)")
            } else {
                problems.append("port \(name) is kept by the host")
                remedies.append("it did not keep port \(name) for itself")
            }
        }
        return (problems.joined(separator: ", "), remedies)
    }

    private func attribute(_ host: PlacementHost) -> Finding? {
        let missing = task.requiresAttributes.filter { host.attribute($0) == nil }
        guard !missing.isEmpty else { return nil }
        let names = missing.joined(separator: ", ")
        return ("it lacks \(names)", ["it had the attribute\(missing.count == 1 ? "" : "s") \(names)"])
    }

    private mutating func memberOf(_ host: PlacementHost) -> Finding? {
        var problems: [String] = []
        var remedies: [String] = []
        for (text, query) in queries {
            guard let query else {
                problems.append("'\(text)' cannot be read")
                remedies.append("the expression '\(text)' were one")
                continue
            }
            if evaluator.admits(host, query) { continue }
            problems.append("'\(text)' does not hold")
            remedies.append("'\(text)' held for it")
        }
        return problems.isEmpty ? nil : (problems.joined(separator: ", "), remedies)
    }

    private func distinct(_ explained: ExplainedHost) -> Finding? {
        guard task.placementConstraints.contains(.distinctInstance) else { return nil }
        let others = explained.tasks.filter { TaskGroup($0) == group }
        guard let other = others.first else { return nil }
        let count = others.count == 1 ? "task \(other.id.id)" : "\(others.count) tasks"
        return ("it runs \(count) of group \(group.name)", ["it ran no other task of group \(group.name)"])
    }
}
