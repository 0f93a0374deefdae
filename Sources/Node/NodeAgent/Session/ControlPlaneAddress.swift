import Dispatch
import Foundation
import TaskNetwork

/// The port's word, where the message's is read as well.
typealias HostRoute = PeerRoute

/// Where the control plane's machine is, as this host sees it.
enum ControlPlaneAddress {
    /// The IPv4 address of a host, looked up anew each time; nil when there is none.
    static func of(_ host: String) async -> String? {
        await withCheckedContinuation { continuation in
            // The system's resolver waits for its servers: not on a thread that others need.
            DispatchQueue.global().async { continuation.resume(returning: lookUp(host)) }
        }
    }

    private static func lookUp(_ host: String) -> String? {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(first) }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = getnameinfo(
            first.pointee.ai_addr, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
