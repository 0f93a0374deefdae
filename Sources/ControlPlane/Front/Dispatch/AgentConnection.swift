import AWSWire
import AgentGateway
import Domain
import Identifiers
import JSONBytes
import StateStore

/// Whose socket an upgrade request asks for, and for which half of the agent protocol.
struct AgentConnection: Hashable, Sendable {
    var kind: AgentSessionKind
    var instance: ContainerInstanceID
    var query: [String: String]

    /// Both halves are served at one address; the agent names its host by another parameter in each.
    init(_ request: HTTPMessage, _ principal: Principal, _ state: StateSnapshot) throws(SocketRefusal) {
        guard request.path == "/ws" else { throw .protocolError(.badRequest("Sockets are served at /ws.")) }
        query = request.parameters
        kind = query["containerInstanceArn"] == nil ? .tcs : .acs
        do throws(UpgradeRefusal) {
            instance = try admit(kind, query: query, principal: principal, in: state)
        } catch {
            throw .protocolError(error)
        }
    }
}

/// Why a request for a socket is answered with something else.
enum SocketRefusal: Error {
    case signature(APIFault)
    case protocolError(UpgradeRefusal)

    var status: Int {
        switch self {
        case .signature: 403
        case .protocolError(let refusal): refusal.status
        }
    }

    /// In the form that agents read; a wrong signature is one of access to them.
    var body: [UInt8] {
        switch self {
        case .signature(let fault):
            let value: JSONValue = [
                "type": "AccessDeniedException",
                "message": ["message": .string("\(fault.code): \(fault.message)")],
            ]
            return value.jsonBytes()
        case .protocolError(let refusal): return refusal.body
        }
    }
}
