import AWSWire
import Domain
import Identifiers
import StateStore

/// Whose socket an upgrade request asks for, and for which half of the agent protocol.
struct AgentConnection: Hashable, Sendable {
    /// Agent communication or telemetry; both are served at one address and told apart by their parameters.
    enum Channel: Hashable, Sendable { case communication, telemetry }

    var channel: Channel
    var instance: ContainerInstanceID

    /// - Throws: `AccessDeniedException` for another host's socket, `InvalidInstanceException` for an unknown host and
    ///   `InactiveInstanceException` for a deregistered one.
    init(_ request: HTTPMessage, _ principal: Principal, _ state: StateSnapshot) throws(APIFault) {
        guard request.path == "/ws" else { throw APIFault("BadRequestException", message: "Sockets are served at /ws.") }
        let reference: String
        if let arn = request.parameter("containerInstanceArn") {
            (channel, reference) = (.communication, arn)
        } else if let arn = request.parameter("containerInstance") {
            (channel, reference) = (.telemetry, arn)
        } else {
            throw APIFault("BadRequestException", message: "The request names no container instance.")
        }
        guard let (id, _) = ContainerInstanceID.parse(arn: reference) else {
            throw APIFault("InvalidInstanceException", message: "'\(reference.prefix(200))' is no container instance ARN.")
        }
        instance = id
        if case .node(let own) = principal, own != id {
            throw .accessDenied("This key belongs to another container instance.")
        }
        guard let record = state.instances[id] else {
            throw APIFault("InvalidInstanceException", message: "The container instance is not registered.")
        }
        if record.status == .inactive {
            throw APIFault("InactiveInstanceException", message: "The container instance was deregistered.")
        }
    }

    /// The exception names that agents know; a wrong signature is one of access.
    static func wireName(of fault: APIFault) -> String {
        let known: Set = [
            "ServerException", "BadRequestException", "InvalidClusterException", "InvalidInstanceException",
            "AccessDeniedException", "InactiveInstanceException",
        ]
        return known.contains(fault.code) ? fault.code : "AccessDeniedException"
    }
}
