import Foundation
import Domain
import SwiftProtobuf
public import Logging
public import TaskRuntime
import Synchronization

/// Runs tasks on a private containerd.
///
/// Calls wait for nothing but containerd; while it is down they throw `.unavailable`. `run` must be running.
public final class ContainerdRuntime: TaskRuntime {
    /// Labels of containers made here; CRI ignores containers without its own.
    enum Label {
        static let task = "berth.task"
        static let user = "berth.label."
        /// The task of a container that keeps namespaces; it has no `task` label and is listed nowhere.
        static let holder = "berth.holder"
        /// The number of the image's stop signal; absent for SIGTERM.
        static let stopSignal = "berth.stop-signal"
        /// Of an image that was imported by hand.
        static let imported = "berth.imported"
    }

    static let snapshotter = "overlayfs"

    let process: ContainerdProcess
    let connection: ContainerdConnection
    let cgroups: Cgroups
    let host: HostFacts
    let logger: Logger
    /// Containers that `create` is making now: they have no containerd task yet and are not lost.
    let creating = Mutex<Set<String>>([])
    /// Of containers whose statistics were asked for.
    let cgroupPaths = Mutex<[String: String]>([:])

    public var configuration: ContainerdConfiguration { process.configuration }

    /// What the owner of this host should know about open files; nil when managed capacity gets what it expects.
    public var openFilesNotice: String? { host.openFilesNotice }

    public init(process: ContainerdProcess, logger: Logger) throws(RuntimeError) {
        self.process = process
        self.logger = logger
        connection = try ContainerdConnection(socket: process.configuration.socket)
        cgroups = .current()
        host = .current(initProgram: process.configuration.loggerPath)
    }

    /// Keeps containerd running and connected until cancelled. Calls made before the first connection wait for it.
    public func run() async throws {
        let connection = connection
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.process.run() }
            group.addTask {
                try await self.process.waitUntilRunning()
                try await connection.run()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Removes every container made here and its task's limits. Images stay.
    ///
    /// `run` must be running. To take every trace from the host, then cancel it and call `ContainerdProcess.stop()`.
    public func removeAll() async throws(RuntimeError) {
        for state in try await containers() { try await remove(state.id) }
        for task in try await tasks() { try? await removeTask(task) }
        for task in sharedMemory.tasks() { try sharedMemory.remove(task) }
    }

    public func version() async throws(RuntimeError) -> String {
        let connection = connection
        let answer = try await connection.attempt {
            try await connection.version.version(.init(), metadata: connection.metadata)
        }
        return "containerd \(answer.version.split(separator: "~").first.map(String.init) ?? answer.version)"
    }

    public func prepareTask(_ id: String, limits: TaskLimits) async throws(RuntimeError) {
        try cgroups.prepare(taskCgroup(try safe(id)), limits: limits)
    }

    public func removeTask(_ id: String) async throws(RuntimeError) {
        let holder = RuntimeContainer.holderID(of: try safe(id))
        if try await record(holder) != nil { try await remove(holder) }
        try sharedMemory.remove(id)
        try cgroups.remove(taskCgroup(id))
    }

    public func tasks() async throws(RuntimeError) -> [String] {
        let held = try await holders().compactMap { $0.labels[Label.holder] }
        let limited = cgroups.children(of: configuration.cgroup).subtracting([ContainerdConfiguration.nodeCgroup])
        return limited.union(held).union(sharedMemory.tasks()).sorted()
    }

    public func statistics(_ id: String) async throws(RuntimeError) -> ContainerStatistics {
        let path = try await cgroup(of: id)
        var statistics = try cgroups.statistics(of: path)
        cgroups.count(path, in: &statistics)
        return statistics
    }

    /// containerd is asked once for each container: statistics are read every second.
    private func cgroup(of id: String) async throws(Failure) -> String {
        if let known = cgroupPaths.withLock({ $0[id] }) { return known }
        guard let container = try await record(id) else { throw .notFound("no container \(id)") }
        let path = taskCgroup(container.labels[Label.task] ?? "") + "/" + id
        cgroupPaths.withLock { $0[id] = path }
        return path
    }

    var sharedMemory: SharedMemory { SharedMemory(root: configuration.sharedMemory) }

    func taskCgroup(_ task: String) -> String { configuration.cgroup + "/" + task }

    /// Ids become parts of paths.
    func safe(_ id: String) throws(Failure) -> String {
        let allowed = id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == 45 || byte == 46 || byte == 95
        }
        guard allowed, !id.isEmpty, id.utf8.count <= 128, !id.hasPrefix("."),
            id != ContainerdConfiguration.nodeCgroup
        else {
            throw .invalid("not an id: \(id)")
        }
        return id
    }
}
