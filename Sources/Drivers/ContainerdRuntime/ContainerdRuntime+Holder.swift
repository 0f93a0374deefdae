import Domain
import SwiftProtobuf
import Synchronization
import TaskRuntime

// The containers that keep namespaces of whole tasks, made by the first container that wants them.
extension ContainerdRuntime {
    /// What the container shares with its task, made on the first call.
    func sharedNamespaces(for container: RuntimeContainer) async throws(Failure) -> SharedNamespaces {
        if container.ipcMode == .task {
            try sharedMemory.prepare(container.task, size: MemoryMiB(container.definition.sharedMemorySize ?? 64))
        }
        return SharedNamespaces(
            holder: try await holder(for: container), memoryDirectory: sharedMemory.directory(container.task))
    }

    /// The running process that keeps the task's namespaces. Of callers at once, one makes it and the others wait.
    private func holder(for container: RuntimeContainer) async throws(Failure) -> Int32 {
        let id = RuntimeContainer.holderID(of: container.task)
        while true {
            if let pid = try await runningHolder(id) { return pid }
            if creating.withLock({ $0.insert(id).inserted }) { break }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                throw .unavailable("cancelled")
            }
        }
        defer { creating.withLock { _ = $0.remove(id) } }
        if let pid = try await runningHolder(id) { return pid }
        // What an interrupted attempt left, or a holder that ended.
        try await remove(id)
        do {
            try await make(container.holder(logDirectory: configuration.dataDirectory + "/pause"), nil)
            try await start(id)
        } catch {
            try? await remove(id)
            throw error
        }
        guard let pid = try await runningHolder(id) else { throw .failed("the task's namespaces could not be kept") }
        return pid
    }

    private func runningHolder(_ id: String) async throws(Failure) -> Int32? {
        guard let known = try await task(id), known.status == .running else { return nil }
        return Int32(clamping: known.pid)
    }

    /// containerd's records of all of them.
    func holders() async throws(Failure) -> [Containerd_Services_Containers_V1_Container] {
        let connection = connection
        return try await connection.attempt {
            try await connection.containers.list(
                .with { $0.filters = ["labels.\"\(Label.holder)\""] }, metadata: connection.metadata
            ).containers
        }
    }
}
