import Balancer
import Foundation

/// Lines about requests, added up by what they are about: of few things there are many lines, and most cost no more than a
/// look at their bytes.
struct LogBatch {
    /// What one worker did at one listener by one backend, with a server or without.
    struct Account {
        fileprivate let key: [UInt8]
        let worker: Int32
        let frontend: String
        let backend: String
        let hasServer: Bool
        /// Of all lines.
        fileprivate(set) var all = Counters()
        /// Of those whose target answered.
        fileprivate(set) var answered = Counters()
        fileprivate(set) var latency = LatencyHistogram()
        fileprivate(set) var isEmpty = true
    }

    private(set) var accounts: [Account] = []
    /// By the hash of their keys; those that share one stand together.
    private var places: [UInt64: [Int]] = [:]
    /// The account of the line before: mostly the next one's as well.
    private var last = 0

    /// Names of gone workers pile up; beyond this all are looked up anew.
    private static let most = 4096

    /// Counts a line. One that is no line about a request, or not whole, is passed over.
    ///
    /// - Returns: whether more stands behind the words that are counted.
    @discardableResult
    mutating func add(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let words = LogWords(line), let place = place(of: words, line) else { return false }
        accounts[place].count(words)
        return words.hasMore
    }

    /// Hands over what was counted since the last call.
    mutating func take(_ body: (Account) -> Void) {
        for index in accounts.indices where !accounts[index].isEmpty {
            body(accounts[index])
            accounts[index].all = Counters()
            accounts[index].answered = Counters()
            accounts[index].latency = LatencyHistogram()
            accounts[index].isEmpty = true
        }
        if accounts.count > Self.most { self = LogBatch() }
    }

    private mutating func place(of words: LogWords, _ line: UnsafeRawBufferPointer) -> Int? {
        let key = UnsafeRawBufferPointer(rebasing: line[words.names])
        if accounts.indices.contains(last), accounts[last].isOf(words, key) { return last }
        let hash = Self.hash(key)
        for place in places[hash] ?? [] where accounts[place].isOf(words, key) {
            last = place
            return place
        }
        guard let account = Account(key, hasServer: words.hasServer) else { return nil }
        last = accounts.count
        accounts.append(account)
        places[hash, default: []].append(last)
        return last
    }

    /// Eight bytes at a time: names are long.
    private static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var place = 0
        func take(_ value: UInt64) {
            let wide = (hash ^ value).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
            hash = wide.high ^ wide.low
        }
        while key.count - place >= 8 {
            take(key.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var tail: UInt64 = 0
        while place < key.count {
            tail = tail << 8 | UInt64(key[place])
            place += 1
        }
        take(tail)
        return hash
    }
}

extension LogBatch.Account {
    /// Worker, frontend and backend as they stand in a line; nil when they do not.
    fileprivate init?(_ key: UnsafeRawBufferPointer, hasServer: Bool) {
        let words = String(decoding: key, as: UTF8.self).split(separator: " ")
        guard words.count == 3, let worker = Int32(words[0]) else { return nil }
        self.key = Array(key)
        self.worker = worker
        // TLS is marked with "~".
        frontend = String(words[1].last == "~" ? words[1].dropLast() : words[1])
        backend = String(words[2])
        self.hasServer = hasServer
    }

    fileprivate func isOf(_ words: LogWords, _ other: UnsafeRawBufferPointer) -> Bool {
        guard hasServer == words.hasServer, key.count == other.count, let start = other.baseAddress else {
            return false
        }
        return key.withUnsafeBytes { memcmp($0.baseAddress ?? start, start, other.count) == 0 }
    }

    fileprivate mutating func count(_ words: LogWords) {
        isEmpty = false
        all.add(words)
        guard let latency = words.latency, hasServer else { return all.respondItself(words.status) }
        answered.add(words)
        self.latency.add(milliseconds: latency)
    }
}

extension Counters {
    fileprivate mutating func add(_ words: LogWords) {
        self[.bytesIn] &+= words.bytesIn
        self[.bytesOut] &+= words.bytesOut
        respond(words.status)
    }
}

/// The words that every line begins with: `LogLine.format`.
private struct LogWords {
    /// Where worker, frontend and backend stand.
    var names: Range<Int>
    var hasServer: Bool
    var status: Int?
    var latency: Int?
    var bytesIn = 0
    var bytesOut = 0
    var hasMore: Bool

    private static let space = UInt8(ascii: " ")

    init?(_ line: UnsafeRawBufferPointer) {
        guard line.count > 2, line[0] == UInt8(ascii: "R"), line[1] == Self.space else { return nil }
        var place = 2
        for _ in 0..<3 { guard Self.skip(line, &place) else { return nil } }
        names = 2..<(place - 1)
        // No server is "<NOSRV>", and no server's name begins so.
        hasServer = place < line.count && line[place] != UInt8(ascii: "<")
        guard Self.skip(line, &place), let status = Self.number(line, &place), let latency = Self.number(line, &place),
            let bytesIn = Self.number(line, &place), let bytesOut = Self.number(line, &place)
        else { return nil }
        self.status = status > 0 ? status : nil
        self.latency = latency >= 0 ? latency : nil
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        hasMore = place < line.count
    }

    /// Goes on behind the word at `place` and the space after it.
    ///
    /// - Returns: whether both are there.
    private static func skip(_ line: UnsafeRawBufferPointer, _ place: inout Int) -> Bool {
        guard place < line.count, let start = line.baseAddress,
            let end = memchr(start + place, Int32(space), line.count - place)
        else { return false }
        let next = UnsafeRawPointer(end) - start + 1
        guard next > place + 1 else { return false }
        place = next
        return true
    }

    /// The number at `place`, which goes on behind the space or the end after it.
    private static func number(_ line: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
        var value = 0
        var digits = 0
        let isNegative = place < line.count && line[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        while place < line.count, line[place] != space {
            let digit = line[place] &- 48
            guard digit < 10, digits < 18 else { return nil }
            value = value &* 10 &+ Int(digit)
            digits += 1
            place += 1
        }
        guard digits > 0 else { return nil }
        place += 1
        return isNegative ? -value : value
    }
}
