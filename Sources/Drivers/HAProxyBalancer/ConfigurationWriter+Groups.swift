import Balancer

extension ConfigurationWriter {
    func write(_ group: TargetGroupPlan, _ text: inout ConfigurationText) {
        let subject = BalancerRefusal.Subject.targetGroup(group.id)
        var wasWritten = false
        text.attempt(subject) { text throws(Unwritable) in
            if let reason = excluded[subject] { throw Unwritable(reason) }
            try backend(group, &text)
            wasWritten = true
        }
        // Forwards name it, so it must be there.
        if !wasWritten {
            text.section("backend \(Names.group(group.id))")
            text.add(group.kind == .application ? ["http-request return status 503"] : ["mode tcp"])
        }
    }

    private func backend(_ group: TargetGroupPlan, _ text: inout ConfigurationText) throws(Unwritable) {
        let isHTTP = group.kind == .application
        for target in group.targets { _ = try Address.word(target.address, target.port) }
        text.section("backend \(Names.group(group.id))")
        text.add(
            "mode \(isHTTP ? "http" : "tcp")",
            // Backups are the same targets unchecked: with no healthy one all take traffic.
            "option allbackups",
            "timeout server \(try Self.seconds(timeout(of: group), "idle timeout"))",
            "timeout tunnel \(try Self.seconds(timeout(of: group), "idle timeout"))")
        text.add(balance(group))
        if isHTTP { try http(group, &text) }
        try check(group, &text)
        let words = try server(group)
        let slots = slots[group.id] ?? Slots()
        for (index, slot) in slots.places.enumerated() { text.add(try servers(index, slot, words)) }
    }

    private func timeout(of group: TargetGroupPlan) -> Int { timeouts[group.id] ?? 60 }

    private func balance(_ group: TargetGroupPlan) -> [String] {
        if group.stickiness == .sourceIP { return ["balance source", "hash-type consistent"] }
        switch group.algorithm {
        case .roundRobin: return ["balance roundrobin"]
        case .leastOutstandingRequests: return ["balance leastconn"]
        case .random: return ["balance random(1)"]
        }
    }

    /// ELB's own answers, and stickiness by cookies that name a place.
    private func http(_ group: TargetGroupPlan, _ text: inout ConfigurationText) throws(Unwritable) {
        text.add(
            // A target's own 503 stays, and that for want of targets; for one that took no connection ELB says 502.
            "http-response set-var(txn.answered) bool(true) if { status 503 }",
            "http-after-response set-status 502 reason Bad\\x20Gateway if { status 503 } { srv_id gt 0 } "
                + "!{ var(txn.answered) -m found }")
        switch group.stickiness {
        case .none, .sourceIP: return
        case .balancerCookie(let seconds): stick("AWSALB", seconds, "", &text)
        case .applicationCookie(let name, let seconds):
            stick("AWSALBAPP-0", seconds, " { res.cook(\(try Word.token(name))) -m found }", &text)
        }
    }

    private func stick(_ cookie: String, _ seconds: Int, _ also: String, _ text: inout ConfigurationText) {
        text.add(
            "use-server %[req.cook(\(cookie))] if { req.cook(\(cookie)) -m reg ^s[0-9]+$ }",
            "http-response add-header Set-Cookie "
                + "\(cookie)=%[srv_name];\\x20Max-Age=\(seconds);\\x20Path=/ if { srv_name -m beg s }\(also)")
    }

    private func check(_ group: TargetGroupPlan, _ text: inout ConfigurationText) throws(Unwritable) {
        let check = group.check
        text.add("timeout check \(try Self.seconds(check.timeout, "timeout of the health check"))")
        guard check.kind != .tcp else { return }
        guard !check.codes.isEmpty, check.path.hasPrefix("/") else {
            throw Unwritable("a health check without codes or with the path \(check.path.debugDescription)")
        }
        let path = try Word.escaped(check.path)
        text.add("option httpchk")
        if group.kind == .application, group.version == .grpc {
            let codes = Set(check.codes.flatMap { Array($0.clamped(to: 0...99)) }).sorted().map(String.init)
            text.add(
                "http-check send meth POST uri \(path) ver HTTP/2 hdr Host localhost hdr Content-Type application/grpc "
                    + "hdr TE trailers",
                "http-check expect hdr name grpc-status value -m reg "
                    + (try Word.escaped("^(\(codes.joined(separator: "|")))$")))
        } else {
            let codes = check.codes.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
            text.add(
                "http-check send meth GET uri \(path) ver HTTP/1.1 hdr Host localhost "
                    + "hdr User-Agent ELB-HealthChecker/2.0",
                "http-check expect status \(codes)")
        }
    }

    /// What stands behind the address of a checked server, and of an unchecked one.
    private func server(_ group: TargetGroupPlan) throws(Unwritable) -> (checked: String, open: String) {
        var words = ""
        let speaksHTTP2 = group.kind == .application && group.version != .http1
        if group.transport == .tls { words += " ssl verify none" + (speaksHTTP2 ? " alpn h2" : "") }
        if speaksHTTP2, group.transport == .plain { words += " proto h2" }
        if group.sendsProxyProtocol, group.kind == .network { words += " send-proxy-v2" }
        let check = group.check
        var checked = words + " check inter \(try Self.seconds(check.interval, "interval of the health check"))"
        guard check.healthyThreshold > 0, check.unhealthyThreshold > 0 else { throw Unwritable("a threshold of 0") }
        checked += " rise \(check.healthyThreshold) fall \(check.unhealthyThreshold)"
        if let port = check.port {
            guard (1...65535).contains(port) else { throw Unwritable("\(port) is not a port") }
            checked += " port \(port)"
        }
        switch (check.kind, group.transport) {
        case (.https, _): checked += " check-ssl verify none" + (speaksHTTP2 ? " check-alpn h2" : "")
        case (.http, .tls), (.tcp, .tls): checked += " no-check-ssl"
        default: break
        }
        if group.slowStart > 0 { checked += " slowstart \(try Self.seconds(group.slowStart, "slow start"))" }
        return (checked, words + " backup")
    }

    private func servers(
        _ index: Int, _ slot: Slot?, _ words: (checked: String, open: String)
    ) throws(Unwritable) -> [String] {
        let names = (Names.checked(index), Names.open(index))
        guard let slot else {
            let nowhere = "\(Endpoint.nowhere.address):\(Endpoint.nowhere.port)"
            return [
                "server \(names.0) \(nowhere)\(words.checked) disabled",
                "server \(names.1) \(nowhere)\(words.open) disabled",
            ]
        }
        let address = try Address.word(slot.target.address, slot.target.port)
        let isActive = slot.target.state == .active
        return [
            "server \(names.0) \(address)\(words.checked)\(isActive ? "" : " disabled")",
            "server \(names.1) \(address)\(words.open)\(isActive && slot.isProven ? "" : " disabled")",
        ]
    }
}
