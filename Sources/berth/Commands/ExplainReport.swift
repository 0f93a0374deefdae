import JSONBytes

/// What `berth explain` prints: how the task or service stands, and hosts by filters for what waits.
struct ExplainReport {
    private let answer: JSONValue

    init(_ answer: JSONValue) { self.answer = answer }

    var lines: [String] {
        [(answer["subject"]?.string ?? "").capitalizedFirst + "."] + texts(answer["text"])
            + (answer["waiting"]?.array ?? []).flatMap(waiting)
    }

    private func waiting(_ waiting: JSONValue) -> [String] {
        let count = waiting["count"]?.integer ?? 1
        let others = count > 1 ? " and \(count - 1) like it" : ""
        let hosts = waiting["hosts"]?.array ?? []
        let filters = (hosts.first?["checks"]?.array ?? []).map { text($0["filter"]) }
        let table = TextTable(
            "Hosts", ["HOST"] + filters.map { $0.uppercased() } + ["FIRST REFUSAL"], hosts.map(row))
        let shown = Int64(hosts.count)
        let more = (waiting["hostCount"]?.integer ?? shown) - shown
        return ["", "Task \(text(waiting["task"]))\(others) needs \(needs(waiting["needs"]))."] + table.lines
            + (more > 0 ? ["  and \(more) further ones"] : []) + ["Nearest fix:"]
            + nearest(waiting).map { "  " + $0 }
    }

    private func nearest(_ waiting: JSONValue) -> [String] {
        let admitting = texts(waiting["admitting"])
        guard admitting.isEmpty else {
            return ["None is needed: \(admitting.joined(separator: ", ")) would admit it now."]
        }
        return texts(waiting["nearest"])
    }

    private func row(_ host: JSONValue) -> [String] {
        let checks = host["checks"]?.array ?? []
        let first = checks.first { $0["admits"]?.boolean == false }
        return [text(host["host"])] + checks.map { $0["admits"]?.boolean == true ? "ok" : "no" }
            + [first.map { "\(text($0["filter"])): \(text($0["problem"]))" } ?? "-"]
    }

    private func needs(_ needs: JSONValue?) -> String {
        var parts = ["\(needs?["cpu"]?.integer ?? 0) CPU units", "\(needs?["memory"]?.integer ?? 0) MiB"]
        let ports = texts(needs?["ports"])
        if !ports.isEmpty { parts.append("host ports \(ports.joined(separator: " "))") }
        let attributes = texts(needs?["attributes"])
        if !attributes.isEmpty { parts.append("\(attributes.count) attributes") }
        parts += texts(needs?["constraints"])
        if let host = needs?["pinnedTo"]?.string { parts.append("host \(host)") }
        parts.append(
            needs?["capacityProvider"]?.string.map { "capacity provider \($0)" } ?? text(needs?["launchType"]))
        return parts.joined(separator: ", ")
    }

    private func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }

    private func text(_ value: JSONValue?) -> String { value?.string ?? "-" }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
