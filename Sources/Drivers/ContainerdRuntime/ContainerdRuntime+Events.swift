import SwiftProtobuf
public import TaskRuntime

extension ContainerdRuntime {
    /// On a connection of its own: a long stream shares the fate of every call beside it.
    public func events() async throws(RuntimeError) -> AsyncStream<RuntimeEvent> {
        let connection = try ContainerdConnection(socket: configuration.socket)
        _ = try await version()
        let (stream, output) = AsyncStream<RuntimeEvent>.makeStream(bufferingPolicy: .unbounded)
        let reader = Task {
            defer { output.finish() }
            try? await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.run() }
                group.addTask { try await Self.forward(connection, to: output) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        output.onTermination = { _ in reader.cancel() }
        return stream
    }

    private static func forward(
        _ connection: ContainerdConnection, to output: AsyncStream<RuntimeEvent>.Continuation
    ) async throws {
        let filters = [
            "topic==\"/tasks/exit\",namespace==\"k8s.io\"", "topic==\"/tasks/oom\",namespace==\"k8s.io\"",
        ]
        try await connection.subscribe(filters: filters) { envelope in
            if let event = event(envelope) { output.yield(event) }
        }
    }

    /// Exits of health checks and other commands are not exits of the container.
    static func event(_ envelope: Containerd_Services_Events_V1_Envelope) -> RuntimeEvent? {
        switch envelope.topic {
        case "/tasks/exit":
            guard let exit = try? Containerd_Events_TaskExit(serializedBytes: envelope.event.value),
                exit.id == exit.containerID
            else { return nil }
            let time = milliseconds(exit.exitedAt) ?? milliseconds(envelope.timestamp) ?? 0
            return .exited(id: exit.containerID, code: Int(exit.exitStatus), at: time)
        case "/tasks/oom":
            return (try? Containerd_Events_TaskOOM(serializedBytes: envelope.event.value))
                .map { .outOfMemory(id: $0.containerID) }
        default:
            return nil
        }
    }
}
