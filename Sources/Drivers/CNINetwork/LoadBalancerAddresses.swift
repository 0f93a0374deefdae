public import Balancer
import Dispatch
import Domain
import Foundation
import TaskNetwork

/// Addresses of load balancers on the loopback interface: what the host takes for its own from wherever it comes, tasks
/// included, whose gateway it is.
public struct LoadBalancerAddresses: BalancerAddresses {
    private static let device = "lo"

    /// Marks the addresses as ours; the kernel takes 15 bytes.
    private let label: String
    private let queue = DispatchQueue(label: "berth.load-balancer-addresses")

    /// - Parameter owner: tells the addresses of several installations on one host apart; at most 12 bytes count.
    public init(owner: String) { label = String("\(Self.device):\(owner)".prefix(15)) }

    public func set(_ addresses: [String]) async -> [String: String] {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: change(to: addresses)) }
        }
    }

    private func change(to wanted: [String]) -> [String: String] {
        var missing: [String: String] = [:]
        do throws(NetworkError) {
            let present = try addresses()
            for address in present where !wanted.contains(address) {
                try Program.run("ip", ["address", "delete", "\(address)/32", "dev", Self.device])
            }
            for address in wanted where !present.contains(address) {
                do throws(NetworkError) {
                    try Program.run("ip", ["address", "add", "\(address)/32", "dev", Self.device, "label", label])
                } catch {
                    missing[address] = error.words
                }
            }
        } catch {
            for address in wanted { missing[address] = error.words }
        }
        return missing
    }

    private struct Link: Decodable {
        struct Address: Decodable {
            var local: String?
            var label: String?
        }
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var addr_info: [Address]
    }

    private func addresses() throws(NetworkError) -> [String] {
        let output = try Program.run("ip", ["-json", "address", "show", "dev", Self.device])
        guard let links = try? JSONDecoder().decode([Link].self, from: output.out) else {
            throw .failed(
                "ip -json address show dev \(Self.device) answered with something that is no list of addresses")
        }
        return links.flatMap(\.addr_info).filter { $0.label == label }.compactMap(\.local)
    }
}

extension NetworkError {
    /// For people.
    fileprivate var words: String {
        switch self {
        case .overlap(let text), .exhausted(let text), .failed(let text): text
        case .portTaken(let port, let owner): "port \(port.number) is taken by \(owner)"
        }
    }
}
