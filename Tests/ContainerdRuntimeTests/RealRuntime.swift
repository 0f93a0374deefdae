import Domain
import Foundation
import Logging
import TaskRuntime

@testable import ContainerdRuntime

/// A private containerd in a directory of its own, with an image made from busybox; gone when `body` ends.
struct RealRuntime {
    static let image = "berth-test:1"
    static let isWanted = ProcessInfo.processInfo.environment["BERTH_REAL_RUNTIME"] == "1"
    static let skipped: String = {
        let reason = "needs root and containerd: set BERTH_REAL_RUNTIME=1"
        if !isWanted { print("skipped: tests with a real containerd, \(reason)") }
        return reason
    }()

    var process: ContainerdProcess
    var runtime: ContainerdRuntime
    var directory: String

    static func with(
        plainHTTPRegistries: [String] = [], _ body: (RealRuntime) async throws -> Void
    ) async throws {
        let name = String(UUID().uuidString.prefix(8)).lowercased()
        let directory = "/var/tmp/berth-test-\(name)"
        let process = ContainerdProcess(
            ContainerdConfiguration(
                dataDirectory: directory, runtimeDirectory: "/run/berth-test-\(name)", cgroup: "/berth-test-\(name)",
                loggerPath: try logger(), plainHTTPRegistries: plainHTTPRegistries, logFileBytes: 1 << 20),
            logger: Logger(label: "test"))
        let runtime = try ContainerdRuntime(process: process, logger: Logger(label: "test"))
        let real = RealRuntime(process: process, runtime: runtime, directory: directory)
        let outcome: Result<Void, any Error>
        let running = Task { try await runtime.run() }
        do {
            try await process.ensureRunning()
            try await real.importImage(try builder(), as: image)
            try await body(real)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try? await runtime.removeAll()
        running.cancel()
        _ = await running.result
        try await process.stop()
        try FileManager.default.removeItem(atPath: directory)
        try outcome.get()
    }

    private static func logger() throws -> String {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = [bundle, bundle.deletingLastPathComponent(), bundle.appendingPathComponent("..")]
        for folder in candidates + [URL(fileURLWithPath: ".build/debug")] {
            let path = folder.appendingPathComponent("berth-logger").standardizedFileURL.path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw RuntimeError.notFound("berth-logger is not built")
    }

    /// An image of busybox.
    static func builder() throws -> ImageBuilder {
        let busybox = try Data(contentsOf: URL(fileURLWithPath: "/bin/busybox"))
        return ImageBuilder(
            entries: [
                .directory(path: "bin", mode: 0o755), .file(path: "bin/busybox", mode: 0o755, content: busybox),
            ]
                + ["sh", "sleep", "true", "id", "seq", "cat", "ulimit", "dd", "env", "ps", "kill"].map {
                    .link(path: "bin/" + $0, target: "busybox")
                } + [
                    .directory(path: "etc", mode: 0o755),
                    .file(
                        path: "etc/passwd", mode: 0o644,
                        content: Data("root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:web:/:/bin/sh\n".utf8)),
                    .file(path: "etc/group", mode: 0o644, content: Data("root:x:0:\nweb:x:102:\nlog:x:103:web\n".utf8)),
                    .directory(path: "tmp", mode: 0o1777),
                ], command: ["/bin/sh"], environment: ["FROM_IMAGE=yes"])
    }

    /// Puts an image into the store, under `reference`.
    func importImage(_ builder: ImageBuilder, as reference: String) async throws {
        let archive = directory + "/image.tar"
        try builder.archive(reference: reference).write(to: URL(fileURLWithPath: archive))
        let made = try await runtime.importImage(archive: archive)
        try FileManager.default.removeItem(atPath: archive)
        guard made.map(\.reference) == ["docker.io/library/\(reference)"] else {
            throw RuntimeError.failed("imported \(made)")
        }
    }

    /// A container that runs a shell script.
    func shell(_ id: String, _ script: String, task: String = "t1") -> RuntimeContainer {
        var definition = ContainerDefinition(name: id, image: Self.image)
        definition.command = ["/bin/sh", "-c", script]
        return RuntimeContainer(id: id, task: task, definition: definition, logDirectory: logs(id))
    }

    func logs(_ id: String) -> String { directory + "/logs/" + id }

    /// Lines of a container's output without time, stream and tag.
    func lines(_ id: String) -> [String] {
        let text = (try? String(contentsOfFile: logs(id) + "/output.log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { line in
            line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).last.map(String.init) ?? ""
        }
    }

    func run(_ container: RuntimeContainer) async throws {
        try await runtime.prepareTask(container.task, limits: TaskLimits())
        try await runtime.create(container)
        try await runtime.start(container.id)
    }

    func exitCode(_ id: String) async throws -> Int {
        var code: Int?
        try await eventually {
            let state = try? await runtime.containers().first { $0.id == id }
            if case .exited(let seen, _)? = state?.status { code = seen }
            return code != nil
        }
        return code ?? -1
    }

    func eventually(_ holds: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(30))
        while try await !holds() {
            if clock.now >= deadline { throw RuntimeError.failed("waited 30 seconds in vain") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
