import Foundation
import Glibc

/// A client's TCP connection to 127.0.0.1, whose waits end after ten seconds.
final class TestSocket {
    private let handle: Int32
    struct Broken: Error { var code: Int32 }

    init(_ port: Int, _ address: String = "127.0.0.1") throws {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var wait = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Broken(code: errno) }
    }

    deinit { close(handle) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Broken(code: errno)
        }
    }

    /// What comes until it has `end`, or until the other side ends.
    func receive(until end: String) throws -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.contains(end) {
            let count = recv(handle, &buffer, buffer.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return text }
            guard count > 0 else { throw Broken(code: errno) }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return text
    }

    func openWebsocket() throws {
        try send(
            "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        let head = try receive(until: "\r\n\r\n")
        guard head.contains(" 101 "), head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") else { throw Broken(code: EPROTO) }
    }
}
