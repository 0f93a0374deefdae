/// Why the API front cannot serve. Each description is one sentence that says what would mend it.
public enum FrontError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another program listens on the port.
    case portTaken(host: String, port: Int)
    /// The address is none of this machine's, or the system refused it for another reason.
    case cannotListen(host: String, port: Int, reason: String)
    /// A listener that other machines reach would carry secrets in the clear.
    case tlsRequired(host: String)
    /// The certificate or its key cannot be used.
    case badCertificate(path: String, reason: String)

    public var description: String {
        switch self {
        case .portTaken(let host, let port):
            "Port \(port) on \(host) is taken by another program: stop that one or choose another port with --port."
        case .cannotListen(let host, let port, let reason):
            "Cannot listen on \(host):\(port) (\(reason)): give an address of this machine with --host."
        case .tlsRequired(let host):
            "Listening on \(host) reaches beyond this machine and needs TLS: give --tls-certificate and --tls-key, "
                + "or use 127.0.0.1."
        case .badCertificate(let path, let reason):
            "The TLS certificate or key at \(path) cannot be used (\(reason)): give PEM files that belong together."
        }
    }
}
