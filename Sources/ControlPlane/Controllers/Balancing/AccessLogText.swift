import AWSWire
import Balancer
import Domain
import Identifiers
import StateStore

/// A line of an access log as Elastic Load Balancing writes it.
///
/// What nobody here knows is `-`: which of several certificates was presented, and the id of the connection.
/// - Source: User Guide for Application Load Balancers, "Access log entries"; for Network Load Balancers, likewise
enum AccessLogText {
    /// nil for what ELB writes no line about: connections without TLS at a network load balancer.
    static func line(_ entry: AccessLogEntry, in state: StateSnapshot) -> (LoadBalancerID, String)? {
        guard let id = LoadBalancerID(arn: entry.loadBalancer) else { return nil }
        let listener = ListenerID(arn: entry.listener).flatMap { state.listeners[$0] }
        switch id.kind {
        case .application: return (id, request(entry, id, listener, state))
        case .network: return entry.tlsProtocol == "-" ? nil : (id, connection(entry, id, listener))
        }
    }

    private static func request(
        _ entry: AccessLogEntry, _ id: LoadBalancerID, _ listener: ListenerRecord?, _ state: StateSnapshot
    ) -> String {
        let target = known(entry.target), targetStatus = number(entry.targetStatus)
        let trace = entry.traceID.isEmpty ? "-" : "Root=\(entry.traceID)"
        var fields = [
            kind(entry, state), time(entry.time), "\(id.kind.rawValue)/\(id.name)/\(id.suffix)", entry.client, target,
        ]
        fields += [entry.requestTime, entry.targetTime, entry.responseTime].map(seconds)
        fields += [number(entry.status), targetStatus, String(entry.bytesIn), String(entry.bytesOut)]
        fields += [quoted(entry.request.isEmpty ? "- - - " : entry.request), quoted(entry.userAgent)]
        fields += [
            entry.tlsCipher, entry.tlsProtocol, entry.targetGroup ?? "-", quoted(trace), quoted(entry.serverName),
        ]
        fields += [quoted(certificate(listener)), priority(entry, state), time(entry.createdAt)]
        fields += [quoted(action(entry.action)), quoted(entry.redirect), "\"-\"", quoted(target), quoted(targetStatus)]
        return (fields + ["\"-\"", "\"-\"", "-"]).joined(separator: " ")
    }

    private static func connection(_ entry: AccessLogEntry, _ id: LoadBalancerID, _ listener: ListenerRecord?) -> String
    {
        // Neither fractions nor a zone, and `TLSv12`.
        func time(_ milliseconds: Int) -> String { String(ISO8601.seconds(Int64(milliseconds)).dropLast()) }
        var fields = ["tls", "2.0", time(entry.time), "\(id.kind.rawValue)/\(id.name)/\(id.suffix)"]
        fields += [
            listener?.id.suffix ?? "-", entry.client, known(entry.target), String(entry.time &- entry.createdAt),
        ]
        fields += [String(entry.handshakeTime), String(entry.bytesIn), String(entry.bytesOut), "-"]
        fields += [certificate(listener), "-", entry.tlsCipher, entry.tlsProtocol.filter { $0 != "." }, "-"]
        // No quotes here: not even a space may be in a name.
        func word(_ text: String) -> String { known(escaped(text).replacing(" ", with: "\\x20")) }
        fields += [word(entry.serverName), word(entry.alpn), "-", "-", time(entry.createdAt)]
        return fields.joined(separator: " ")
    }

    private static func kind(_ entry: AccessLogEntry, _ state: StateSnapshot) -> String {
        let isTLS = entry.tlsProtocol != "-"
        if entry.status == 101 { return isTLS ? "wss" : "ws" }
        guard isTLS else { return "http" }
        guard entry.request.hasSuffix(" HTTP/2.0") else { return "https" }
        let group = entry.targetGroup.flatMap(TargetGroupID.init(arn:)).flatMap { state.targetGroups[$0] }
        return group?.protocolVersion == .grpc ? "grpcs" : "h2"
    }

    /// 0 for the listener's own action; `-` for a request that never came to a rule.
    private static func priority(_ entry: AccessLogEntry, _ state: StateSnapshot) -> String {
        guard entry.action != nil else { return "-" }
        guard let rule = entry.rule else { return "0" }
        return ListenerRuleID(arn: rule).flatMap { state.listenerRules[$0] }.map { String($0.priority) } ?? "-"
    }

    private static func action(_ action: AccessLogEntry.Action?) -> String {
        switch action {
        case .forward: "forward"
        case .fixedResponse: "fixed-response"
        case .redirect: "redirect"
        case nil: "-"
        }
    }

    private static func certificate(_ listener: ListenerRecord?) -> String {
        guard let listener, listener.certificates.count == 1 else { return "-" }
        return listener.certificates[0].arn
    }

    private static func time(_ milliseconds: Int) -> String {
        // Microseconds, of which nobody knows the last three digits.
        String(ISO8601.milliseconds(Int64(milliseconds)).dropLast()) + "000Z"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        guard milliseconds >= 0 else { return "-1" }
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func number(_ number: Int?) -> String { number.map(String.init) ?? "-" }

    private static func known(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? "-" }

    private static func quoted(_ text: String) -> String { "\"\(known(escaped(text)))\"" }

    /// What a client chose cannot end a field or a line.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\x22"
            case "\\": escaped += "\\x5c"
            case _ where scalar.value < 32 || scalar.value == 127:
                escaped += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
