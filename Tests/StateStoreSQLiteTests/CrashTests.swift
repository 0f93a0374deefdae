import StateStore
import StateStoreSQLite
import Testing

@Suite("A store whose process is killed")
struct CrashTests {
    @Test("keeps everything it acknowledged, and nothing half")
    func survivesKills() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        var random = SystemRandomNumberGenerator()
        var before: [Int: Int] = [:]
        for round in 1...6 {
            let writer = try WriterProcess(file: file, writers: 8)
            let lines = Int.random(in: 1...400, using: &random)
            writer.read(lines: lines)
            writer.kill()
            let found = try WriterCounters(file: file)
            #expect(found.left == found.right, "torn in round \(round), killed after \(lines) lines")
            for (number, acknowledged) in before.merging(writer.acknowledged, uniquingKeysWith: max) {
                #expect(found.left["\(number)", default: 0] >= acknowledged, "lost in round \(round)")
            }
            before = writer.acknowledged.merging(before, uniquingKeysWith: max)
        }
        #expect(!before.isEmpty)
    }
}
