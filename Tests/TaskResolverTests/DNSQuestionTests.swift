import Testing

@testable import TaskResolver

@Suite("Questions of DNS")
struct DNSQuestionTests {
    static func message(_ name: String, type: UInt16 = 1, flags: [UInt8] = [1, 0], class number: UInt8 = 1) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return [0x12, 0x34] + flags + [0, 1, 0, 0, 0, 0, 0, 0] + labels + [
            0, UInt8(type >> 8), UInt8(type & 255), 0, number,
        ]
    }

    private static let names = KnownNames(
        hosts: """
            10.98.0.1 Web-1.us-east-1.elb.localhost shop.localhost
            10.98.0.2\tweb-2.us-east-1.elb.localhost
            fe80::1 six.localhost
            10.98.0.3 twice.localhost
            10.98.0.4 twice.localhost
            300.1.1.1 wrong.localhost

            """)

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var type: UInt16 = 1
        /// Code, answers and the last bytes; nil for what is passed on.
        var code: UInt8?
        var answers: UInt8 = 0
        var last: [UInt8] = []
        var testDescription: String { "\(name) \(type)" }
    }

    @Test(
        "are answered when the name is known, never left open when it is under localhost, and passed on else",
        arguments: [
            Row(name: "web-1.us-east-1.elb.localhost", code: 0, answers: 1, last: [0, 4, 10, 98, 0, 1]),
            Row(name: "WEB-1.US-east-1.ELB.localhost", code: 0, answers: 1, last: [0, 4, 10, 98, 0, 1]),
            Row(name: "shop.localhost", code: 0, answers: 1, last: [0, 4, 10, 98, 0, 1]),
            Row(name: "web-2.us-east-1.elb.localhost", type: 255, code: 0, answers: 1, last: [0, 4, 10, 98, 0, 2]),
            Row(name: "twice.localhost", code: 0, answers: 2, last: [0, 4, 10, 98, 0, 4]),
            // There is the name, but nothing of that kind: no other address may be looked for elsewhere.
            Row(name: "web-1.us-east-1.elb.localhost", type: 28, code: 0),
            Row(name: "web-1.us-east-1.elb.localhost", type: 65, code: 0),
            Row(name: "gone.us-east-1.elb.localhost", code: 3), Row(name: "wrong.localhost", code: 3),
            Row(name: "six.localhost", type: 28, code: 3),
            Row(name: "localhost", code: 0, answers: 1, last: [0, 4, 127, 0, 0, 1]),
            Row(name: "localhost", type: 28, code: 0),
            Row(name: "example.com"), Row(name: "notlocalhost"), Row(name: "localhost.example.com"), Row(name: ""),
        ])
    func decides(row: Row) throws {
        let message = Self.message(row.name, type: row.type)
        switch Self.names.decide(message + [1, 2, 3]) {
        case .forward(let question):
            #expect(row.code == nil)
            let failure = question.failure()
            #expect(Array(failure[..<4]) == [0x12, 0x34, 0x81, 0x82] && failure.count == message.count)
        case .answer(let answer):
            #expect(Array(answer[..<4]) == [0x12, 0x34, 0x81, 0x80 | (row.code ?? 99)])
            // One question, so many answers, nothing else; and the question as it was asked.
            #expect(Array(answer[4..<12]) == [0, 1, 0, row.answers, 0, 0, 0, 0])
            #expect(Array(answer[12..<message.count]) == Array(message[12...]))
            #expect(answer.count == message.count + 16 * Int(row.answers))
            #expect(answer.suffix(row.last.count) == row.last[...])
        case .drop: Issue.record("dropped")
        }
    }

    @Test(
        "that are none get no answer",
        arguments: [
            [], [0], Array(repeating: 0, count: 12), Array(message("a.b").dropLast()),
            message("a.b", flags: [0x81, 0]),
            message("a.b", flags: [0x10, 0]), message("a.b", class: 3),
            // A label that reaches beyond the message, one that is a pointer, and a name that is too long.
            [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 60, 1, 2], [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1],
            message(Array(repeating: "abcdefghi", count: 30).joined(separator: ".")),
        ] as [[UInt8]])
    func drops(message: [UInt8]) { #expect(Self.names.decide(message) == .drop) }

    @Test(
        "of any bytes never trap, and what is answered begins as the question did",
        arguments: 1...20 as ClosedRange<UInt64>)
    func survives(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        for _ in 0..<2000 {
            var message = Self.message("web-1.us-east-1.elb.localhost")
            for _ in 0..<Int(next() % 8) { message[Int(next()) % message.count] = next() }
            message = Array(message.prefix(Int(next()) % (message.count + 1)))
            if case .answer(let answer) = Self.names.decide(message) { #expect(answer.starts(with: message[..<2])) }
        }
    }
}

@Suite("Open queries")
struct OpenQueriesTests {
    private func query(_ address: UInt32, deadline: Int = 100) throws -> OpenQueries.Query {
        OpenQueries.Query(
            asker: Asker(address: address, port: 1),
            question: try #require(DNSQuestion(DNSQuestionTests.message("a.b"))),
            message: [], tries: 1, deadline: deadline)
    }

    @Test("are bounded for each asker and in all")
    func areBounded() throws {
        var open = OpenQueries()
        for number in 0..<OpenQueries.mostOfOne { open.open(Int32(number), try query(1)) }
        #expect(!open.hasRoom(for: Asker(address: 1, port: 9)) && open.hasRoom(for: Asker(address: 2, port: 9)))
        _ = open.close(0)
        #expect(open.hasRoom(for: Asker(address: 1, port: 9)))
        for number in 0..<OpenQueries.most { open.open(1000 + Int32(number), try query(UInt32(100 + number))) }
        #expect(!open.hasRoom(for: Asker(address: 7777, port: 9)))
    }

    @Test("are given up at their time")
    func areGivenUp() throws {
        var open = OpenQueries()
        open.open(1, try query(1, deadline: 100))
        open.open(2, try query(1, deadline: 200))
        #expect(open.rest(40) == 60)
        #expect(open.overdue(99).isEmpty)
        #expect(open.overdue(100).map(\.socket) == [1])
        #expect(open.sockets == [2] && open.rest(100) == 100)
        #expect(open.close(2) != nil && open.close(2) == nil && open.rest(100) == nil)
    }
}
