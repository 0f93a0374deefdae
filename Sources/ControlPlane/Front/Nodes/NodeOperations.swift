import AWSWire
import JSONBytes

/// Berth's own operations: joining, status, explanations, usage, events, interruptions and restore.
enum NodeOperations {
    static func all(
        _ ports: FrontPorts, _ restore: @escaping @Sendable (String) async throws(RestoreError) -> Void
    ) -> [Operation] {
        [
            Operation(berth: "CreateJoinToken", CreateJoinToken(store: ports.store, ids: ports.ids)),
            Operation(berth: "JoinHost", JoinHost(store: ports.store, ids: ports.ids)),
            Operation(berth: "Status", BerthStatus(store: ports.store, presence: ports.presence)),
            Operation(berth: "Explain", BerthExplain(store: ports.store, presence: ports.presence)),
            Operation(berth: "Usage", BerthUsage(store: ports.store)),
            Operation(berth: "Events", ReadEvents(store: ports.store, history: ports.history)),
            Operation(berth: "Interrupt", Interrupt(store: ports.store)),
            Operation(berth: "Restore", Restore(restore: restore)),
        ]
    }
}

/// Puts a backup, a file on the server's machine, in place of the state.
struct Restore: OperationHandler {
    let restore: @Sendable (String) async throws(RestoreError) -> Void

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        guard let path = request["path"]?.string, path.hasPrefix("/") else {
            throw .invalidParameter("path must be an absolute path on the server's machine.")
        }
        do throws(RestoreError) {
            try await restore(path)
        } catch {
            throw .client(error.message)
        }
        return [:]
    }
}

/// Why a backup was not restored. The text is shown to the caller, who is root.
public struct RestoreError: Error, Hashable, Sendable {
    public var message: String

    public init(message: String) { self.message = message }
}
