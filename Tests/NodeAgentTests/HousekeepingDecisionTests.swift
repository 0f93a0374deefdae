import Domain
import Identifiers
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("What of the past may go")
struct HousekeepingDecisionTests {
    private static func finished(_ id: String, at: Int64?) -> TaskRunnerRecord {
        var record = TaskRunnerRecord(assignment: .of([.named("web")], id: id))
        record.finishedAt = at.map { Timestamp(milliseconds: $0) }
        return record
    }

    @Test("a finished task is forgotten once its time has passed, not a moment before")
    func forgetsTasks() {
        let records = [
            Self.finished("old", at: 1_000), Self.finished("due", at: 5_000), Self.finished("new", at: 5_001),
            Self.finished("live", at: nil),
        ]
        let gone = HousekeepingDecision.forgettable(
            records, wall: Timestamp(milliseconds: 15_000), after: .seconds(10))
        #expect(gone.map(\.id) == ["old", "due"])
    }

    private static func folder(_ task: String, _ bytes: Int64, at: Int64) -> HousekeepingDecision.LogFolder {
        .init(task: task, bytes: bytes, changedAt: Timestamp(milliseconds: at))
    }

    private static let folders = [folder("a", 40, at: 1), folder("b", 40, at: 3), folder("c", 40, at: 2)]

    @Test(
        "output of the oldest tasks goes beyond a count or a size, never that of a live one",
        arguments: [
            ([], 3, 120, []), ([], 2, 120, ["a"]), ([], 3, 119, ["a"]), ([], 3, 79, ["c", "a"]),
            ([], 0, 0, ["b", "c", "a"]),
            (["a"], 2, 80, []), (["b"], 1, 80, ["a"]), (["a", "b", "c"], 0, 0, []),
        ] as [(Set<String>, Int, Int64, [String])])
    func expiresLogs(live: Set<String>, count: Int, bytes: Int64, gone: [String]) {
        #expect(HousekeepingDecision.expiredLogs(Self.folders, live: live, count: count, bytes: bytes) == gone)
    }

    private static func image(_ reference: String) -> RuntimeImage {
        RuntimeImage(reference: reference, digest: "sha256:\(reference)", bytes: 1)
    }

    @Test("unused images go by age, the longest unused first; used and unseen ones stay")
    func expiresImages() {
        let gone = HousekeepingDecision.expiredImages(
            ["young", "used", "unseen", "second", "first"].map(Self.image), used: ["used"],
            unusedSince: [
                "young": .zero.adding(.seconds(91)), "used": .zero, "second": .zero.adding(.seconds(90)),
                "first": .zero.adding(.seconds(20)),
            ],
            now: .zero.adding(.seconds(100)), retention: Self.retention(.seconds(10)))
        #expect(gone == ["first", "second"])
    }

    private static func retention(_ age: Duration, imported: Bool = false) -> NodeRetention {
        var retention = NodeRetention()
        retention.imageAge = age
        retention.removesImportedImages = imported
        return retention
    }

    @Test("an imported image goes only when imported ones may", arguments: [true, false])
    func keepsImportedImages(mayGo: Bool) {
        var imported = Self.image("imported")
        imported.isImported = true
        let gone = HousekeepingDecision.expiredImages(
            [imported, Self.image("pulled")], used: [], unusedSince: ["imported": .zero, "pulled": .zero],
            now: .zero.adding(.seconds(1)), retention: Self.retention(.zero, imported: mayGo))
        #expect(gone == (mayGo ? ["imported", "pulled"] : ["pulled"]))
    }

    @Test("an image is used under whatever name its task wrote")
    func knowsUsedImages() {
        let images = ["docker.io/library/app:1", "docker.io/library/app:latest", "other"].map(Self.image)
        let used = HousekeepingDecision.usedImages(
            images, digests: ["sha256:docker.io/library/app:1", "sha256:gone"])
        #expect(used == ["docker.io/library/app:1"])
    }
}
