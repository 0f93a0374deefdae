public import Domain
public import Identifiers
import JSONBytes
public import StateStore

/// Why a websocket of an agent is not opened.
public enum UpgradeRefusal: Error, Hashable, Sendable {
    case badRequest(String)
    case invalidCluster(String)
    case invalidInstance(String)
    case accessDenied
    /// The host was deregistered; stock agents come back after an hour.
    case inactiveInstance

    /// The name that agents know.
    public var name: String {
        switch self {
        case .badRequest: "BadRequestException"
        case .invalidCluster: "InvalidClusterException"
        case .invalidInstance: "InvalidInstanceException"
        case .accessDenied: "AccessDeniedException"
        case .inactiveInstance: "InactiveInstanceException"
        }
    }

    public var message: String {
        switch self {
        case .badRequest(let message): message
        case .invalidCluster(let cluster): "The container instance is not in cluster \(cluster)."
        case .invalidInstance(let arn): "The container instance \(arn) does not exist."
        case .accessDenied: "The credentials are not those of this container instance."
        case .inactiveInstance: "The container instance is not active."
        }
    }

    /// The HTTP status of the answer to the upgrade.
    public var status: Int { self == .accessDenied ? 403 : 400 }

    /// The JSON body of the answer to the upgrade.
    public var body: [UInt8] {
        let value: JSONValue = ["type": .string(name), "message": ["message": .string(message)]]
        return value.jsonBytes()
    }
}

/// Says whose session an upgrade request opens.
///
/// - Parameters:
///   - query: the decoded query parameters of the request.
///   - principal: who signed it. A host opens only its own sessions; root opens any, as stock agents need it.
public func admit(
    _ kind: AgentSessionKind, query: [String: String], principal: Principal, in state: StateSnapshot
) throws(UpgradeRefusal) -> ContainerInstanceID {
    let (instanceName, clusterName) =
        kind == .acs ? ("containerInstanceArn", "clusterArn") : ("containerInstance", "cluster")
    guard let arn = query[instanceName], !arn.isEmpty else { throw .badRequest("\(instanceName) is missing.") }
    guard let id = ContainerInstanceID.parse(arn: arn)?.id else { throw .invalidInstance(arn) }
    if case .node(let own) = principal, own != id { throw .accessDenied }
    guard let host = state.instances[id] else { throw .invalidInstance(arn) }
    if host.status == .inactive { throw .inactiveInstance }
    let cluster = query[clusterName]?.split(separator: "/").last.map(String.init)
    if let cluster, let own = host.cluster?.name, cluster != own { throw .invalidCluster(cluster) }
    return id
}
