import Balancer

extension ConfigurationWriter {
    func write(
        _ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ bound: inout Set<String>,
        _ text: inout ConfigurationText
    ) {
        let subject = BalancerRefusal.Subject.listener(listener.id)
        let taken = bound
        var words = Set<String>()
        text.attempt(subject) { text throws(Unwritable) in
            if let reason = excluded[subject] { throw Unwritable(reason) }
            text.section("frontend \(Names.listener(balancer.id, listener.id))")
            text.add("mode \(balancer.kind == .application ? "http" : "tcp")")
            let transport = try transport(listener, of: balancer, &text)
            for address in balancer.addresses {
                let word = try Address.word(address, listener.port)
                guard !taken.contains(word), words.insert(word).inserted else {
                    throw Unwritable("\(word) is another listener's")
                }
                text.add("bind \(word)\(transport)")
            }
            text.add(
                "bind unix@\(files.socket(balancer.id, listener.id)) accept-proxy mode 600\(transport)",
                "bind unix@\(files.again(balancer.id, listener.id)) accept-proxy mode 600",
                "timeout client \(try Self.seconds(balancer.idleTimeout, "idle timeout"))",
                "log global")
            switch balancer.kind {
            case .application: try http(listener, of: balancer, &text)
            case .network: try tcp(listener, of: balancer, &text)
            }
        }
        bound.formUnion(words)
        guard balancer.kind == .application, !text.hasRefused(subject) else { return }
        text.section("backend \(Names.again(balancer.id, listener.id))")
        text.add(
            // The successor's line tells of it.
            "http-request set-log-level silent",
            "server s1 unix@\(files.again(balancer.id, listener.id)) send-proxy-v2")
        answers(listener, of: balancer, &text)
    }

    static func seconds(_ seconds: Int, _ what: String) throws(Unwritable) -> String {
        // HAProxy takes no longer time than 2^31 ms.
        guard (1...2_000_000).contains(seconds) else { throw Unwritable("\(what): \(seconds) seconds") }
        return "\(seconds)s"
    }

    /// What stands behind an address in `bind`.
    private func transport(
        _ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) -> String {
        guard case .tls(let tls) = listener.transport else { return "" }
        guard !tls.certificates.isEmpty else { throw Unwritable("it has no certificate") }
        var paths: [String] = []
        for (index, certificate) in tls.certificates.enumerated() {
            let path = files.certificate("\(Word.name(listener.id))-\(index)-\(Word.mark(certificate)).pem")
            text.keep(certificate, in: path)
            paths.append(path)
        }
        let list = paths.map { $0 + "\n" }.joined()
        let listPath = files.certificate("\(Word.name(listener.id))-\(Word.mark(list)).list")
        text.keep(list, in: listPath)
        let usual = balancer.kind == .network ? [] : balancer.http.hasHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        var alpn: [String] = []
        for name in tls.alpn.isEmpty ? usual : tls.alpn { alpn.append(try Self.alpn(name)) }
        return " ssl crt-list \(listPath) ssl-min-ver \(tls.minimum.rawValue) ssl-max-ver \(tls.maximum.rawValue)"
            + (alpn.isEmpty ? "" : " alpn \(alpn.joined(separator: ","))")
    }

    private static func alpn(_ name: String) throws(Unwritable) -> String {
        guard !name.isEmpty, !name.contains(",") else { throw Unwritable("ALPN name \(name.debugDescription)") }
        return try Word.escaped(name)
    }

    // MARK: HTTP

