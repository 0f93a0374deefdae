import CLinux
import Foundation
import TaskNetwork

/// Runs programs to their end in the network namespace of the calling thread.
enum Program {
    struct Output {
        var status: Int32
        var out: Data
        var err: Data

        var outText: String { String(decoding: out, as: UTF8.self) }
        /// What went wrong, for people: standard error, or standard output when that is empty, on one line.
        var complaint: String {
            let text = String(decoding: err.isEmpty ? out : err, as: UTF8.self)
            return text.split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }

    /// Long enough for a busy machine where `iptables -w` waits for its turn; shorter would fail launches under load.
    static let timeoutMilliseconds: Int32 = 30_000

    private static let searchPath = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// Runs `name` (a path, or a program of the system's directories) and collects what it wrote.
    ///
    /// - Parameter lock: a descriptor that the program keeps open for as long as it lives.
    /// - Throws: `.failed` when it cannot be started or does not end in time; any exit status is an answer.
    static func output(
        of name: String, _ arguments: [String], environment: [String: String] = [:], input: Data = Data(),
        holding lock: Int32 = -1
    ) throws(NetworkError) -> Output {
        let path = try locate(name)
        var variables = ["PATH": searchPath.joined(separator: ":"), "LC_ALL": "C"]
        variables.merge(environment) { _, given in given }
        let envp = variables.map { "\($0.key)=\($0.value)" }
        var collected = clinux_output()
        defer { clinux_output_free(&collected) }
        let failure = path.withCString { path in
            withCStrings([name] + arguments) { argv in
                withCStrings(envp) { envp in
                    input.withUnsafeBytes { bytes in
                        var command = clinux_command(
                            path: path, argv: argv, envp: envp, input: bytes.baseAddress, input_length: bytes.count,
                            timeout_ms: timeoutMilliseconds, held_fd: lock)
                        return clinux_run(&command, &collected)
                    }
                }
            }
        }
        guard failure == 0 else { throw .failed("\(name) could not run: \(errorText(failure))") }
        return Output(
            status: collected.status, out: data(collected.out, collected.out_length),
            err: data(collected.err, collected.err_length))
    }

    /// Runs a program that must succeed.
    ///
    /// - Throws: `.failed` with its complaint.
    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws(NetworkError) -> Output {
        let output = try output(of: name, arguments)
        guard output.status == 0 else {
            throw .failed("\(name) \(arguments.joined(separator: " ")): \(output.complaint)")
        }
        return output
    }

    /// Whether a program exits with 0.
    static func succeeds(_ name: String, _ arguments: [String]) throws(NetworkError) -> Bool {
        try output(of: name, arguments).status == 0
    }

    /// The path of a program; nil when this machine has none of that name.
    static func path(of name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        return searchPath.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The words for a negative errno.
    static func errorText(_ failure: Int32) -> String { String(cString: strerror(-failure)) }

    private static func locate(_ name: String) throws(NetworkError) -> String {
        guard let path = path(of: name) else { throw .failed("the program \(name) is missing on this machine") }
        return path
    }

    private static func data(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Data {
        bytes.map { Data(bytes: $0, count: count) } ?? Data()
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
package func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
        // The array has at least its terminator, so there is a first element.
        withUnsafePointer(to: nil as UnsafeMutablePointer<CChar>?) { end in body(buffer.baseAddress ?? end) }
    }
}
