import Conformance
import Domain
import Foundation
import GRDB
import Identifiers
import MetricStore
import MetricStoreSQLite
import Synchronization
import Testing

@Suite("The metric store in a file")
struct SQLiteMetricStoreTests {
    private static let start = 1_800_000_000
    private let directory: URL

    init() throws {
        directory = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private var path: String { directory.appendingPathComponent("metrics.sqlite").path }

    private func open(_ report: @escaping @Sendable (String) -> Void = { Issue.record("\($0)") }) throws
        -> SQLiteMetricStore
    {
        try SQLiteMetricStore(path: path, report: report)
    }

    private func sample(_ value: Double, at second: Int) -> MetricSample {
        let metric = MetricID(
            scope: Scope(account: "000000000000", region: "us-east-1"), namespace: "App", name: "Load",
            dimensions: [KeyValue(key: "Host", value: "\"ä\"")])
        return MetricSample(
            metric: metric, time: Timestamp(milliseconds: Int64(second) * 1000), unit: .count,
            statistics: StatisticSet(value))
    }

    private func values(_ store: SQLiteMetricStore, from: Int, to: Int) -> [Double] {
        store.points(
            of: sample(0, at: 0).metric, unit: nil, from: Timestamp(milliseconds: Int64(from) * 1000),
            to: Timestamp(milliseconds: Int64(to) * 1000), period: 1
        ).map(\.statistics.sum)
    }

    @Test("keeps the contract:", arguments: MetricStoreSuite.checks)
    func conforms(_ check: MetricStoreCheck) async throws {
        let directory = directory
        let maker = MetricStoreMaker { limits in
            let path = directory.appendingPathComponent(UUID().uuidString).path
            return try SQLiteMetricStore(path: path, limits: limits) { Issue.record("\($0)") }
        } restart: { store, limits in
            // As after a kill: nothing is closed, and what the first process did not write is lost.
            let path = try #require(store as? SQLiteMetricStore).path
            return try SQLiteMetricStore(path: path, limits: limits) { Issue.record("\($0)") }
        }
        try await check.run(on: maker)
    }

    @Test(
        "a file that is torn, foreign or newer is moved aside, told of, and a new one begins",
        arguments: [
            "torn", "empty", "foreign", "newer", "no database", "without its main file",
        ])
    func damaged(_ how: String) async throws {
        let store = try open()
        try await store.record([sample(1, at: Self.start)], now: Timestamp(milliseconds: Int64(Self.start) * 1000))
        store.close()
        try damage(how)
        let told = Mutex<[String]>([])
        let next = try open { text in told.withLock { $0.append(text) } }
        #expect(told.withLock { $0 }.count == 1)
        #expect(told.withLock { $0 }.first?.contains(".damaged-1") == true)
        #expect(values(next, from: Self.start, to: Self.start + 9) == [])
        try await next.record([sample(2, at: Self.start)], now: Timestamp(milliseconds: Int64(Self.start) * 1000))
        #expect(values(try open(), from: Self.start, to: Self.start + 9) == [2])
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files.contains { $0.hasPrefix("metrics.sqlite.damaged-1") })
    }

    private func damage(_ how: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        switch how {
        case "torn": try file.truncate(atOffset: 5000)
        case "empty": try file.truncate(atOffset: 0)
        case "no database": try file.write(contentsOf: Data("This is no database at all.".utf8))
        case "without its main file":
            try FileManager.default.moveItem(atPath: path, toPath: path + "-wal")
        default:
            let setting = how == "newer" ? "user_version" : "application_id"
            try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA \(setting) = 77") }
        }
    }

    @Test("a file that is damaged while it is used is moved aside, and values are taken again")
    func damagedLater() async throws {
        let told = Mutex<[String]>([])
        let store = try open { text in told.withLock { $0.append(text) } }
        let now = Timestamp(milliseconds: Int64(Self.start) * 1000)
        try await store.record([sample(1, at: Self.start)], now: now)
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "DROP TABLE journal") }
        await #expect(throws: MetricStoreError.self) {
            try await store.record([sample(1, at: Self.start)], now: now)
        }
        try await store.record([sample(3, at: Self.start)], now: now)
        #expect(values(store, from: Self.start, to: Self.start + 9) == [3])
        #expect(told.withLock { $0 }.count == 1)
    }

    @Test("what a process recorded is there for the next, whether it is in the journal or in chunks")
    func survives() async throws {
        let store = try open()
        for second in 0..<1000 {
            try await store.record(
                [sample(Double(second), at: Self.start + second)],
                now: Timestamp(milliseconds: Int64(Self.start + second) * 1000))
        }
        let next = try open()
        #expect(values(next, from: Self.start, to: Self.start + 1000) == (0..<1000).map(Double.init))
        let kept = try await DatabaseQueue(path: path).read { database in
            [
                try Int.fetchOne(database, sql: "SELECT count(*) FROM chunks"),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM journal"),
            ].compactMap { $0 }
        }
        // Two hours' minutes are one chunk; the journal holds what is younger than a pass.
        #expect((8...10).contains(kept[0]))
        #expect((60...360).contains(kept[1]))
    }

    @Test("history gets shorter when the file would be too large")
    func bounded() async throws {
        var limits = MetricLimits()
        limits.bytes = 1
        let store = try SQLiteMetricStore(path: path, limits: limits) { Issue.record("\($0)") }
        for minutes in 0..<100 {
            let second = Self.start + minutes * 60
            try await store.record(
                [sample(1, at: second)], now: Timestamp(milliseconds: Int64(second) * 1000))
        }
        #expect(store.statistics.keptSeconds == 86_400)
        #expect(store.statistics.fileBytes > 0)
    }
}
