import Glibc

/// Why the resolver cannot work, for people.
public struct ResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// Sockets that never wait.
enum Sockets {
    static let port: UInt16 = 53

    /// A socket at an IPv4 address of this host.
    static func bound(_ kind: __socket_type, _ address: [UInt8]) throws(ResolverError) -> Int32 {
        let handle = socket(AF_INET, Int32(kind.rawValue) | flags, 0)
        guard handle >= 0 else { throw ResolverError("socket") }
        var yes: Int32 = 1
        if kind == SOCK_STREAM {
            setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        var place = self.place(address, port)
        guard with(&place, { bind(handle, $0, $1) }) == 0, kind == SOCK_DGRAM || listen(handle, 64) == 0 else {
            let error = ResolverError("port \(port) of \(address.map(String.init).joined(separator: "."))")
            close(handle)
            throw error
        }
        return handle
    }

    /// A socket that speaks to one server; nil when there is no way to it.
    static func connected(_ kind: __socket_type, to server: String, port: UInt16 = Sockets.port) -> Int32? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(kind.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(server, String(port), &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(first) }
        let handle = socket(first.pointee.ai_family, Int32(kind.rawValue) | flags, 0)
        guard handle >= 0 else { return nil }
        guard connect(handle, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 || errno == EINPROGRESS else {
            close(handle)
            return nil
        }
        return handle
    }

    static func receive(_ handle: Int32, _ buffer: inout [UInt8]) -> (count: Int, from: Asker)? {
        var from = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &from) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                buffer.withUnsafeMutableBytes { recvfrom(handle, $0.baseAddress, $0.count, 0, generic, &length) }
            }
        }
        guard count >= 0 else { return nil }
        let asker = Asker(address: UInt32(bigEndian: from.sin_addr.s_addr), port: UInt16(bigEndian: from.sin_port))
        return (count, asker)
    }

    static func send(_ handle: Int32, _ bytes: some Collection<UInt8>, to asker: Asker) {
        let number = asker.address
        var place = place([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }, asker.port)
        let bytes = Array(bytes)
        // A full buffer loses it, as networks do: the client asks again.
        _ = with(&place) { generic, length in sendto(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL), generic, length) }
    }

    static func peer(_ handle: Int32) -> UInt32? {
        var from = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &from) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(handle, $0, &length) }
        }
        return result == 0 ? UInt32(bigEndian: from.sin_addr.s_addr) : nil
    }

    private static let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

    private static func place(_ address: [UInt8], _ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = address.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.bigEndian
        return place
    }

    private static func with<Value>(
        _ place: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
