import Balancer

/// One line of HAProxy about a request, or about a connection at a network load balancer.
struct LogLine: Hashable {
    var worker: Int32
    var frontend: String
    var backend: String
    /// nil when no server was chosen.
    var server: String?
    var status: Int?
    /// Milliseconds until the target's headers; nil when they did not come.
    var latency: Int?
    var bytesIn: Int
    var bytesOut: Int
    var details: Details?

    struct Details: Hashable {
        var createdAt: Int
        var time: Int
        var client: String
        var target: String
        var handshakeTime: Int
        var requestTime: Int
        var responseTime: Int
        var cipher: String
        var version: String
        var request: String
        var trace: String
        var agent: String
        var rule: String
        var location: String
        var serverName: String
        var alpn: String
    }

    /// The format that `init` reads. What a client can choose stands last, behind tabs, which no other field can have.
    static func format(hasDetails: Bool, isHTTP: Bool) -> String {
        let short = "R %pid %f %b %s " + (isHTTP ? "%ST %Tr" : "-1 -1") + " %U %B"
        guard hasDetails else { return short }
        // Both sides of the connection; then when it was made, and its parts: handshake, waiting for the request, its
        // headers, a place and a connection to the target, the answer's body, and all of it.
        let waits = isHTTP ? "%Ti %TR" : "0 0"
        let client = "%ci:%cp %si:%sp %Ts %ms %Th \(waits) %Tw %Tc %Td %Tt %sslc %sslv"
        let request = ["var(txn.rule)", "var(txn.trace)", "var(txn.url)", "var(txn.location)"]
        var texts = isHTTP ? request.map { "%[\($0)]" } : request.map { _ in "-" }
        // A client's own name for itself may hold tabs: it is the last.
        texts += ["%[ssl_fc_sni]", "%[ssl_fc_alpn]", isHTTP ? "%[var(txn.agent)]" : "-"]
        return "\(short) \(client)" + texts.map { "\\t\($0)" }.joined()
    }

    init?(_ line: Substring) {
        let texts = line.split(separator: "\t", maxSplits: 7, omittingEmptySubsequences: false)
        let words = (texts.first ?? "").split(separator: " ")
        guard words.count >= 9, words[0] == "R", let worker = Int32(words[1]), let bytesIn = Int(words[7]),
            let bytesOut = Int(words[8])
        else { return nil }
        self.worker = worker
        // TLS is marked with "~".
        frontend = String(words[2].last == "~" ? words[2].dropLast() : words[2])
        backend = String(words[3])
        server = words[4] == "<NOSRV>" ? nil : String(words[4])
        status = Int(words[5]).flatMap { $0 > 0 ? $0 : nil }
        latency = Int(words[6]).flatMap { $0 >= 0 ? $0 : nil }
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        // HAProxy cuts a line at 4 KiB: it lacks what stands last.
        if words.count >= 22, texts.count > 1 {
            details = Details(words, texts + Array(repeating: "-", count: 8 - texts.count))
        }
    }
}

extension LogLine.Details {
    fileprivate init(_ words: [Substring], _ texts: [Substring]) {
        func text(_ index: Int) -> String { texts[index] == "-" ? "" : String(texts[index]) }
        func number(_ index: Int) -> Int { Int(words[index]) ?? -1 }
        client = String(words[9])
        target = String(words[10])
        let madeAt = (number(11) &* 1000) &+ number(12)
        handshakeTime = max(number(13), 0)
        // A kept connection was idle before its next request.
        createdAt = madeAt &+ handshakeTime &+ max(number(14), 0)
        let parts = [number(15), number(16), number(17)]
        requestTime = parts.contains(-1) ? -1 : parts.reduce(0, &+)
        responseTime = number(18)
        time = madeAt &+ max(number(19), 0)
        cipher = String(words[20])
        version = String(words[21])
        rule = text(1)
        trace = text(2)
        request = text(3)
        location = text(4)
        serverName = text(5)
        alpn = text(6)
        agent = text(7)
    }
}

extension AccessLogEntry {
    /// nil for a line without details.
    init?(_ line: LogLine) {
        guard let details = line.details, let listener = ProxyName.listener(line.frontend) else { return nil }
        self.init(loadBalancer: listener.balancer, listener: listener.listener)
        if line.server != nil, let group = ProxyName.group(line.backend) {
            targetGroup = group
            target = details.target
            targetStatus = line.latency == nil ? nil : line.status
        }
        if targetGroup != nil || line.backend.hasPrefix(Names.nowhere) || ProxyName.group(line.backend) != nil {
            action = .forward
        } else if let answer = ProxyName.answer(line.backend) {
            action = answer.kind == .fixed ? .fixedResponse : .redirect
        }
        if details.rule.hasPrefix("r") { rule = Word.id(details.rule.dropFirst()) }
        createdAt = details.createdAt
        time = details.time
        handshakeTime = details.handshakeTime
        client = details.client
        requestTime = details.requestTime
        targetTime = line.latency ?? -1
        responseTime = details.responseTime
        status = line.status
        bytesIn = line.bytesIn
        bytesOut = line.bytesOut
        request = details.request
        userAgent = details.agent
        traceID = details.trace
        redirect = details.location
        serverName = details.serverName
        alpn = details.alpn
        tlsCipher = details.cipher
        tlsProtocol = details.version
    }
}

/// Ids out of names.
enum ProxyName {
    static func group(_ name: String) -> String? {
        name.hasPrefix("tg:") ? Word.id(name.dropFirst(3)) : nil
    }

    /// The listener whose requests an old worker passed on by this backend.
    static func listener(passedOnBy name: String) -> String? {
        name.hasPrefix("again:") ? "ls:" + name.dropFirst(6) : nil
    }

    /// The account of what targets answered for a load balancer; only the log has it.
    static func answers(for balancer: String) -> String { "at:" + Word.name(balancer) }

    static func answered(_ name: String) -> String? {
        name.hasPrefix("at:") ? Word.id(name.dropFirst(3)) : nil
    }

    static func listener(_ name: String) -> (balancer: String, listener: String)? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "ls", let balancer = Word.id(parts[1]), let listener = Word.id(parts[2])
        else { return nil }
        return (balancer, listener)
    }

    static func answer(_ name: String) -> (kind: Names.AnswerKind, balancer: String)? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let kind = Names.AnswerKind(rawValue: String(parts[0])),
            let balancer = Word.id(parts[1])
        else { return nil }
        return (kind, balancer)
    }
}