    private func http(
        _ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        let idle = try Self.seconds(balancer.idleTimeout, "idle timeout")
        text.add(
            "timeout http-request \(idle)",
            "timeout http-keep-alive \(idle)",
            "option dontlognull",
            "log-format \"\(LogLine.format(hasDetails: balancer.hasAccessLog, isHTTP: true))\"")
        // An old worker, whose targets nobody changes any more, passes the requests of kept connections on to its successor, as
        // they came.
        text.add("http-request allow if { stopping }")
        if balancer.http.dropsInvalidHeaders {
            text.add("http-request del-header ^.*[^-A-Za-z0-9].*$ -m reg")
        }
        forwardedFor(balancer.http, &text)
        let isTLS = listener.transport != .plain
        text.add(
            "http-request set-header X-Forwarded-Proto \(isTLS ? "https" : "http")",
            "http-request set-header X-Forwarded-Port \(listener.port)")
        if isTLS, balancer.http.forwardsTLSParameters {
            text.add(
                "http-request set-header x-amzn-tls-version %[ssl_fc_protocol] if { ssl_fc }",
                "http-request set-header x-amzn-tls-cipher-suite %[ssl_fc_cipher] if { ssl_fc }")
        }
        traceID(isLogged: balancer.hasAccessLog, &text)
        if balancer.hasAccessLog {
            text.add(
                "http-request set-var(txn.agent) req.fhdr(User-Agent)",
                "http-request set-var-fmt(txn.ask) ?%[query] if { query -m found }",
                "http-request set-var-fmt(txn.url) %[method]\\x20\(isTLS ? "https" : "http")://%[req.hdr(host),host_only,word(1,\\t)]:\(listener.port)%[path]%[var(txn.ask)]\\x20HTTP/%[req.ver]"
            )
        }
        text.add("use_backend \(Names.again(balancer.id, listener.id)) if { stopping }")
        try rules(listener, of: balancer, &text)
    }

    private func forwardedFor(_ options: HTTPOptions, _ text: inout ConfigurationText) {
        switch options.forwardedFor {
        case .preserve: return
        case .remove: text.add("http-request del-header X-Forwarded-For")
        case .append:
            let client = options.forwardsClientPort ? "%ci:%cp" : "%ci"
            let name = "X-Forwarded-For"
            text.add(
                "http-request set-header \(name) %[req.fhdr(\(name))],\\x20\(client) if { req.fhdr(\(name)) -m found }",
                "http-request add-header \(name) \(client) if !{ req.fhdr(\(name)) -m found }")
        }
    }

    /// `Root=1-…` for a request that has none; else the request's own stays, and `Self=1-…` says when we saw it.
    ///
    /// - Source: User Guide for Application Load Balancers, "Request tracing"
    private func traceID(isLogged: Bool, _ text: inout ConfigurationText) {
        let name = "X-Amzn-Trace-Id"
        let part = "hex,bytes(8),lower"
        var trace = "1-%[date,\(part)]-%[rand,\(part)]%[rand,\(part)]%[rand,\(part)]"
        if isLogged {
            text.add("http-request set-var-fmt(txn.trace) \(trace)")
            trace = "%[var(txn.trace)]"
        }
        text.add(
            "http-request set-var(txn.root) req.fhdr(\(name))",
            // The usual case first, for its speed.
            "http-request set-header \(name) Root=\(trace) if !{ var(txn.root) -m found }",
            "http-request set-header \(name) Self=\(trace);%[var(txn.root)] if { var(txn.root) -m sub Root= }",
            "http-request set-header \(name) Root=\(trace);%[var(txn.root)] "
                + "if { var(txn.root) -m found } !{ var(txn.root) -m sub Root= }")
    }

    // MARK: TCP

    private func tcp(
        _ listener: ListenerPlan, of balancer: LoadBalancerPlan, _ text: inout ConfigurationText
    ) throws(Unwritable) {
        guard listener.rules.isEmpty, case .forward(let forward) = listener.defaultAction else {
            throw Unwritable("a network load balancer only forwards")
        }
        text.add("log-format \"\(LogLine.format(hasDetails: balancer.hasAccessLog, isHTTP: false))\"")
        if forward.groups.count > 1 {
            text.add("tcp-request content set-var(sess.dice) rand(\(Weights.whole))")
        }
        try route(forward, Names.defaultRule, "", listener, of: balancer, &text)
    }
}
