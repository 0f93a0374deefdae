import Glibc
import Domain
import Foundation
public import TaskRuntime
import SwiftProtobuf
import Synchronization

extension ContainerdRuntime {
    private static let specType = "types.containerd.io/opencontainers/runtime-spec/1/Spec"

    public func create(_ container: RuntimeContainer) async throws(RuntimeError) {
        let id = try safe(container.id)
        _ = try safe(container.task)
        if try await record(id) != nil {
            if try await task(id) != nil { return }
            try await remove(id)
        }
        creating.withLock { _ = $0.insert(id) }
        defer { creating.withLock { _ = $0.remove(id) } }
        let shared = container.sharesNamespaces ? try await sharedNamespaces(for: container) : nil
        do {
            try await make(container, shared)
        } catch {
            try? await remove(id)
            throw error
        }
    }

    /// Under a lease until the container refers to its snapshot: garbage collection would take it.
    func make(_ container: RuntimeContainer, _ shared: SharedNamespaces?) async throws(Failure) {
        let connection = connection
        let image = try await resolve(container.definition.image)
        let lease = "berth-" + container.id
        try await takeLease(lease)
        let leased = connection.metadata(lease: lease)
        let prepare = Containerd_Services_Snapshots_V1_PrepareSnapshotRequest.with {
            $0.snapshotter = Self.snapshotter
            $0.key = container.id
            $0.parent = image.config.chainID
        }
        let mounts = try await connection.attempt(removingLeftover: { try await removeSnapshot(container.id) }) {
            try await connection.snapshots.prepare(prepare, metadata: leased).mounts
        }
        let record = try containerRecord(container, shared, image: image, mounts: mounts)
        _ = try await connection.attempt(removingLeftover: { try await removeRecord(container.id) }) {
            try await connection.containers.create(.with { $0.container = record }, metadata: leased)
        }
        try await dropLease(lease)
        try await makeTask(container, mounts: mounts)
    }

    private func containerRecord(
        _ container: RuntimeContainer, _ shared: SharedNamespaces?, image: ResolvedImage,
        mounts: [Containerd_Types_Mount]
    ) throws(Failure) -> Containerd_Services_Containers_V1_Container {
        let files = LayerFiles(mounts: mounts)
        let users = UserLookup(passwd: files.text(inEtc: "passwd") ?? "", group: files.text(inEtc: "group") ?? "")
        let builder = SpecBuilder(
            container: container, image: image.config, users: users, host: host,
            taskCgroup: taskCgroup(container.task), shared: shared,
            devices: try container.definition.devices.map { mapping throws(Failure) in
                guard let device = HostFacts.device(at: mapping.hostPath) else {
                    throw .invalid("\(mapping.hostPath) is no device of this host")
                }
                return device
            })
        let spec = try Self.encoded(try builder.spec())
        var labels = [container.isHolder ? Label.holder : Label.task: container.task]
        for (name, value) in container.labels { labels[Label.user + name] = value }
        if let signal = image.config.config?.StopSignal.flatMap(StopSignal.number) {
            labels[Label.stopSignal] = "\(signal)"
        }
        let options = Containerd_Runc_V1_Options.with { $0.root = configuration.runcRoot }
        let packed: Google_Protobuf_Any
        do {
            packed = try Google_Protobuf_Any.with {
                $0.typeURL = "containerd.runc.v1.Options"
                $0.value = try options.serializedBytes()
            }
        } catch {
            throw .failed("\(error)")
        }
        return .with {
            $0.id = container.id
            $0.labels = labels
            $0.image = image.name
            $0.runtime.name = "io.containerd.runc.v2"
            $0.runtime.options = packed
            $0.snapshotter = Self.snapshotter
            $0.snapshotKey = container.id
            $0.spec.typeURL = Self.specType
            $0.spec.value = spec
        }
    }

