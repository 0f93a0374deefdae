import Glibc

/// The resolver of one host's tasks: it knows the names of load balancers and passes all others on to the host's resolvers.
///
/// One thread and one loop; it serves until its process ends.
public struct Resolver {
    private let datagrams: Int32
    private let listener: Int32
    private let range: (network: UInt32, mask: UInt32)
    private var hosts: FollowedFile
    private var settings = FollowedFile("/etc/resolv.conf")
    private var names = KnownNames()
    private var servers: [String] = []
    private var open = OpenQueries()
    private var conversations: [Conversation] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Datagrams taken at once, so that nobody else waits for long.
    private static let burst = 64
    /// More are not asked, as libc does.
    private static let mostServers = 3

    /// - Parameters:
    ///   - address: of this host, at which it answers on port 53.
    ///   - range: in CIDR notation, the addresses that may ask.
    ///   - hosts: path of the names, in the form of `/etc/hosts`; it may be replaced at any time.
    /// - Throws: when the port is taken or the addresses are none.
    public init(address: String, range: String, hosts: String) throws(ResolverError) {
        let parts = range.split(separator: "/")
        guard let place = KnownNames.address(address[...]), parts.count == 2,
            let network = KnownNames.address(parts[0]), let length = Int(parts[1]), (1...32).contains(length)
        else {
            errno = EINVAL
            throw ResolverError("\(address), \(range)")
        }
        let mask = ~UInt32(0) << UInt32(32 - length)
        self.range = (network.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & mask, mask)
        self.hosts = FollowedFile(hosts)
        datagrams = try Sockets.bound(SOCK_DGRAM, place)
        listener = try Sockets.bound(SOCK_STREAM, place)
    }

    public mutating func run() throws(ResolverError) {
        while true {
            let now = Self.now()
            var polled = [pollfd(fd: datagrams, events: Int16(POLLIN), revents: 0)]
            if conversations.count < Conversation.most {
                polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            }
            polled += open.sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            for each in conversations.flatMap(\.events) {
                polled.append(pollfd(fd: each.socket, events: each.events, revents: 0))
            }
            let rests = [open.rest(now), conversations.map { max(0, $0.due &- now) }.min()].compactMap(\.self)
            guard poll(&polled, nfds_t(polled.count), rests.min().map { Int32(clamping: $0 &+ 1) } ?? -1) >= 0 else {
                if errno == EINTR { continue }
                throw ResolverError("poll")
            }
            look()
            let ready = Set(polled.filter { $0.revents != 0 }.map(\.fd))
            for socket in open.sockets where ready.contains(socket) { takeAnswer(socket) }
            if ready.contains(datagrams) { takeQuestions() }
            if ready.contains(listener) { takeClient() }
            goOn(ready)
            for (socket, query) in open.overdue(Self.now()) {
                close(socket)
                ask(query)
            }
        }
    }

    // MARK: What it knows

    private mutating func look() {
        if hosts.look() { names = KnownNames(hosts: hosts.text) }
        guard settings.look() else { return }
        servers = settings.text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
        }
        servers = Array(servers.prefix(Self.mostServers))
    }

    /// Nobody from elsewhere asks the host's resolvers by this one.
    private func isOurs(_ address: UInt32) -> Bool { address & range.mask == range.network }

    // MARK: Datagrams

    private mutating func takeQuestions() {
        for _ in 0..<Self.burst {
            guard let (count, asker) = Sockets.receive(datagrams, &buffer) else { return }
            guard isOurs(asker.address) else { continue }
            let message = Array(buffer[..<count])
            switch names.decide(message) {
            case .drop: continue
            case .answer(let bytes): Sockets.send(datagrams, bytes, to: asker)
            case .forward(let question):
                guard open.hasRoom(for: asker) else {
                    Sockets.send(datagrams, question.failure(), to: asker)
                    continue
                }
                ask(OpenQueries.Query(asker: asker, question: question, message: message, tries: 0, deadline: 0))
            }
        }
    }

    /// Passes a query on to the next server that can be asked; without one it has failed.
    private mutating func ask(_ query: OpenQueries.Query) {
        var query = query
        while query.tries < servers.count {
            let server = servers[query.tries]
            query.tries += 1
            guard let socket = Sockets.connected(SOCK_DGRAM, to: server) else { continue }
            guard send(socket, query.message, query.message.count, Int32(MSG_NOSIGNAL)) > 0 else {
                close(socket)
                continue
            }
            query.deadline = Self.now() &+ OpenQueries.patience
            return open.open(socket, query)
        }
        Sockets.send(datagrams, query.question.failure(), to: query.asker)
    }

    private mutating func takeAnswer(_ socket: Int32) {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { return }
        // What answers another query than this socket's is no answer.
        if count >= 12, let query = open[socket], !query.message.starts(with: buffer[..<2]) { return }
        guard let query = open.close(socket) else { return }
        close(socket)
        // Nobody listens there: the next.
        guard count >= 12 else { return ask(query) }
        Sockets.send(datagrams, buffer[..<count], to: query.asker)
    }

    // MARK: Streams

    private mutating func takeClient() {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        guard let address = Sockets.peer(client), isOurs(address) else {
            close(client)
            return
        }
        conversations.append(Conversation(client: client, now: Self.now()))
    }

    private mutating func goOn(_ ready: Set<Int32>) {
        let now = Self.now()
        for index in conversations.indices {
            let isReady = conversations[index].events.contains { ready.contains($0.socket) }
            if isReady || conversations[index].due <= now { conversations[index].proceed(names, servers, now: now) }
        }
        for each in conversations where each.isOver { each.close() }
        conversations.removeAll { $0.isOver }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1000 &+ time.tv_nsec / 1_000_000
    }
}
