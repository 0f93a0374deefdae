import Glibc

/// A file that others replace, read again when they did.
struct FollowedFile {
    let path: String
    private var seen: Version?
    private(set) var text = ""

    private struct Version: Equatable {
        var inode: UInt64
        var seconds: Int
        var nanoseconds: Int
        var size: Int
    }

    /// More than any such file has; what is beyond is not read.
    private static let most = 1 << 22

    init(_ path: String) { self.path = path }

    /// - Returns: whether it says something else than before.
    mutating func look() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            defer { (seen, text) = (nil, "") }
            return seen != nil
        }
        let version = Version(
            inode: UInt64(status.st_ino), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
            size: Int(status.st_size))
        guard version != seen else { return false }
        seen = version
        text = Self.read(path)
        return true
    }

    private static func read(_ path: String) -> String {
        let handle = open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { return "" }
        defer { close(handle) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < most {
            let count = Glibc.read(handle, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
