import Domain
import Foundation
import Glibc
import TaskRuntime

/// What the containers of one task share beyond limits.
struct SharedNamespaces: Hashable, Sendable {
    /// The process that keeps the namespaces alive.
    var holder: Int32
    /// The host's directory that is `/dev/shm` of all of them.
    var memoryDirectory: String

    /// The file of a namespace, such as `pid`.
    func path(of namespace: String) -> String { "/proc/\(holder)/ns/\(namespace)" }
}

extension RuntimeContainer {
    /// Ids of containers have a dash after the task's id; this has none.
    private static let holderSuffix = ".pause"

    static func holderID(of task: String) -> String { task + holderSuffix }

    /// Whether this is the container that does nothing but keep namespaces.
    var isHolder: Bool { id == Self.holderID(of: task) }

    var sharesNamespaces: Bool { pidMode == .task || ipcMode == .task }

    /// The container that keeps this one's shared namespaces: of the same image, for it brings its own program.
    func holder(logDirectory: String) -> RuntimeContainer {
        var definition = ContainerDefinition(name: "pause", image: definition.image)
        definition.entryPoint = [SpecBuilder.initPath, "pause"]
        definition.dropCapabilities = ["ALL"]
        definition.readonlyRootFilesystem = true
        definition.dockerSecurityOptions = ["no-new-privileges"]
        definition.user = "0"
        return RuntimeContainer(
            id: Self.holderID(of: task), task: task, definition: definition, networkNamespace: networkNamespace,
            logDirectory: logDirectory, isManaged: isManaged)
    }
}

/// The directories that are `/dev/shm` of whole tasks: one `tmpfs` each.
struct SharedMemory: Sendable {
    let root: String

    func directory(_ task: String) -> String { root + "/" + task }

    /// Makes it with room for `size`; one that is there grows, never shrinks.
    func prepare(_ task: String, size: MemoryMiB) throws(Failure) {
        let path = directory(task)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .failed("\(path): \(error)")
        }
        var flags = UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC)
        if let present = mountedBytes(path) {
            guard present < size.bytes else { return }
            flags |= UInt(MS_REMOUNT)
        }
        guard mount("shm", path, "tmpfs", flags, "mode=1777,size=\(size.bytes)") == 0 else {
            throw .failed("\(path): \(describe(errno))")
        }
    }

    func remove(_ task: String) throws(Failure) {
        let path = directory(task)
        guard access(path, F_OK) == 0 else { return }
        while mountedBytes(path) != nil {
            guard umount2(path, Int32(MNT_DETACH)) == 0 else { throw .failed("\(path): \(describe(errno))") }
        }
        guard rmdir(path) == 0 || errno == ENOENT else { throw .failed("\(path): \(describe(errno))") }
    }

    /// The tasks that have one.
    func tasks() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted() }

    /// The size of what is mounted on `path`; nil when it is a plain directory.
    private func mountedBytes(_ path: String) -> Int64? {
        var here = stat()
        var above = stat()
        guard stat(path, &here) == 0, stat(root, &above) == 0, here.st_dev != above.st_dev else { return nil }
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { return nil }
        return Int64(clamping: space.f_blocks) * Int64(clamping: space.f_frsize)
    }
}
