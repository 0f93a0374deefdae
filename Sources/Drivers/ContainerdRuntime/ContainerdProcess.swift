import CLinux
import Foundation
import Glibc
public import Logging
public import TaskRuntime

/// The private containerd: started here, left alive when this process ends, adopted again by the next.
public actor ContainerdProcess {
    /// How often `run` looks whether it still lives. Shorter costs wake-ups, longer delays calls after a crash.
    private static let interval = Duration.milliseconds(250)
    private static let startLimit = Duration.seconds(30)
    private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    public nonisolated let configuration: ContainerdConfiguration
    private let cgroups = Cgroups.current()
    private let logger: Logger
    private var process: DetachedProcess?

    public init(_ configuration: ContainerdConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Adopts the running containerd, or starts one and waits until its socket answers.
    ///
    /// - Throws: `.failed` when it cannot be started or does not answer within 30 seconds; the text names its log.
    public func ensureRunning() async throws(RuntimeError) {
        if process == nil { process = recorded() }
        if let process, process.isAlive { return try await waitForSocket(process) }
        try startUnlessStarted()
        if let process { try await waitForSocket(process) }
    }

    /// Keeps it running until cancelled. Containers do not notice a restart.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                try await ensureRunning()
            } catch {
                logger.error("containerd does not run", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// Returns once the socket answers, however often it takes to start.
    func waitUntilRunning() async throws {
        while !answers() { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// Ends containerd and what is left of its shims, and removes its mounts, cgroups and runtime directory.
    /// Images stay. Containers must have been removed.
    public func stop() async throws(RuntimeError) {
        if process == nil { process = recorded() }
        if let process { try await end([process]) }
        process = nil
        let socket = configuration.socket
        let shims = DetachedProcess.all { words in
            words.contains(socket) && (words.first?.hasSuffix("containerd-shim-runc-v2") ?? false)
        }
        try await end(
            shims.map { DetachedProcess(pid: $0, startTime: clinux_process_start_time($0)) }.filter {
                $0.startTime >= 0
            })
        unmountLeftovers()
        try? FileManager.default.removeItem(atPath: configuration.runtimeDirectory)
        removeSharedDirectory()
        try await removeCgroups()
    }

    private func recorded() -> DetachedProcess? {
        guard let text = try? String(contentsOfFile: configuration.pidFile, encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count == 2, let pid = Int32(fields[0]), let start = Int64(fields[1]) else { return nil }
        let found = DetachedProcess(pid: pid, startTime: start)
        let isOurs = DetachedProcess.commandLine(of: pid).contains(configuration.configFile)
        return found.isAlive && isOurs ? found : nil
    }

    /// An agent and a `berth image import` may find nothing running at the same moment: one of them starts it.
    private func startUnlessStarted() throws(Failure) {
        let directory = configuration.runtimeDirectory
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        } catch {
            throw .failed("\(error)")
        }
        let lock = open(directory + "/containerd.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw .failed("\(directory)/containerd.lock: \(describe(errno))")
        }
        defer {
            // By word: a program that is being started may hold the descriptor too.
            flock(lock, LOCK_UN)
            close(lock)
        }
        process = recorded()
        if process == nil { try start() }
    }

    private func start() throws(Failure) {
        guard configuration.socket.utf8.count <= 107 else {
            throw .invalid("\(configuration.socket): longer than a socket's path may be")
        }
        do {
            try prepareFiles()
        } catch {
            throw .failed("\(error)")
        }
        let started = try DetachedProcess.spawn(
            ["containerd", "--config", configuration.configFile], path: Self.searchPath, log: configuration.logFile)
        cgroups.place(started.pid, in: configuration.cgroup + "/" + ContainerdConfiguration.nodeCgroup)
        process = started
        do {
            try "\(started.pid) \(started.startTime)"
                .write(toFile: configuration.pidFile, atomically: true, encoding: .utf8)
        } catch {
            started.signal(SIGKILL)
            throw .failed("\(configuration.pidFile): \(error)")
        }
        logger.info("started containerd", metadata: ["pid": "\(started.pid)"])
    }

    private func prepareFiles() throws {
        let files = FileManager.default
        let directories = [configuration.dataDirectory, configuration.runtimeDirectory, configuration.execDirectory]
        for directory in directories {
            try files.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        }
        try configuration.toml.write(toFile: configuration.configFile, atomically: true, encoding: .utf8)
        for registry in configuration.plainHTTPRegistries {
            let directory = configuration.registries + "/" + registry
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try ContainerdConfiguration.hosts(registry: registry)
                .write(toFile: directory + "/hosts.toml", atomically: true, encoding: .utf8)
        }
        if !files.fileExists(atPath: Self.sharedDirectory) {
            try "".write(toFile: sharedDirectoryMark, atomically: true, encoding: .utf8)
        }
    }

    private func waitForSocket(_ process: DetachedProcess) async throws(Failure) {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: Self.startLimit)
        while !answers() {
            guard process.isAlive else { throw .failed("containerd ended, see \(configuration.logFile)") }
            guard clock.now < deadline else { throw .unavailable("containerd does not answer") }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw .unavailable("cancelled")
            }
        }
    }

    /// Whether something accepts connections on the socket.
    private func answers() -> Bool {
        let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(configuration.socket.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.prefix(bytes.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(handle, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// SIGTERM, and SIGKILL to those that take more than five seconds.
    private func end(_ processes: [DetachedProcess]) async throws(Failure) {
        for process in processes { process.signal(SIGTERM) }
        let clock = ContinuousClock()
        let patience = clock.now.advanced(by: .seconds(5))
        let limit = clock.now.advanced(by: .seconds(15))
        while processes.contains(where: \.isAlive) {
            if clock.now > patience { processes.forEach { $0.signal(SIGKILL) } }
            guard clock.now < limit else { throw .failed("a process of containerd does not end") }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A cgroup is busy until the last process in it has been reaped: a logger, a shim's child, a runc that outlived the
    /// containerd that called it. All that is in ours is ours, so what does not end by itself is killed.
    private func removeCgroups() async throws(Failure) {
        let clock = ContinuousClock()
        let patience = clock.now.advanced(by: .seconds(1))
        let limit = clock.now.advanced(by: .seconds(20))
        while true {
            do {
                return try cgroups.remove(configuration.cgroup)
            } catch {
                guard clock.now < limit else { throw error }
                if clock.now > patience { cgroups.members(of: configuration.cgroup).forEach { kill($0, SIGKILL) } }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func unmountLeftovers() {
        let text = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let ours = [configuration.runtimeDirectory + "/", configuration.dataDirectory + "/"]
        for line in text.split(separator: "\n").reversed() {
            let fields = line.split(separator: " ")
            guard fields.count > 1, ours.contains(where: { fields[1].hasPrefix($0) }) else { continue }
            umount2(String(fields[1]), Int32(MNT_DETACH))
        }
    }

    /// Where every containerd of a host keeps its shims' sockets; it cannot be set.
    private static let sharedDirectory = "/run/containerd"
    private var sharedDirectoryMark: String { configuration.dataDirectory + "/made-run-containerd" }

    /// Only when it was not there before us, and nobody else's sockets are in it.
    private func removeSharedDirectory() {
        guard access(sharedDirectoryMark, F_OK) == 0 else { return }
        unlink(sharedDirectoryMark)
        for name in ["/s", "/io.containerd.runtime.v1.linux", "/io.containerd.runtime.v2.task", ""] {
            rmdir(Self.sharedDirectory + name)
        }
    }
}
