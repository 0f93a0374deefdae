import Foundation
import TaskNetwork

/// What the host was like before Berth, shared by all agents of one network namespace.
struct HostMemory {
    let directory: String

    /// Runs `body` while no other agent of this machine prepares or leaves.
    func exclusively<Value>(_ body: () throws(NetworkError) -> Value) throws(NetworkError) -> Value {
        try JSONFile.makeDirectory(directory)
        let lock = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .failed("could not open \(directory)/lock: \(Program.errorText(-errno))") }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else {
            throw .failed("could not lock \(directory)/lock: \(Program.errorText(-errno))")
        }
        return try body()
    }

    func record() throws(NetworkError) -> HostRecord? { try JSONFile.read(HostRecord.self, from: try file()) }

    func write(_ record: HostRecord) throws(NetworkError) { try JSONFile.write(record, to: try file()) }

    func forget() throws(NetworkError) {
        try JSONFile.remove(try file())
        // Nothing but the lock left: the directory goes too. A second agent that holds it open makes it anew.
        if try JSONFile.names(in: directory) == ["lock"] { try JSONFile.remove(directory) }
    }

    /// One file per network namespace, by its inode.
    private func file() throws(NetworkError) -> String {
        var status = stat()
        guard stat("/proc/thread-self/ns/net", &status) == 0 else {
            throw .failed("could not tell the network namespace: \(Program.errorText(-errno))")
        }
        return "\(directory)/\(status.st_ino).json"
    }
}
