import CLinux
import Foundation
import TaskNetwork
import Testing

@testable import CNINetwork

@Suite("Running programs")
struct ProgramTests {
    @Test("gives input and collects both outputs and the exit code")
    func converses() throws {
        let output = try Program.output(
            of: "sh", ["-c", "cat; echo $WHO >&2; exit 7"], environment: ["WHO": "me"], input: Data("in".utf8))
        #expect(output.outText == "in")
        #expect(output.complaint == "me")
        #expect(output.status == 7)
    }

    @Test("does not hang on more than a pipe holds, in all three directions")
    func movesMuch() throws {
        let input = Data(repeating: 0x61, count: 500_000)
        let output = try Program.output(of: "sh", ["-c", "tee /dev/stderr"], input: input)
        #expect(output.out == input)
        #expect(output.err == input)
    }

    @Test("survives a program that does not read its input")
    func ignoresBrokenInput() throws {
        let output = try Program.output(of: "true", [], input: Data(repeating: 0x61, count: 1_000_000))
        #expect(output.status == 0)
    }

    @Test("cuts an output without end, and lets the program end")
    func limitsOutput() throws {
        let output = try Program.output(of: "sh", ["-c", "head -c 3000000 /dev/zero"])
        #expect(output.out.count == 1 << 20)
        #expect(output.status == 0)
    }

    @Test("reports the signal that ended it")
    func reportsSignal() throws {
        #expect(try Program.output(of: "sh", ["-c", "kill -9 $$"]).status == 137)
    }

    @Test("kills the whole group when the time is over")
    func timesOut() throws {
        let started = ContinuousClock.now
        var argv = cStrings(["sh", "-c", "sleep 60 & sleep 60"])
        defer { argv.forEach { free($0) } }
        var envp = cStrings(["PATH=/usr/bin:/bin"])
        defer { envp.forEach { free($0) } }
        var output = clinux_output()
        defer { clinux_output_free(&output) }
        let result = argv.withUnsafeMutableBufferPointer { argv in
            envp.withUnsafeMutableBufferPointer { envp -> Int32 in
                guard let argv = argv.baseAddress, let envp = envp.baseAddress else { return -EINVAL }
                return "/bin/sh".withCString { path in
                    var command = clinux_command(
                        path: path, argv: argv, envp: envp, input: nil, input_length: 0, timeout_ms: 100, held_fd: -1)
                    return clinux_run(&command, &output)
                }
            }
        }
        #expect(result == -ETIMEDOUT)
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test("gives the program no descriptor of ours")
    func closesDescriptors() throws {
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        // The fourth is the one that reads the directory.
        #expect(try Program.output(of: "ls", ["/proc/self/fd"]).outText == "0\n1\n2\n3\n")
    }

    @Test("names a program that is missing")
    func namesMissing() {
        #expect(throws: NetworkError.failed("the program no-such-program is missing on this machine")) {
            try Program.run("no-such-program", [])
        }
    }

    @Test("a detached program has a session of its own and writes to the log it was given")
    func detaches() async throws {
        let file = NSTemporaryDirectory() + "berth-detached-\(UInt64.random(in: 0...UInt64.max))"
        let log = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(log >= 0)
        defer { unlink(file) }
        let script = "cut -d' ' -f1,6 /proc/self/stat; echo $$; ls /proc/self/fd | wc -l"
        var argv = cStrings(["sh", "-c", script])
        defer { argv.forEach { free($0) } }
        var envp = cStrings(["PATH=/usr/bin:/bin"])
        defer { envp.forEach { free($0) } }
        let pid = clinux_spawn_detached("/bin/sh", &argv, &envp, log, nil, nil)
        close(log)
        try #require(pid > 0)
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0].hasSuffix(" \(pid)"))
        #expect(lines[1] == "\(pid)")
        #expect(lines[2].trimmingCharacters(in: .whitespaces) == "4")
    }
}