    private func makeTask(_ container: RuntimeContainer, mounts: [Containerd_Types_Mount]) async throws(Failure) {
        let connection = connection
        do {
            try FileManager.default.createDirectory(
                atPath: container.logDirectory, withIntermediateDirectories: true)
        } catch {
            throw .failed("\(container.logDirectory): \(error)")
        }
        let limits = try LogLimits(container.definition.logConfiguration, configuration: configuration)
        let output = loggerURI(directory: container.logDirectory, limits)
        let request = Containerd_Services_Tasks_V1_CreateTaskRequest.with {
            $0.containerID = container.id
            $0.rootfs = mounts
            $0.stdout = output
            $0.stderr = (container.definition.pseudoTerminal ?? false) ? "" : output
            $0.terminal = container.definition.pseudoTerminal ?? false
        }
        _ = try await connection.attempt(removingLeftover: { try await removeTaskProcess(container.id) }) {
            try await connection.tasks.create(request, metadata: connection.metadata)
        }
    }

    private func loggerURI(directory: String, _ limits: LogLimits) -> String {
        var unreserved = CharacterSet.alphanumerics
        unreserved.insert(charactersIn: "/-._~")
        func escaped(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
        }
        let size = "bytes=\(limits.bytes)&files=\(limits.files)"
        return "binary://\(escaped(configuration.loggerPath))?directory=\(escaped(directory))&\(size)"
    }

    public func start(_ id: String) async throws(RuntimeError) {
        let connection = connection
        guard let known = try await task(id) else { throw .notFound("no container \(id)") }
        if known.status != .created { return }
        _ = try await connection.attempt {
            try await connection.tasks.start(.with { $0.containerID = id }, metadata: connection.metadata)
        }
    }

    /// A process that is gone already is no error.
    public func signal(_ id: String, _ signal: Int32, all: Bool) async throws(RuntimeError) {
        let connection = connection
        guard signal > 0, signal < 65 else { throw .invalid("no signal \(signal)") }
        do {
            _ = try await connection.attempt {
                try await connection.tasks.kill(
                    .with {
                        $0.containerID = id
                        $0.signal = UInt32(signal)
                        $0.all = all
                    }, metadata: connection.metadata)
            }
        } catch .notFound(let text) {
            if try await record(id) == nil { throw .notFound(text) }
        } catch .failed(let text) {
            if let known = try await task(id), known.status != .stopped { throw .failed(text) }
        }
    }

    public func stop(_ id: String) async throws(RuntimeError) {
        guard let record = try await record(id) else { throw .notFound("no container \(id)") }
        let number = record.labels[Label.stopSignal].flatMap { Int32($0) } ?? StopSignal.usual
        try await signal(id, number, all: false)
    }

    public func remove(_ id: String) async throws(RuntimeError) {
        let id = try safe(id)
        try await removeTaskProcess(id)
        try await removeRecord(id)
        try await removeSnapshot(id)
        try await dropLease("berth-" + id)
        cgroupPaths.withLock { $0[id] = nil }
    }

