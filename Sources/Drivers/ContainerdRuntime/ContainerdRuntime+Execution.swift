import Domain
import SwiftProtobuf
import Foundation
public import TaskRuntime
import Glibc

extension ContainerdRuntime {
    private static let processType = "types.containerd.io/opencontainers/runtime-spec/1/Process"
    /// What the port promises of a command's output.
    private static let outputLimit = 4096

    /// Each stream gets a file of its own, named without a scheme: with standard error left empty, containerd 1.6's shim
    /// crashes and takes the whole task with it; with `file://` it writes both streams to the first file, which it closes
    /// when one of them ends. A plain path must exist; it is meant for pipes and does as well for files.
    public func execute(
        _ id: String, command: [String], timeout: Duration
    ) async throws(RuntimeError) -> ExecutionResult {
        let connection = connection
        guard !command.isEmpty else { throw .invalid("no command specified") }
        guard let record = try await record(id) else { throw .notFound("no container \(id)") }
        let process = try Self.process(running: command, in: record)
        let name = "exec-" + UUID().uuidString.lowercased()
        let output = configuration.execDirectory + "/" + name
        let errors = output + ".err"
        defer {
            unlink(output)
            unlink(errors)
        }
        for path in [output, errors] {
            let isThere = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            guard isThere else {
                throw .failed("cannot create \(path) for a command's output")
            }
        }
        let request = Containerd_Services_Tasks_V1_ExecProcessRequest.with {
            $0.containerID = id
            $0.execID = name
            $0.stdout = output
            $0.stderr = errors
            $0.spec.typeURL = Self.processType
            $0.spec.value = process
        }
        _ = try await connection.attempt {
            try await connection.tasks.exec(request, metadata: connection.metadata)
        }
        let code: Int?
        do {
            code = try await startAndWait(id, name, timeout: timeout)
        } catch {
            try? await discard(id, name)
            throw error
        }
        try await discard(id, name)
        return ExecutionResult(
            exitCode: code ?? 137, output: Self.beginning(of: [output, errors]), timedOut: code == nil)
    }

    /// The container's own process with another command line and no terminal.
    private static func process(
        running command: [String], in record: Containerd_Services_Containers_V1_Container
    ) throws(Failure) -> Data {
        var process: OCISpec.Process
        do {
            process = try JSONDecoder().decode(OCISpec.self, from: record.spec.value).process
        } catch {
            throw .failed("specification of \(record.id): \(error)")
        }
        process.args = command
        process.terminal = false
        return try encoded(process)
    }

    /// The exit code, or nil when the time was up; the process has ended in both cases.
    private func startAndWait(_ id: String, _ name: String, timeout: Duration) async throws(Failure) -> Int? {
        let connection = connection
        return try await connection.attempt {
            _ = try await connection.tasks.start(
                .with {
                    $0.containerID = id
                    $0.execID = name
                }, metadata: connection.metadata)
            return try await withThrowingTaskGroup(of: Int?.self) { group in
                group.addTask {
                    let answer = try await connection.tasks.wait(
                        .with {
                            $0.containerID = id
                            $0.execID = name
                        }, metadata: connection.metadata)
                    return Int(answer.exitStatus)
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                let first = try await group.next() ?? nil
                if first == nil {
                    try await self.kill(id, name)
                    _ = try await group.next()
                }
                group.cancelAll()
                return first
            }
        }
    }

    private func kill(_ id: String, _ name: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.tasks.kill(
                .with {
                    $0.containerID = id
                    $0.execID = name
                    $0.signal = UInt32(SIGKILL)
                }, metadata: connection.metadata)
        }
    }

    private func discard(_ id: String, _ name: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.tasks.deleteProcess(
                .with {
                    $0.containerID = id
                    $0.execID = name
                }, metadata: connection.metadata)
        }
    }

    /// Standard output, then standard error, as much as the port promises.
    private static func beginning(of paths: [String]) -> String {
        var output = Data()
        for path in paths {
            guard let file = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? file.close() }
            output += (try? file.read(upToCount: outputLimit - output.count)) ?? Data()
        }
        return String(decoding: output, as: UTF8.self)
    }
}
