import Domain
import Foundation
import GRDB
public import Identifiers
public import StateStore

extension SQLiteStateStore {
    /// Copies the data file to `target` while its server runs, from any process. The copy is one file, checked.
    ///
    /// - Throws: when `target` exists, and when the data file or the copy is not sound. `target` does not exist then.
    public static func backup(of dataFile: String, to target: String) throws(BackupError) {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw BackupError("The file \(target) exists already: name one that does not.")
        }
        try wording {
            let draft = target + ".partial"
            let source = try DataFile.openForReading(dataFile)
            try makePrivateFile(draft)
            defer { unlink(draft) }
            try DataFile.translating(draft) {
                let copy = try DatabaseQueue(path: draft)
                try source.backup(to: copy)
                // One file, with no log beside it.
                try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                try copy.close()
            }
            _ = try snapshot(of: draft)
            try publish(draft, as: target)
        }
    }

    /// Replaces everything in this running store with what the backup holds, in one commit.
    ///
    /// The revision keeps growing, the installation's epoch becomes higher than both, and every watcher gets `.resync`.
    public func restore(from backup: String) async throws(BackupError) -> Revision {
        let restored = try Self.wording { try Self.snapshot(of: backup) }
        let known = [restored.installation, committed().installation].compactMap { $0?.epoch }.max() ?? 0
        let epoch = try Self.wording { try EpochMark(dataFile: path).raise(above: known) }
        do throws(LogError) {
            return try await engine.replace { current in restored.succeeding(current.installation, epoch: epoch) }
        } catch {
            throw BackupError(error.text)
        }
    }

    /// Restores the backup into a data directory with no server running; a file that is there is replaced.
    ///
    /// A damaged file is kept beside it under a name that ends in `.damaged` and a number.
    /// - Returns: the revision after the restore, and where a damaged file went.
    public static func restore(
        backup: String, into dataFile: String, now: @escaping @Sendable () -> Timestamp
    ) async throws(BackupError) -> (revision: Revision, damaged: String?) {
        _ = try wording { try snapshot(of: backup) }
        var damaged: String?
        let store = try wording {
            do {
                return try open(path: dataFile, now: now)
            } catch StoreOpenError.damaged {
                damaged = try setAside(dataFile)
                return try open(path: dataFile, now: now)
            }
        }
        defer { store.close() }
        return (try await store.restore(from: backup), damaged)
    }

    /// Reads a backup without changing it: one of an older Berth is brought up to date in a private copy.
    private static func snapshot(of backup: String) throws(StoreOpenError) -> StateSnapshot {
        let source = try DataFile.openForReading(backup)
        return try DataFile.translating(backup) {
            let copy = try DatabaseQueue()
            try source.backup(to: copy)
            try Schema.migrator.migrate(copy)
            return try copy.read { try DataFile.load($0) }
        }
    }

    private static func wording<Value>(_ body: () throws -> Value) throws(BackupError) -> Value {
        do {
            return try body()
        } catch let error as StoreOpenError {
            throw BackupError(error.description)
        } catch {
            throw BackupError("\(error)")
        }
    }

    private static func makePrivateFile(_ path: String) throws(StoreOpenError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .inaccessible("Cannot create \(path): \(String(cString: strerror(errno))).")
        }
        Glibc.close(descriptor)
    }

    /// Gives the finished file its name, unless somebody else took it meanwhile.
    private static func publish(_ draft: String, as target: String) throws(StoreOpenError) {
        let descriptor = Glibc.open(draft, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .inaccessible("Cannot open \(draft): \(String(cString: strerror(errno))).") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0, link(draft, target) == 0 else {
            throw .inaccessible("Cannot write \(target): \(String(cString: strerror(errno))).")
        }
        try DataFile.synchronise(directoryOf: target)
    }

    private static func setAside(_ path: String) throws(StoreOpenError) -> String {
        let taken = FileManager.default.fileExists(atPath:)
        let target = (1...).lazy.map { "\(path).damaged\($0)" }.first { !taken($0) } ?? "\(path).damaged"
        for suffix in ["", "-wal", "-shm"] where taken(path + suffix) {
            guard rename(path + suffix, target + suffix) == 0 else {
                throw .inaccessible("Cannot move \(path + suffix) away: \(String(cString: strerror(errno))).")
            }
        }
        return target
    }
}

extension StateSnapshot {
    /// This state as the one that follows an installation: sequence numbers sent to agents must not go back.
    fileprivate func succeeding(_ current: InstallationRecord?, epoch: Int) -> StateSnapshot {
        guard var installation else { return self }
        installation.epoch = max(epoch, (current?.epoch ?? 0) + 1)
        var next = self
        next.apply(key: .installation, after: .installation(installation))
        return next
    }
}
