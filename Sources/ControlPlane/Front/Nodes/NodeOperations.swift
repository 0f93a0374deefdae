/// Berth's own operations: joining, status and restore.
enum NodeOperations {
    static func all(
        _ ports: FrontPorts, _ restore: @escaping @Sendable (String) async throws(RestoreError) -> Void
    ) -> [Operation] {
        []
    }
}

/// Why a backup was not restored. The text is shown to the caller, who is root.
public struct RestoreError: Error, Hashable, Sendable {
    public var message: String

    public init(_ message: String) { self.message = message }
}
