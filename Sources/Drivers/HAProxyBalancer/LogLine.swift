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
        var time: Int
        var client: String
        var target: String
        var requestTime: Int
        var responseTime: Int
        var cipher: String
        var version: String
        var request: String
        var trace: String
        var agent: String
    }

    /// The format that `init` reads. What a client can choose stands last, behind tabs, which no other field can have.
    static func format(hasDetails: Bool, isHTTP: Bool) -> String {
        let short = "R %pid %f %b %s " + (isHTTP ? "%ST %Tr" : "-1 -1") + " %U %B"
        guard hasDetails else { return short }
        let times = isHTTP ? "%Tw %Td" : "%Tw %Tt"
        let client = "%Ts %ms %ci:%cp %[dst]:%[dst_port] %si:%sp \(times) %sslc %sslv"
        let texts = isHTTP ? "\\t%[var(txn.url)]\\t%[var(txn.trace),lower]\\t%[var(txn.agent)]" : "\\t\\t\\t"
        return "\(short) \(client)\(texts)"
    }

    init?(_ line: Substring) {
        let texts = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false)
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
        if words.count >= 18, texts.count == 4 { details = Details(words, texts) }
    }
}

extension LogLine.Details {
    fileprivate init(_ words: [Substring], _ texts: [Substring]) {
        func text(_ index: Int) -> String { texts[index] == "-" ? "" : String(texts[index]) }
        time = (Int(words[9]) ?? 0) &* 1000 &+ (Int(words[10]) ?? 0)
        client = String(words[11])
        target = String(words[13])
        requestTime = Int(words[14]) ?? -1
        responseTime = Int(words[15]) ?? -1
        cipher = String(words[16])
        version = String(words[17])
        request = text(1)
        trace = text(2)
        agent = text(3)
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
        time = details.time
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
