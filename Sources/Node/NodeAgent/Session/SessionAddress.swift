import AWSWire
import Foundation
import NIOHTTP1

/// Who connects: the words that both websockets carry in their query.
struct SessionAddress: Sendable {
    var cluster: String
    var containerInstance: String
    var agentVersion: String
    var runtimeVersion: String

    /// `sendCredentials` is not asked for: this agent serves none.
    func acs(_ endpoint: Endpoint) -> String {
        Self.uri(
            endpoint,
            [
                ("agentHash", "berth"), ("agentVersion", agentVersion), ("clusterArn", cluster),
                ("containerInstanceArn", containerInstance), ("dockerVersion", "DockerVersion: \(runtimeVersion)"),
                ("protocolVersion", "2"), ("sendCredentials", "false"), ("seqNum", "1"),
            ])
    }

    func tcs(_ endpoint: Endpoint) -> String {
        Self.uri(
            endpoint,
            [
                ("agentHash", "berth"), ("agentVersion", agentVersion), ("cluster", cluster),
                ("containerInstance", containerInstance), ("dockerVersion", runtimeVersion),
            ])
    }

    private static func uri(_ endpoint: Endpoint, _ query: [(String, String)]) -> String {
        let base = endpoint.path.hasSuffix("/") ? String(endpoint.path.dropLast()) : endpoint.path
        let pairs = query.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
        return "\(base)/ws?\(pairs)"
    }

    /// Only RFC 3986's unreserved characters stay, as SigV4 wants a query.
    static func encoded(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// The headers of the upgrade request, signed.
    static func headers(_ endpoint: Endpoint, uri: String, api: ControlPlaneAPI) -> HTTPHeaders {
        let parts = uri.split(separator: "?", maxSplits: 1).map(String.init)
        let host = [(name: "Host", value: endpoint.authority)]
        let request = SigV4Request(
            method: "GET", path: parts.first ?? "/", query: parts.count > 1 ? parts[1] : "", headers: host)
        var headers = HTTPHeaders()
        for header in host + api.signature(request) { headers.add(name: header.name, value: header.value) }
        return headers
    }
}
