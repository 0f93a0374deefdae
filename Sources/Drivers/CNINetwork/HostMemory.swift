import Foundation
import TaskNetwork

/// What the host was like before Berth, shared by all agents of one network namespace.
struct HostMemory {
    let directory: String

    private static let namespace = "/proc/thread-self/ns/net"

    /// Runs `body` while no other agent of this network namespace prepares or leaves.
    ///
    /// The lock is on the namespace itself: it needs no file that somebody would have to remove.
    func exclusively<Value>(_ body: () throws(NetworkError) -> Value) throws(NetworkError) -> Value {
        let lock = open(HostMemory.namespace, O_RDONLY | O_CLOEXEC)
        guard lock >= 0 else { throw .failed("could not open the network namespace: \(Program.errorText(-errno))") }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else {
            throw .failed("could not lock the network namespace: \(Program.errorText(-errno))")
        }
        return try body()
    }

    func record() throws(NetworkError) -> HostRecord? { try JSONFile.read(HostRecord.self, from: try file()) }

    func write(_ record: HostRecord) throws(NetworkError) { try JSONFile.write(record, to: try file()) }

    func forget() throws(NetworkError) {
        try JSONFile.remove(try file())
        // Only when it is empty: rmdir refuses otherwise, and other namespaces of this machine may have theirs here.
        rmdir(directory)
    }

    /// One file per network namespace, by its inode.
    private func file() throws(NetworkError) -> String {
        var status = stat()
        guard stat(HostMemory.namespace, &status) == 0 else {
            throw .failed("could not tell the network namespace: \(Program.errorText(-errno))")
        }
        return "\(directory)/\(status.st_ino).json"
    }
}
