import Balancer

extension ConfigurationWriter {
    /// Conditions and routes in the order of the rules: the first that holds decides.
    func rules(
        _ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        let forwards = listener.actions.compactMap { _, action in
            if case .forward(let forward) = action { forward } else { nil }
        }
        if forwards.contains(where: { $0.groups.count > 1 }) {
            text.add("http-request set-var(txn.dice) rand(\(Weights.whole))")
        }
        let isSticky = forwards.contains { $0.stickiness != nil && $0.groups.count > 1 }
        let isClaimed = isSticky || balancer.hasAccessLog
        for rule in listener.rules {
            let subject = BalancerRefusal.Subject.rule(rule.id, listener: listener.id)
            text.attempt(subject) { text throws(Unwritable) in
                if let reason = excluded[subject] { throw Unwritable(reason) }
                let name = Names.rule(rule.id)
                let conditions = try conditions(of: rule, name, &text)
                if isClaimed { claim(name, conditions, &text) }
                try act(rule.action, name, " if \(conditions)", listener, of: balancer, &text)
            }
        }
        if isClaimed { claim(Names.defaultRule, "", &text) }
        if isSticky {
            for (name, action) in listener.actions {
                if case .forward(let forward) = action { stick(forward, name, listener, &text) }
            }
        }
        try act(listener.defaultAction, Names.defaultRule, "", listener, of: balancer, &text)
    }

    /// Notes which rule is the first that holds, for what is done with the response.
    private func claim(_ name: String, _ conditions: String, _ text: inout ConfigurationText) {
        text.add("http-request set-var(txn.rule) str(\(name)) if !{ var(txn.rule) -m found } \(conditions)")
    }

    /// Gives the client the cookie by which it comes back to its group.
    private func stick(
        _ forward: ForwardAction, _ rule: String, _ listener: ListenerPlan, _ text: inout ConfigurationText
    ) {
        guard let seconds = forward.stickiness, forward.groups.count > 1 else { return }
        for group in forward.groups {
            let value = Self.groupMark(listener, rule, group.group)
            text.add(
                "http-response add-header Set-Cookie AWSALBTG=\(value);\\x20Max-Age=\(seconds);\\x20Path=/ "
                    + "if { var(txn.rule) -m str \(rule) } { be_name -m str \(Names.group(group.group)) }")
        }
    }

    private static func groupMark(_ listener: ListenerPlan, _ rule: String, _ group: String) -> String {
        Word.mark(Weights.key(listener.id, rule, group))
    }

    private func act(
        _ action: BalancerAction, _ rule: String, _ condition: String, _ listener: ListenerPlan,
        of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        if case .forward(let forward) = action {
            return try route(forward, rule, condition, listener, of: balancer, &text)
        }
        guard let kind = action.answerKind else { return }
        // Its backend stands elsewhere; what cannot be written there must not be named here.
        _ = try answer(action, listener, &text)
        text.add(Self.use(Names.answer(kind, balancer.id, listener.id, rule), condition))
    }

    private static func use(_ backend: String, _ condition: String) -> String {
        condition.isEmpty ? "default_backend \(backend)" : "use_backend \(backend)\(condition)"
    }

    /// Chooses among groups by their bounds in the map of weights; a sum of 0 leaves none.
    func route(
        _ forward: ForwardAction, _ rule: String, _ condition: String, _ listener: ListenerPlan,
        of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        let isHTTP = balancer.kind == .application
        let nowhere = isHTTP ? Names.nowhere : Names.nowhereTCP
        var backends: [String] = []
        for group in forward.groups {
            backends.append(try self.group(group.group, for: balancer.kind).map { Names.group($0.id) } ?? nowhere)
        }
        guard backends.count > 1 else {
            let isOff = forward.groups.first?.weight == 0
            return text.add(Self.use(isOff ? nowhere : backends.first ?? nowhere, condition))
        }
        let also = condition.isEmpty ? " if" : condition
        if isHTTP, forward.stickiness != nil {
            for (group, backend) in zip(forward.groups, backends) where backend != nowhere {
                let mark = Self.groupMark(listener, rule, group.group)
                text.add("use_backend \(backend)\(also) { req.cook(AWSALBTG) -m str \(mark) }")
            }
        }
        let dice = isHTTP ? "txn.dice" : "sess.dice"
        for (group, backend) in zip(forward.groups, backends) {
            let key = Weights.key(listener.id, rule, group.group)
            text.add(
                "use_backend \(backend)\(also) { str(\(key)),map_str_int(\(files.weights),0),sub(\(dice)) gt 0 }")
        }
        text.add(Self.use(nowhere, condition))
    }

    // MARK: Conditions

    /// One named test for each condition; the names stand side by side, so all must hold.
    private func conditions(
        of rule: RulePlan, _ name: String, _ text: inout ConfigurationText
    ) throws(Unwritable) -> String {
        var names: [String] = []
        for (index, condition) in rule.conditions.enumerated() {
            let test = "\(name).\(index)"
            let lines = try tests(of: condition)
            guard !lines.isEmpty else { throw Unwritable("a condition has no value") }
            text.add(lines.map { "acl \(test) \($0)" })
            names.append(test)
        }
        return names.isEmpty ? "TRUE" : names.joined(separator: " ")
    }

    /// One test for each value; any of them will do.
    private func tests(of condition: RuleCondition) throws(Unwritable) -> [String] {
        switch condition {
        case .host(let values): return try matches(values, "req.hdr(host),host_only -i")
        case .path(let values): return try matches(values, "path")
        case .header(let name, let values): return try matches(values, "req.fhdr(\(try Word.token(name))) -i")
        case .method(let values):
            var tests: [String] = []
            for value in values { tests.append("method -m str -- \(try Word.escaped(value))") }
            return tests
        case .query(let pairs):
            var tests: [String] = []
            for pair in pairs {
                let key = pair.key.map { Word.pattern($0, any: "[^&]") + "=" } ?? "([^&=]*=)?"
                let pattern = "(^|&)" + key + Word.pattern(pair.value, any: "[^&]") + "(&|$)"
                tests.append("query -i -m reg -- \(try Word.escaped(pattern))")
            }
            return tests
        case .sourceIP(let blocks):
            var tests: [String] = []
            for block in blocks { for part in try Address.blocks(block) { tests.append("src -- \(part)") } }
            // Blocks in which no client can be.
            return tests.isEmpty && !blocks.isEmpty ? ["always_false"] : tests
        }
    }

    /// The cheapest test that means the same.
    private func matches(_ values: [String], _ sample: String) throws(Unwritable) -> [String] {
        var tests: [String] = []
        for value in values {
            let body = value.dropLast()
            if !value.contains(where: { $0 == "*" || $0 == "?" }) {
                tests.append("\(sample) -m str -- \(try Word.escaped(value))")
            } else if value.last == "*", !body.isEmpty, !body.contains(where: { $0 == "*" || $0 == "?" }) {
                tests.append("\(sample) -m beg -- \(try Word.escaped(String(body)))")
            } else {
                tests.append("\(sample) -m reg -- \(try Word.escaped("^" + Word.pattern(value) + "$"))")
            }
        }
        return tests
    }
}
