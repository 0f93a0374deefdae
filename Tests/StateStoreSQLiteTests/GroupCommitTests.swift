import Foundation
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    @Test("64 writers share each synchronisation of the disk with at least 7 others, seen from outside")
    func sharesFsync() throws {
        let directory = try TemporaryDirectory()
        let trace = directory.file("trace")
        let writer = try WriterProcess(
            file: directory.file("state.db"), writers: 64, commits: 50,
            under: ["strace", "-f", "-o", trace, "-e", "trace=fsync,fdatasync"])
        #expect(writer.finish() == 0, "strace must be installed and allowed to trace its child")
        let acknowledged = writer.acknowledged.values.reduce(0, +)
        #expect(acknowledged == 64 * 50)
        let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
            .count { $0.contains("sync(") }
        #expect(calls > 0)
        #expect(acknowledged >= calls * 8, "\(acknowledged) commits in \(calls) synchronisations")
    }
}
