import Foundation

/// The pipe into which HAProxy writes its log, opened to be read without waiting.
///
/// HAProxy holds both ends itself, so that what it writes while nobody reads stays, up to a mebibyte, and is never an error.
final class RequestPipe {
    private static let bytes: Int32 = 1 << 20
    private let handle: Int32
    /// What was read, of which the first `filled` bytes are the begin of a line that goes on.
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)
    private var filled = 0

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
    ///
    /// - Returns: whether they were so many that the pipe may soon be full.
    func drain(_ take: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var sum = 0
        // As much as the pipe holds: a writer that never rests must not hold us.
        while sum < Int(Self.bytes) {
            // No line is so long; one that were would be lost.
            if filled == buffer.count { filled = 0 }
            let start = filled
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(handle, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            guard count > 0 else { break }
            sum += count
            filled += count
            hand(to: take)
        }
        return sum > Int(Self.bytes) / 4
    }

    /// Hands over the whole lines of the buffer and moves the begin of the next one to its own.
    private func hand(to take: (UnsafeRawBufferPointer) -> Void) {
        let all = filled
        filled = buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var start = 0
            while start < all, let end = memchr(base + start, Int32(UInt8(ascii: "\n")), all - start) {
                let next = UnsafeRawPointer(end) - UnsafeRawPointer(base)
                if next > start { take(UnsafeRawBufferPointer(rebasing: bytes[start..<next])) }
                start = next + 1
            }
            if start > 0, start < all { memmove(base, base + start, all - start) }
            return all - start
        }
    }
}

private let F_SETPIPE_SZ: Int32 = 1031
