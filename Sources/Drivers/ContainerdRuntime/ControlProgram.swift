import TaskRuntime
import Foundation

/// containerd's own command line, for what the 1.6 API leaves to clients: reading an archive.
struct ControlProgram {
    var socket: String

    /// Runs `ctr` and returns what it said.
    ///
    /// - Throws: `.failed` with its last words when it ends with another code than 0.
    func run(_ arguments: [String]) async throws(Failure) -> String {
        let log = NSTemporaryDirectory() + "/berth-ctr-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: log) }
        let code: Int32
        do {
            try Data().write(to: URL(fileURLWithPath: log))
            let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            defer { try? output.close() }
            code = try await exitCode(
                ["ctr", "--address", socket, "--namespace", "k8s.io"] + arguments, output: output)
        } catch {
            throw .failed("ctr: \(error)")
        }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        // The error is the last line; progress and log lines come before it.
        if code != 0 {
            throw .failed(text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "ctr: exit \(code)")
        }
        return text
    }

    private func exitCode(_ words: [String], output: FileHandle) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
