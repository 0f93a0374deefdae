import Domain
import Foundation

/// Reads which ports something on this host listens on.
enum ListeningPorts {
    /// From the kernel's own tables; a table that cannot be read counts as empty.
    static func current() -> Set<Domain.Port> {
        let tables: [(String, Domain.Port.Transport)] = [("tcp", .tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)]
        return tables.reduce(into: []) { ports, table in
            guard let text = try? String(contentsOfFile: "/proc/net/\(table.0)", encoding: .utf8) else { return }
            ports.formUnion(parse(text, table.1))
        }
    }

    /// Lines of `/proc/net/tcp` and its kin: local address `HEX:PORT` in the second column, state in the fourth.
    static func parse(_ text: String, _ transport: Domain.Port.Transport) -> [Domain.Port] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 3, transport == .udp || columns[3] == "0A",
                let number = columns[1].split(separator: ":").last.flatMap({ Int($0, radix: 16) })
            else { return nil }
            return Domain.Port(number, transport)
        }
    }
}
