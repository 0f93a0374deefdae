import Glibc
import Testing

@testable import TaskResolver

@Suite("Questions over TCP", .serialized)
struct ConversationTests {
    /// A client's end of a conversation, whose servers all have one port at addresses of loopback.
    private final class Line {
        let client: Int32
        var conversation: Conversation
        let servers: [String]

        init(_ servers: [String], port: UInt16) throws {
            var pair: [Int32] = [0, 0]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            try #require(socketpair(AF_UNIX, kind, 0, &pair) == 0)
            client = pair[0]
            conversation = Conversation(client: pair[1], now: 0, port: port)
            self.servers = servers
        }

        deinit {
            close(client)
            conversation.close()
        }

        func say(_ message: [UInt8]) {
            let framed = [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
            #expect(send(client, framed, framed.count, 0) == framed.count)
        }

        func proceed(now: Int = 0) { conversation.proceed(KnownNames(), servers, now: now) }

        /// Goes on until the conversation waits for nothing that is there already.
        func settle(now: Int = 0) {
            for _ in 0..<20 where !conversation.isOver {
                var polled = conversation.events.map { pollfd(fd: $0.socket, events: $0.events, revents: 0) }
                guard poll(&polled, nfds_t(polled.count), 200) > 0 else { return }
                proceed(now: now)
            }
        }

        func heard() -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = recv(client, &buffer, buffer.count, 0)
            return Array(buffer[..<max(count, 0)])
        }
    }

    /// Listens at an address of loopback; at any port unless it is given.
    private func listening(_ address: String, _ port: UInt16 = 0) throws -> (socket: Int32, port: UInt16) {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(handle, generic, length) == 0, listen(handle, 4) == 0 else { return Int32(-1) }
                return getsockname(handle, generic, &length)
            }
        }
        try #require(result == 0)
        return (handle, UInt16(bigEndian: place.sin_port))
    }

    @Test("go on to the next server when one refuses, and when one is silent")
    func goesOn() throws {
        let (answering, port) = try listening("127.0.0.3")
        let (silent, _) = try listening("127.0.0.2", port)
        defer {
            close(answering)
            close(silent)
        }
        // Nobody listens at the first.
        let line = try Line(["127.0.0.1", "127.0.0.2", "127.0.0.3"], port: port)
        line.say(DNSQuestionTests.message("example.com"))
        line.proceed()
        line.settle()
        #expect(line.conversation.due == OpenQueries.patience && line.heard().isEmpty)
        line.proceed(now: OpenQueries.patience - 1)
        #expect(line.conversation.due == OpenQueries.patience)
        line.proceed(now: OpenQueries.patience)
        line.settle(now: OpenQueries.patience)
        #expect(line.conversation.due == 2 * OpenQueries.patience)
        let server = accept(answering, nil, nil)
        defer { close(server) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(server, &buffer, buffer.count, 0)
        try #require(count > 12)
        #expect(send(server, buffer, count, 0) == count)
        line.settle(now: OpenQueries.patience)
        #expect(line.heard() == Array(buffer[..<count]))
    }

    @Test("are told that it failed when no server answers, and may go on")
    func fails() throws {
        let (closing, port) = try listening("127.0.0.2")
        defer { close(closing) }
        let line = try Line(["127.0.0.1", "127.0.0.2"], port: port)
        let message = DNSQuestionTests.message("example.com")
        for _ in 0..<2 {
            line.say(message)
            line.proceed()
            line.settle()
            // Takes the question, and ends without an answer.
            close(accept(closing, nil, nil))
            line.settle()
            let heard = line.heard()
            try #require(heard.count == message.count + 2)
            #expect(Array(heard[2..<6]) == [0x12, 0x34, 0x81, 0x82])
        }
        #expect(!line.conversation.isOver)
        line.proceed(now: Conversation.patience)
        #expect(line.conversation.isOver)
    }
}
