import Domain
import Foundation
import GRDB
public import Identifiers
public import LogStore
public import Logging
import Synchronization

/// Logs in one SQLite file of their own, `logs.sqlite` beside the state: groups and streams too.
///
/// One connection writes; appends that wait together are one transaction and one flush. Others read beside it. A file that is
/// found damaged, at the start or later, is set aside and an empty one takes its place: logs never stop the control plane.
public final class SQLiteLogStore: LogStore {
    /// Bytes that the file holds before the oldest events go: room for some 13 million lines of an access log, and no more
    /// than a small host's disk can spare.
    public static let standardLimit: Int64 = 4 << 30

    struct Connection: Sendable {
        var database: any DatabaseWriter
        var generation = 0
    }

    let limit: Int64
    private let file: LogFile?
    private let connection: Mutex<Connection>
    let waiting = Mutex(WaitingAppends())
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    private init(
        _ database: any DatabaseWriter, file: LogFile?, limit: Int64, now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        connection = Mutex(Connection(database: database))
        self.file = file
        self.limit = limit
        self.now = now
        self.logger = logger
    }

    /// Opens the file, or makes an empty one. The caller owns the directory: nobody else may have the file open.
    ///
    /// - Parameters:
    ///   - limit: bytes.
    ///   - now: names a file that is set aside.
    /// - Throws: `.unavailable` when the directory cannot be used.
    public static func open(
        path: String, limit: Int64 = standardLimit, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) throws(LogStoreError) -> SQLiteLogStore {
        let file = LogFile(path: path)
        do {
            do {
                return SQLiteLogStore(try file.open(), file: file, limit: limit, now: now, logger: logger)
            } catch  where LogFile.isDamage(error) {
                let (database, aside) = try file.replace(now: now())
                let store = SQLiteLogStore(database, file: file, limit: limit, now: now, logger: logger)
                store.say(aside, error)
                return store
            }
        } catch {
            throw .unavailable("The log file \(path) cannot be opened: \(Self.words(for: error)).")
        }
    }

    /// A store without a file.
    public static func inMemory(limit: Int64 = standardLimit) throws -> SQLiteLogStore {
        let database = try DatabaseQueue()
        try LogSchema.migrator.migrate(database)
        return SQLiteLogStore(
            database, file: nil, limit: limit, now: { Timestamp(milliseconds: 0) },
            logger: Logger(label: "berth.logs"))
    }

    public func close() { try? current.database.close() }

    // MARK: Access

    var current: Connection { connection.withLock(\.self) }

    /// Runs `body` in one transaction, durable on return.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LogStoreError) -> Value {
        let connection = current
        // Not GRDB's async functions: those give up when the calling task is cancelled.
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, any Error>, Never>) in
            connection.database.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: Result { try database.whole(body) })
            }
        }
        return try value(of: outcome, connection)
    }

    /// Runs `body` on what is committed, beside the writer.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LogStoreError) -> Value {
        let connection = current
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, any Error>, Never>) in
            connection.database.asyncRead { access in
                continuation.resume(returning: Result { try body(try access.get()) })
            }
        }
        return try value(of: outcome, connection)
    }

    func value<Value>(of outcome: Result<Value, any Error>, _ connection: Connection) throws(LogStoreError) -> Value {
        switch outcome {
        case .success(let value): return value
        case .failure(let error as LogStoreError): throw error
        case .failure(let error):
            if LogFile.isDamage(error) { replace(connection, error) }
            throw .unavailable(Self.words(for: error))
        }
    }

    /// Once for each file, whoever finds it damaged.
    private func replace(_ damaged: Connection, _ error: any Error) {
        guard let file else { return }
        connection.withLock { connection in
            guard connection.generation == damaged.generation else { return }
            try? connection.database.close()
            do {
                let (database, aside) = try file.replace(now: now())
                connection.database = database
                connection.generation += 1
                say(aside, error)
            } catch {
                logger.error("the damaged log file cannot be replaced", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func say(_ aside: String, _ error: any Error) {
        logger.error(
            "the log file is damaged: it was set aside and an empty one with its log groups took its place",
            metadata: ["aside": "\(aside)", "reason": "\(Self.words(for: error))"])
    }

    private static func words(for error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return error.message ?? "\(error.resultCode)"
    }
}

extension Database {
    /// All of `body` or nothing.
    func whole<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try inTransaction(.immediate) {
            value = try body(self)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return value
    }
}
