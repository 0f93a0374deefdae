import Glibc

/// Questions of one client over TCP, one after another, for answers that no datagram holds.
struct Conversation {
    let client: Int32
    /// The server that is asked, once the question is known and nobody here has its answer.
    private(set) var server: Int32?
    private let port: UInt16
    private var asked: DNSQuestion?
    /// Who is asked when the one before does not answer.
    private var untried: ArraySlice<String> = []
    private var serverDeadline = 0
    private var question: [UInt8] = []
    private var toServer: [UInt8] = []
    private var answer: [UInt8] = []
    private var toClient: [UInt8] = []
    private let deadline: Int
    private(set) var isOver = false

    /// At a time. Each takes two sockets and up to 128 KiB.
    static let most = 64
    /// Milliseconds for all of it.
    static let patience = 5000

    init(client: Int32, now: Int, port: UInt16 = Sockets.port) {
        self.client = client
        self.port = port
        deadline = now &+ Self.patience
    }

    /// What is waited for at each socket.
    var events: [(socket: Int32, events: Int16)] {
        if !toClient.isEmpty { return [(client, Int16(POLLOUT))] }
        // What the client sends meanwhile waits; its end would wake us for nothing.
        guard let server else { return [(client, Int16(POLLIN))] }
        return [(server, Int16(toServer.isEmpty ? POLLIN : POLLOUT))]
    }

    /// Until when it is waited for that.
    var due: Int { isAsking ? min(serverDeadline, deadline) : deadline }

    private var isAsking: Bool { server != nil && toClient.isEmpty }

    /// Goes on as far as it can without waiting.
    ///
    /// - Parameter servers: who is asked, one after another until one answers.
    mutating func proceed(_ names: KnownNames, _ servers: [String], now: Int) {
        if deadline <= now { return end() }
        if isAsking, serverDeadline <= now { askNext(now) }
        repeat {
            if server == nil, toClient.isEmpty {
                if !Self.isWhole(question) {
                    let isOpen = Self.read(client, &question)
                    guard Self.isWhole(question) else { return isOpen ? () : end() }
                }
                begin(names, servers, now)
                if isOver { return }
            }
            while let server, toClient.isEmpty {
                guard Self.write(server, &toServer) else {
                    askNext(now)
                    continue
                }
                guard toServer.isEmpty else { return }
                let isOpen = Self.read(server, &answer)
                if Self.isWhole(answer) {
                    toClient = Self.first(of: answer)
                } else if isOpen {
                    return
                } else {
                    askNext(now)
                }
            }
            guard Self.write(client, &toClient) else { return end() }
            guard toClient.isEmpty else { return }
            next()
        } while Self.isWhole(question)
    }

    /// Clients may ask several things by one connection, as libc does for both kinds of addresses.
    ///
    /// - Source: RFC 7766, section 6.2.1
    private mutating func next() {
        question.removeFirst(Self.first(of: question).count)
        answer = []
        if let server { Glibc.close(server) }
        server = nil
    }

    private mutating func begin(_ names: KnownNames, _ servers: [String], _ now: Int) {
        switch names.decide(Self.first(of: question).dropFirst(2)) {
        case .answer(let bytes): toClient = Self.framed(bytes)
        case .drop: end()
        case .forward(let forwarded):
            asked = forwarded
            untried = servers[...]
            askNext(now)
        }
    }

    /// Turns to the next server that there is a way to; without one the question has failed.
    private mutating func askNext(_ now: Int) {
        if let server { Glibc.close(server) }
        server = nil
        answer = []
        toServer = Self.first(of: question)
        serverDeadline = now &+ OpenQueries.patience
        while server == nil, let next = untried.popFirst() {
            server = Sockets.connected(SOCK_STREAM, to: next, port: port)
        }
        if server == nil, let asked { toClient = Self.framed(asked.failure()) }
    }

    private mutating func end() { isOver = true }

    func close() {
        Glibc.close(client)
        if let server { Glibc.close(server) }
    }

    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(clamping: bytes.count)
        return [UInt8(count >> 8), UInt8(count & 255)] + bytes
    }

    /// Its length stands in the first two bytes.
    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes.count >= 2 + (Int(bytes[0]) << 8 | Int(bytes[1]))
    }

    /// The first message, with its length.
    private static func first(of bytes: [UInt8]) -> [UInt8] {
        bytes.count < 2 ? bytes : Array(bytes.prefix(2 + (Int(bytes[0]) << 8 | Int(bytes[1]))))
    }

    /// - Returns: false once there is nothing more to come.
    private static func read(_ socket: Int32, _ bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 2 + Int(UInt16.max) {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
            } else {
                return count < 0 && (errno == EAGAIN || errno == ENOTCONN)
            }
        }
        return true
    }

    private static func write(_ socket: Int32, _ bytes: inout [UInt8]) -> Bool {
        while !bytes.isEmpty {
            let count = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if count > 0 { bytes.removeFirst(count) } else { return errno == EAGAIN || errno == ENOTCONN }
        }
        return true
    }
}
