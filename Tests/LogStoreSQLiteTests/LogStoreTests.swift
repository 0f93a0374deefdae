import Domain
import Identifiers
import LogStore
import LogStoreSQLite
import Testing

@Suite("Log store")
struct LogStoreTests {
    let store: SQLiteLogStore

    init() throws { store = try SQLiteLogStore.inMemory() }

    @Test("makes what an append is told to make, and nothing else")
    func creation() async throws {
        await #expect(throws: LogStoreError.noSuchGroup) {
            try await store.append(lines("a"), to: stream("s"), creating: .stream, now: start)
        }
        try await store.create(LogGroupRecord(id: web, createdAt: start))
        await #expect(throws: LogStoreError.noSuchStream) {
            try await store.append(lines("a"), to: stream("s"), creating: .nothing, now: start)
        }
        try await store.append(lines("a"), to: stream("s"), creating: .stream, now: start)
        let other = LogGroupID(scope: scope, name: "/other")
        try await store.append(lines("b"), to: stream("s", of: other), creating: .groupAndStream, now: start)
        #expect(try await store.messages() == ["a"])
        #expect(try await store.messages(of: other) == ["b"])
        #expect(try await store.group(web).storedBytes == 27)
    }

    @Test("adds to a stream once, when that is asked for")
    func once() async throws {
        try await store.create(LogGroupRecord(id: web, createdAt: start))
        for _ in 0..<2 {
            try await store.append(lines("a"), to: stream("s"), creating: .streamOnce, now: start)
        }
        #expect(try await store.messages() == ["a"])
    }

    @Test("reads forwards and backwards from a position, by time and then by arrival")
    func positions() async throws {
        try await store.append(lines("a", "c"), to: stream("s"), creating: .groupAndStream, now: start)
        try await store.append(lines("b"), to: stream("t"), creating: .stream, now: start)
        let first = try await store.events(two(.forwards), now: start)
        #expect(first.events.map(\.message) == ["a", "b"])
        #expect(first.events.map(\.stream) == ["s", "t"])
        var rest = two(.forwards)
        rest.position = first.next
        let second = try await store.events(rest, now: start)
        #expect(second.events.map(\.message) == ["c"])
        #expect(second.next == nil)
        let newest = try await store.events(two(.backwards), now: start)
        #expect(newest.events.map(\.message) == ["c", "b"])
        var older = two(.backwards)
        older.position = newest.next
        #expect(try await store.events(older, now: start).events.map(\.message) == ["a"])
    }

    private func two(_ direction: LogQuery.Direction) -> LogQuery {
        LogQuery(group: web, streams: .all, direction: direction, limit: 2)
    }

    @Test("reads a range of time, and as many bytes as are asked for but one event at least")
    func ranges() async throws {
        try await store.append(lines("a", "b", "c", "d"), to: stream("s"), creating: .groupAndStream, now: start)
        #expect(try await store.messages { ($0.from, $0.to) = (at(1), at(3)) } == ["b", "c"])
        #expect(try await store.messages { $0.byteLimit = 54 } == ["a", "b"])
        #expect(try await store.messages { $0.byteLimit = 1 } == ["a"])
    }

    @Test("lists streams by name and by their last event, in pages")
    func streams() async throws {
        for (name, second) in [("a", 3), ("b", 1), ("c", 2)] {
            try await store.append(
                lines("x", from: second), to: stream(name), creating: .groupAndStream, now: at(second))
        }
        try await store.create(stream("empty"), now: start)
        #expect(try await names(.name) == ["a", "b", "c", "empty"])
        #expect(try await names(.name, descending: true) == ["empty", "c", "b", "a"])
        #expect(try await names(.lastEvent) == ["empty", "b", "c", "a"])
        #expect(try await names(.lastEvent, descending: true) == ["a", "c", "b", "empty"])
        let place = LogStreamQuery.Place(lastEvent: at(1), name: "b")
        #expect(try await names(.lastEvent, after: place) == ["c", "a"])
        #expect(try await names(.name, descending: true, after: place) == ["a"])
        #expect(try await names(.name, prefix: "e") == ["empty"])
        let first = try await store.streams(LogStreamQuery(group: web, limit: 1))[0]
        #expect((first.firstEvent, first.lastEvent) == (at(3), at(3)))
    }

    private func names(
        _ order: LogStreamQuery.Order, descending: Bool = false, prefix: String = "",
        after: LogStreamQuery.Place? = nil
    ) async throws -> [String] {
        try await store.streams(
            LogStreamQuery(
                group: web, prefix: prefix, order: order, descending: descending, after: after, limit: 10)
        ).map(\.id.name)
    }

    @Test("lists groups of one scope in the order of their names")
    func groups() async throws {
        for name in ["b/x", "a", "b", "B"] {
            try await store.create(LogGroupRecord(id: LogGroupID(scope: scope, name: name), createdAt: start))
        }
        await #expect(throws: LogStoreError.groupExists) {
            try await store.create(LogGroupRecord(id: LogGroupID(scope: scope, name: "a"), createdAt: start))
        }
        #expect(try await groupNames { _ in } == ["B", "a", "b", "b/x"])
        #expect(try await groupNames { $0.prefix = "b" } == ["b", "b/x"])
        #expect(try await groupNames { $0.part = "x" } == ["b/x"])
        #expect(try await groupNames { $0.after = "a" } == ["b", "b/x"])
        #expect(try await groupNames { $0.scope.region = "eu-west-1" }.isEmpty)
    }

    private func groupNames(_ change: (inout LogGroupQuery) -> Void) async throws -> [String] {
        var query = LogGroupQuery(scope: scope, limit: 10)
        change(&query)
        return try await store.groups(query).map(\.id.name)
    }

    @Test("keeps retention, protection and tags, and protects")
    func changes() async throws {
        try await store.create(LogGroupRecord(id: web, createdAt: start))
        try await store.change(web) { group in
            group.retentionDays = 7
            group.isDeletionProtected = true
            group.tags = [KeyValue(key: "team", value: "a\u{0}b")]
        }
        let group = try await store.group(web)
        #expect(group.retentionDays == 7)
        #expect(group.tags == [KeyValue(key: "team", value: "a\u{0}b")])
        await #expect(throws: LogStoreError.groupIsProtected) { try await store.delete(web) }
    }

    @Test("hides what is deleted at once, and a group made anew has nothing of the old one")
    func deletion() async throws {
        try await store.append(lines("a"), to: stream("s"), creating: .groupAndStream, now: start)
        try await store.append(lines("b"), to: stream("t"), creating: .stream, now: start)
        try await store.delete(stream("s"))
        #expect(try await store.messages() == ["b"])
        await #expect(throws: LogStoreError.noSuchStream) { try await store.messages(.named(["s"])) }
        try await store.delete(web)
        await #expect(throws: LogStoreError.noSuchGroup) { try await store.group(web) }
        try await store.append(lines("c"), to: stream("s"), creating: .groupAndStream, now: start)
        #expect(try await store.messages() == ["c"])
        try await store.sweepAll(now: start)
        #expect(try await store.messages() == ["c"])
        #expect(try await store.group(web).storedBytes == 27)
    }

    @Test("neither shows nor keeps what is past the group's retention, and no stream that emptied so")
    func retention() async throws {
        try await store.append(lines("old"), to: stream("s"), creating: .groupAndStream, now: start)
        try await store.append(lines("new", from: 86_400), to: stream("t"), creating: .stream, now: at(86_400))
        try await store.create(stream("fresh"), now: start)
        try await store.change(web) { $0.retentionDays = 1 }
        let later = at(86_401)
        #expect(try await store.messages(now: later) == ["new"])
        #expect(try await store.messages(now: start) == ["old", "new"])
        try await store.sweepAll(now: later)
        #expect(try await store.messages(now: start) == ["new"])
        #expect(try await names(.name) == ["fresh", "t"])
        #expect(try await store.group(web).storedBytes == 29)
    }

    @Test("lets the oldest go when it is full")
    func space() async throws {
        let limit: Int64 = 2 << 20
        let store = try SQLiteLogStore.inMemory(limit: limit)
        let text = String(repeating: "x", count: 1_000)
        for round in 0..<40 {
            let events = (0..<100).map { NewLogEvent(time: at(round), message: "\(round) \($0) \(text)") }
            try await store.append(events, to: stream("s"), creating: .groupAndStream, now: start)
        }
        let kept = try await store.messages { $0.byteLimit = 1 << 30 }
        #expect((1_000...2_100).contains(kept.count))
        #expect(kept.last?.hasPrefix("39 99 ") == true)
        #expect(kept.first?.hasPrefix("0 ") == false)
        #expect(try await store.group(web).storedBytes < limit)
    }

    @Test("merges streams as reading everything and sorting does", arguments: 1...8 as ClosedRange<UInt64>)
    func merging(seed: UInt64) async throws {
        var random = SeededNumbers(seed: seed)
        var all: [(time: Timestamp, number: Int, stream: String, message: String)] = []
        for number in 0..<300 {
            let name = "s\(random.next() % 5)"
            let time = at(Int(random.next() % 20))
            try await store.append(
                [NewLogEvent(time: time, message: "\(number)")], to: stream(name), creating: .groupAndStream,
                now: start)
            all.append((time, number, name, "\(number)"))
        }
        all.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        for streams: LogQuery.Streams in [.all, .named(["s1", "s3"]), .prefixed("s"), .prefixed("s4")] {
            let expected = all.filter { event in
                switch streams {
                case .all: true
                case .named(let names): names.contains(event.stream)
                case .prefixed(let prefix): event.stream.hasPrefix(prefix)
                }
            }.map(\.message)
            #expect(try await paged(streams, .forwards, by: 1 + Int(random.next() % 40)) == expected)
            #expect(try await paged(streams, .backwards, by: 1 + Int(random.next() % 40)) == expected.reversed())
        }
    }

    private func paged(
        _ streams: LogQuery.Streams, _ direction: LogQuery.Direction, by limit: Int
    ) async throws -> [String] {
        var query = LogQuery(group: web, streams: streams, direction: direction, limit: limit)
        var found: [String] = []
        repeat {
            let page = try await store.events(query, now: start)
            #expect(page.events.count <= limit)
            found += page.events.map(\.message)
            query.position = page.next
        } while query.position != nil
        return found
    }

    @Test("picks the streams of a prefix out of the group where they are many")
    func manyStreams() async throws {
        for number in 0..<150 {
            try await store.append(
                lines("\(number)", from: number), to: stream(number % 10 == 0 ? "other" : "a/\(number)"),
                creating: .groupAndStream, now: start)
        }
        let expected = (0..<150).filter { $0 % 10 != 0 }.map(String.init)
        #expect(try await store.messages(.prefixed("a/")) == expected)
    }
}

/// Numbers that a seed gives: SplitMix64.
private struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
