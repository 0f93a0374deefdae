import Foundation
import Synchronization

/// Says that this process alone owns a data file. Held until released or until the process ends, however it ends.
final class DataFileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes `PATH.lock` without waiting.
    init(of path: String) throws(StoreOpenError) {
        let lockPath = path + ".lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .inaccessible("Cannot open \(lockPath): \(String(cString: strerror(errno))).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw .inaccessible("Cannot lock \(lockPath): \(String(cString: strerror(reason))).")
            }
            throw .inUse(
                "The data file \(path) is in use by another server; stop that one, or choose another data directory.")
        }
        self.descriptor = Mutex(descriptor)
    }

    /// Gives the file free. Again is fine.
    ///
    /// Unlocked by word, not only by closing: a child of this process that is between fork and exec holds the descriptor
    /// too, and with it the lock.
    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor {
                flock(open, LOCK_UN)
                close(open)
            }
            descriptor = nil
        }
    }

    deinit { release() }
}
