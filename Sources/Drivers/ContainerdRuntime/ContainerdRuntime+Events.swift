import Foundation
import SwiftProtobuf
public import TaskRuntime

extension ContainerdRuntime {
    /// Most events that wait for a slow reader. More cost memory; the stream ends instead, and the reader lists anew.
    static let eventBacklog = 4096

    /// On a connection of its own: a long stream shares the fate of every call beside it.
    public func events() async throws(RuntimeError) -> AsyncStream<RuntimeEvent> {
        let connection = try ContainerdConnection(socket: configuration.socket)
        let (stream, output) = AsyncStream<RuntimeEvent>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.eventBacklog))
        let (greetings, greeted) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let greeting = "/berth/listening/" + UUID().uuidString.lowercased()
        // A bridge: the port hands out a stream, and this lives exactly as long as somebody reads that.
        let reader = Task {
            defer {
                output.finish()
                greeted.finish()
            }
            try? await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.run() }
                group.addTask { try await self.forward(connection, to: output, greeting: greeting, greeted: greeted) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        output.onTermination = { _ in reader.cancel() }
        do {
            try await greet(greeting, until: greetings)
        } catch {
            reader.cancel()
            throw error
        }
        return stream
    }

    /// containerd does not say from when on a subscription holds. An event of our own is told until it comes back: whoever
    /// looks at the host after that misses nothing.
    private func greet(_ greeting: String, until greetings: AsyncStream<Void>) async throws(Failure) {
        let connection = self.connection
        let request = Containerd_Services_Events_V1_PublishRequest.with {
            $0.topic = greeting
            $0.event.typeURL = "type.googleapis.com/google.protobuf.Empty"
        }
        let isHeard = try await connection.attempt {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for _ in 0..<Self.greetings {
                        _ = try await connection.events.publish(request, metadata: connection.metadata)
                        try await Task.sleep(for: Self.greetingPause)
                    }
                    return false
                }
                group.addTask { await greetings.first { _ in true } != nil }
                defer { group.cancelAll() }
                return try await group.next() ?? false
            }
        }
        guard isHeard else { throw .unavailable("containerd tells no events") }
    }

    private static let greetings = 500
    private static let greetingPause = Duration.milliseconds(10)

    private func forward(
        _ connection: ContainerdConnection, to output: AsyncStream<RuntimeEvent>.Continuation, greeting: String,
        greeted: AsyncStream<Void>.Continuation
    ) async throws {
        let filters = ["/tasks/exit", greeting].map { "topic==\"\($0)\",namespace==\"k8s.io\"" }
        try await connection.subscribe(filters: filters) { envelope in
            if envelope.topic == greeting {
                greeted.yield()
                return
            }
            guard let exit = Self.exit(envelope) else { return }
            // containerd tells of memory before the kernel has chosen whom to kill; the count is true once the exit is known.
            let task = try await self.record(exit.containerID)?.labels[Label.task] ?? ""
            let time = Self.milliseconds(exit.exitedAt) ?? Self.milliseconds(envelope.timestamp) ?? 0
            try Self.pass(
                .exited(
                    id: exit.containerID, code: Int(exit.exitStatus), at: time,
                    ranOutOfMemory: self.ranOutOfMemory(exit.containerID, of: task)), to: output)
        }
    }

    /// - Throws: `.unavailable` when the reader is so far behind that the event has no room.
    static func pass(_ event: RuntimeEvent, to output: AsyncStream<RuntimeEvent>.Continuation) throws(Failure) {
        if case .dropped = output.yield(event) { throw .unavailable("the reader of events is too slow") }
    }

    /// Exits of health checks and other commands are not exits of the container.
    static func exit(_ envelope: Containerd_Services_Events_V1_Envelope) -> Containerd_Events_TaskExit? {
        guard envelope.topic == "/tasks/exit",
            let exit = try? Containerd_Events_TaskExit(serializedBytes: envelope.event.value),
            exit.id == exit.containerID
        else { return nil }
        return exit
    }
}