    private func removeRecord(_ id: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.containers.delete(.with { $0.id = id }, metadata: connection.metadata)
        }
    }

    private func removeSnapshot(_ id: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.snapshots.remove(
                .with {
                    $0.snapshotter = Self.snapshotter
                    $0.key = id
                }, metadata: connection.metadata)
        }
    }

    private func removeTaskProcess(_ id: String) async throws(Failure) {
        let connection = connection
        guard let known = try await task(id) else { return }
        if known.status == .running || known.status == .paused {
            try await signal(id, SIGKILL, all: true)
            try await ignoringMissing {
                _ = try await connection.tasks.wait(.with { $0.containerID = id }, metadata: connection.metadata)
            }
        }
        try await ignoringMissing {
            _ = try await connection.tasks.delete(.with { $0.containerID = id }, metadata: connection.metadata)
        }
    }

    public func containers() async throws(RuntimeError) -> [RuntimeContainerState] {
        let connection = connection
        let records = try await connection.attempt {
            try await connection.containers.list(
                .with { $0.filters = ["labels.\"\(Label.task)\""] }, metadata: connection.metadata
            ).containers
        }
        let making = creating.withLock { $0 }
        let processes = try await connection.attempt {
            try await connection.tasks.list(.init(), metadata: connection.metadata).tasks
        }
        var byContainer: [String: Containerd_V1_Types_Process] = [:]
        for process in processes { byContainer[process.id.isEmpty ? process.containerID : process.id] = process }
        return records.map { record in
            let task = record.labels[Label.task] ?? ""
            let status = Self.status(byContainer[record.id], isBeingMade: making.contains(record.id))
            return RuntimeContainerState(
                id: record.id, task: task, labels: userLabels(record.labels), status: status,
                ranOutOfMemory: Self.isExit(status) && ranOutOfMemory(record.id, of: task))
        }.sorted { $0.id < $1.id }
    }

    /// A container's cgroup stays until it is removed, and with it the count of kills.
    func ranOutOfMemory(_ id: String, of task: String) -> Bool {
        cgroups.outOfMemoryKills(in: taskCgroup(task) + "/" + id) > 0
    }

    private static func isExit(_ status: RuntimeContainerState.Status) -> Bool {
        if case .exited = status { true } else { false }
    }

    private func userLabels(_ labels: [String: String]) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in labels where name.hasPrefix(Label.user) {
            result[String(name.dropFirst(Label.user.count))] = value
        }
        return result
    }

    /// A container whose shim is gone died with it: containerd says 255 for that too.
    static func status(
        _ process: Containerd_V1_Types_Process?, isBeingMade: Bool
    ) -> RuntimeContainerState.Status {
        guard let process else { return isBeingMade ? .created : .exited(code: 255, at: nil) }
        switch process.status {
        case .created: return .created
        case .stopped:
            return .exited(code: Int(process.exitStatus), at: milliseconds(process.exitedAt))
        default: return .running(pid: Int32(clamping: process.pid))
        }
    }

    /// Nil for Go's zero time, which stands for "not known".
    static func milliseconds(_ time: Google_Protobuf_Timestamp) -> Int64? {
        guard time.seconds > 0, time.seconds < 1 << 40 else { return nil }
        return time.seconds * 1000 + Int64(time.nanos) / 1_000_000
    }

    /// containerd's record of a container, or nil.
    func record(_ id: String) async throws(Failure) -> Containerd_Services_Containers_V1_Container? {
        let connection = connection
        do {
            return try await connection.attempt {
                try await connection.containers.get(.with { $0.id = id }, metadata: connection.metadata).container
            }
        } catch .notFound {
            return nil
        }
    }

    /// The container's first process as containerd knows it, or nil.
    func task(_ id: String) async throws(Failure) -> Containerd_V1_Types_Process? {
        let connection = connection
        do {
            return try await connection.attempt {
                try await connection.tasks.get(.with { $0.containerID = id }, metadata: connection.metadata).process
            }
        } catch .notFound {
            return nil
        }
    }

    static func encoded(_ value: some Encodable) throws(Failure) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value)
        } catch {
            throw .failed("\(error)")
        }
    }

    func ignoringMissing(_ body: @Sendable () async throws -> Void) async throws(Failure) {
        do {
            try await connection.attempt(body)
        } catch .notFound {
            return
        }
    }

    /// Ends by itself after an hour, should nobody drop it.
    private func takeLease(_ lease: String) async throws(Failure) {
        let connection = connection
        let expires = Date(timeIntervalSinceNow: 3600).formatted(.iso8601)
        try await connection.attempt {
            do {
                _ = try await connection.leases.create(
                    .with {
                        $0.id = lease
                        $0.labels = ["containerd.io/gc.expire": expires]
                    }, metadata: connection.metadata)
            } catch  where ContainerdConnection.isAlreadyExists(error) {
                return
            }
        }
    }

    private func dropLease(_ lease: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.leases.delete(.with { $0.id = lease }, metadata: connection.metadata)
        }
    }
}
