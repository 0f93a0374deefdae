import Glibc

/// IP addresses as text.
enum Address {
    /// The address as HAProxy and the kernel write it; as it was when it is none.
    static func canonical(_ text: String) -> String { parsed(text) ?? text }

    /// nil for what is no address.
    static func parsed(_ text: String) -> String? {
        for family in [AF_INET, AF_INET6] {
            var bytes = in6_addr()
            guard inet_pton(family, text, &bytes) == 1 else { continue }
            var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(family, &bytes, &written, socklen_t(written.count)) != nil else { return nil }
            return String(decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return nil
    }

    /// `address:port` for HAProxy, which takes the last colon for the one before the port.
    static func word(_ address: String, _ port: Int) throws(Unwritable) -> String {
        guard let parsed = parsed(address) else { throw Unwritable("\(address.debugDescription) is not an IP address") }
        guard (1...65535).contains(port) else { throw Unwritable("\(port) is not a port") }
        return parsed.contains(":") ? "[\(parsed)]:\(port)" : "\(parsed):\(port)"
    }

    /// What an address must be in to be in a CIDR block: the block itself, or parts of it. HAProxy holds every IPv4 address for
    /// one of `::ffff:0:0/96` as well, so that what has this in it is written without; nothing is left of what is in this.
    static func blocks(_ text: String) throws(Unwritable) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = parsed(String(parts[0])), let bits = UInt8(parts[1]).map(Int.init),
            bits <= (address.contains(":") ? 128 : 32)
        else { throw Unwritable("\(text.debugDescription) is not a block in CIDR notation") }
        guard address.contains(":") else { return ["\(address)/\(bits)"] }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 0, 0, 0, 0]
        let common = commonBits(bytes(six: address), mapped)
        guard common >= min(bits, 96) else { return ["\(address)/\(bits)"] }
        // Each has all bits of the way to that block but its own last one.
        return (min(bits, 96)..<96).map { bit in
            var other = mapped
            other[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            for place in (bit / 8 + 1)..<16 { other[place] = 0 }
            other[bit / 8] &= ~(UInt8(0x7f) >> UInt8(bit % 8))
            return "\(written(six: other))/\(bit + 1)"
        }
    }

    private static func commonBits(_ one: [UInt8], _ other: [UInt8]) -> Int {
        for (index, pair) in zip(one, other).enumerated() where pair.0 != pair.1 {
            return index * 8 + (pair.0 ^ pair.1).leadingZeroBitCount
        }
        return one.count * 8
    }

    private static func bytes(six text: String) -> [UInt8] {
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return [] }
        return withUnsafeBytes(of: &bytes) { Array($0) }
    }

    private static func written(six bytes: [UInt8]) -> String {
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &written, socklen_t(written.count)) != nil else { return "::" }
        return String(decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Why nothing could listen there now; nil when something could.
    static func obstacle(_ address: String, _ port: Int) -> String? {
        let isSix = canonical(address).contains(":")
        let handle = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return nil }
        defer { close(handle) }
        var yes: Int32 = 1
        setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let result: Int32
        if isSix {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = in_port_t(truncatingIfNeeded: port).bigEndian
            guard inet_pton(AF_INET6, address, &name.sin6_addr) == 1 else { return "it is not an IP address" }
            setsockopt(handle, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
            result = bound(handle, &name, MemoryLayout<sockaddr_in6>.size)
        } else {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
            guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { return "it is not an IP address" }
            result = bound(handle, &name, MemoryLayout<sockaddr_in>.size)
        }
        switch result {
        case 0: return nil
        case EADDRINUSE: return "another program listens there"
        case EADDRNOTAVAIL: return "the host does not have this address"
        default: return String(cString: strerror(result))
        }
    }

    private static func bound<Name>(_ handle: Int32, _ name: inout Name, _ size: Int) -> Int32 {
        withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(handle, generic, socklen_t(size)) == 0, listen(handle, 1) == 0 else { return errno }
                return 0
            }
        }
    }
}
