import SwiftProtobuf
public import TaskRuntime

extension ContainerdRuntime {
    /// Most events that wait for a slow reader. More cost memory; the stream ends instead, and the reader lists anew.
    static let eventBacklog = 4096

    /// On a connection of its own: a long stream shares the fate of every call beside it.
    public func events() async throws(RuntimeError) -> AsyncStream<RuntimeEvent> {
        let connection = try ContainerdConnection(socket: configuration.socket)
        _ = try await version()
        let (stream, output) = AsyncStream<RuntimeEvent>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.eventBacklog))
        // A bridge: the port hands out a stream, and this lives exactly as long as somebody reads that.
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
            if let event = event(envelope) { try pass(event, to: output) }
        }
    }

    /// - Throws: `.unavailable` when the reader is so far behind that the event has no room.
    static func pass(_ event: RuntimeEvent, to output: AsyncStream<RuntimeEvent>.Continuation) throws(Failure) {
        if case .dropped = output.yield(event) { throw .unavailable("the reader of events is too slow") }
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
