import Balancer

extension ConfigurationWriter {
    /// A backend for each action that the load balancer answers itself.
    func answers(_ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ text: inout ConfigurationText) {
        for rule in listener.rules {
            answer(rule.action, Names.rule(rule.id), .rule(rule.id, listener: listener.id), listener, balancer, &text)
        }
        answer(listener.defaultAction, Names.defaultRule, .listener(listener.id), listener, balancer, &text)
    }

    private func answer(
        _ action: BalancerAction, _ rule: String, _ subject: BalancerRefusal.Subject, _ listener: ListenerPlan,
        _ balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) {
        guard !text.hasRefused(subject) else { return }
        text.attempt(subject) { text throws(Unwritable) in
            guard let kind = action.answerKind else { return }
            text.section("backend \(Names.answer(kind, balancer.id, listener.id, rule))")
            text.add(try answer(action, listener, &text))
        }
    }

    /// What the backend of an action does; nothing for a forward.
    func answer(
        _ action: BalancerAction, _ listener: ListenerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) -> [String] {
        switch action {
        case .forward: []
        case .fixed(let response): [try fixed(response, &text)]
        case .redirect(let redirect): try Self.redirect(redirect, isTLS: listener.transport != .plain)
        }
    }

    /// The body comes from a file: it may hold any byte and be longer than a line.
    private func fixed(_ response: FixedResponse, _ text: inout ConfigurationText) throws(Unwritable) -> String {
        guard (200...599).contains(response.status) else { throw Unwritable("status \(response.status)") }
        guard !response.body.isEmpty else { return "http-request return status \(response.status)" }
        guard response.body.utf8.count <= 16384 else { throw Unwritable("a body of more than 16 KiB") }
        let path = files.body(Word.mark(response.body))
        text.keep(response.body, in: path)
        return "http-request return status \(response.status) "
            + "content-type \(try Word.escaped(response.contentType)) file \(path)"
    }

    private static func redirect(_ redirect: RedirectAction, isTLS: Bool) throws(Unwritable) -> [String] {
        let scheme = format(redirect.protocol, isTLS).lowercased()
        let start = "\(scheme)://\(format(redirect.host, isTLS)):\(format(redirect.port, isTLS))"
        let location = start + format(redirect.path, isTLS) + "%[var(txn.query)]"
        let query = try Word.escaped(format(redirect.query, isTLS))
        return [
            "http-request set-var(txn.path) path,bytes(1)",
            "http-request set-var-fmt(txn.rest) \(query)",
            "http-request set-var-fmt(txn.query) ?%[var(txn.rest)] if { var(txn.rest) -m len gt 0 }",
            "http-request set-var-fmt(txn.location) \(try Word.escaped(location))",
            "http-request redirect location %[var(txn.location)] code \(redirect.isPermanent ? 301 : 302)",
        ]
    }

    /// Text with ELB's placeholders as a format of HAProxy.
    private static func format(_ text: String, _ isTLS: Bool) -> String {
        let values = [
            "protocol": isTLS ? "https" : "http", "host": "%[req.hdr(host),host_only]", "port": "%[dst_port]",
            "path": "%[var(txn.path)]", "query": "%[query]",
        ]
        var format = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "#") {
            format += Word.literal(String(rest[..<start]))
            let tail = rest[start...]
            if let match = values.first(where: { tail.hasPrefix("#{\($0.key)}") }) {
                format += match.value
                rest = tail.dropFirst(match.key.count + 3)
            } else {
                format += "#"
                rest = tail.dropFirst()
            }
        }
        return format + Word.literal(String(rest))
    }
}

extension BalancerAction {
    /// nil for a forward.
    var answerKind: Names.AnswerKind? {
        switch self {
        case .forward: nil
        case .fixed: .fixed
        case .redirect: .redirect
        }
    }
}
