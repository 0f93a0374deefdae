/// Who asked, over UDP.
struct Asker: Hashable, Sendable {
    var address: UInt32
    var port: UInt16
}

/// What was passed on and not answered yet, by the socket that it went out by: each has its own, so that its port is hard to
/// guess.
struct OpenQueries: Sendable {
    struct Query: Sendable {
        var asker: Asker
        var question: DNSQuestion
        var message: [UInt8]
        /// Servers that were asked, the last included.
        var tries: Int
        /// Milliseconds on the resolver's clock, until which the last is waited for.
        var deadline: Int
    }

    /// Each takes a socket and up to 4 KiB; clients ask again after some seconds.
    static let most = 512
    /// Of one address, so that no task keeps the others from asking.
    static let mostOfOne = 64
    /// Milliseconds for one server. Clients wait for 5 s in all.
    static let patience = 1500

    private var queries: [Int32: Query] = [:]
    private var counts: [UInt32: Int] = [:]

    var sockets: [Int32] { Array(queries.keys) }

    subscript(_ socket: Int32) -> Query? { queries[socket] }

    /// Whether one more may be passed on.
    func hasRoom(for asker: Asker) -> Bool {
        queries.count < Self.most && counts[asker.address, default: 0] < Self.mostOfOne
    }

    mutating func open(_ socket: Int32, _ query: Query) {
        _ = close(socket)
        queries[socket] = query
        counts[query.asker.address, default: 0] += 1
    }

    mutating func close(_ socket: Int32) -> Query? {
        guard let query = queries.removeValue(forKey: socket) else { return nil }
        counts[query.asker.address, default: 1] -= 1
        if counts[query.asker.address] == 0 { counts[query.asker.address] = nil }
        return query
    }

    /// Takes out those whose server did not answer in time.
    mutating func overdue(_ now: Int) -> [(socket: Int32, query: Query)] {
        queries.filter { $0.value.deadline <= now }.keys.sorted().compactMap { socket in
            close(socket).map { (socket, $0) }
        }
    }

    /// Milliseconds until the next is overdue; nil when none waits.
    func rest(_ now: Int) -> Int? { queries.values.map { max(0, $0.deadline &- now) }.min() }
}
