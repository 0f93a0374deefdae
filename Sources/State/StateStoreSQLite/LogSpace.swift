import Foundation

/// Disk space of SQLite's write-ahead log, taken in one go and filled with zeros.
///
/// A synchronised write into a file that grows makes the file system write its own journal too; one into space that was
/// written before does not. SQLite ends its log at the first frame that is not its own, so zeros behind it are no commits.
struct LogSpace: Sendable {
    /// The log before SQLite copies it into the file (4,096 pages with their headings), and what one commit may add.
    static let bytes = 17 * 1_048_576
    /// Free bytes without which the disk is left alone.
    private static let neededFree = 16 * UInt64(bytes)

    private let path: String

    init(dataFile: String) { path = dataFile + "-wal" }

    /// Makes the log file as long as it becomes anyhow. While nobody else writes it: on the queue of its connection.
    ///
    /// Nothing depends on it; where it fails, the log is as long as it was.
    func take() {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size < Self.bytes, hasRoom(descriptor) else { return }
        let length = Int(status.st_size)
        if !fill(descriptor, from: length) || fdatasync(descriptor) != 0 { _ = ftruncate(descriptor, off_t(length)) }
    }

    private func hasRoom(_ descriptor: Int32) -> Bool {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { return false }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return free.overflow || free.partialValue >= Self.neededFree
    }

    private func fill(_ descriptor: Int32, from start: Int) -> Bool {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var offset = start
        while offset < Self.bytes {
            let written = pwrite(descriptor, zeros, min(zeros.count, Self.bytes - offset), off_t(offset))
            guard written > 0 else { return false }
            offset += written
        }
        return true
    }
}
