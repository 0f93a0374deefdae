import Foundation

/// The pipe into which HAProxy writes its log, opened to be read without waiting.
///
/// HAProxy holds both ends itself, so that what it writes while nobody reads stays, up to a mebibyte, and is never an error.
final class RequestPipe {
    private static let bytes: Int32 = 1 << 20
    private let handle: Int32
    private var rest: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Makes the pipe unless it is there.
    init(path: String) throws(Unwritable) {
        if mkfifo(path, 0o600) != 0, errno != EEXIST {
            throw Unwritable("\(path): \(String(cString: strerror(errno)))")
        }
        handle = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard handle >= 0 else { throw Unwritable("\(path): \(String(cString: strerror(errno)))") }
        _ = fcntl(handle, F_SETPIPE_SZ, Self.bytes)
    }

    deinit { close(handle) }

    /// All whole lines that are there now.
    func drain(_ take: (Substring) -> Void) {
        // As much as the pipe holds: a writer that never rests must not hold us.
        for _ in 0..<(Int(Self.bytes) / buffer.count + 1) {
            let count = read(handle, &buffer, buffer.count)
            guard count > 0 else { return }
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            let text = String(decoding: rest[..<end], as: UTF8.self)
            rest.removeSubrange(...end)
            for line in text.split(separator: "\n") { take(line) }
        }
    }
}

private let F_SETPIPE_SZ: Int32 = 1031
