import Domain
import TaskLifecycle
import TestKit
import Testing

@Suite("The table of moves")
struct TaskMoveTests {
    @Test("only goes forward", arguments: TaskMove.table)
    func forward(move: TaskMove) { #expect(move.from < move.to) }

    @Test("leaves STOPPED to nobody", arguments: TaskMove.Mover.allCases)
    func stoppedStays(mover: TaskMove.Mover) {
        #expect(!TaskMove.table.contains { $0.from == .stopped && $0.mover == mover })
    }

    @Test("reaches STOPPED from every other status")
    func reachesStopped() {
        for status in TaskStatus.allCases where status != .stopped {
            #expect(TaskMove(status, .stopped, by: .node).isLegal)
            #expect(TaskMove(status, .stopped, by: .controlPlane).isLegal)
        }
    }

    @Test("holds every move a placement makes")
    func placement() {
        let waiting = TaskRecord.test("a", mode: .bridge)
        let placed = waiting.placed(on: "h1")
        #expect(TaskMove(waiting.lastStatus, placed.lastStatus, by: .placement).isLegal)
    }
}

@Suite("A request to stop")
struct StopTaskTests {
    @Test("keeps the first cause")
    func firstCause() {
        let first = TaskRecord.test("a").observed(.running)
            .requestingStop(.serviceSchedulerInitiated, reason: "scaling", now: .test(1))
        #expect(first.requestingStop(.userInitiated, reason: "me", now: .test(2)) == first)
        #expect(first.lastStatus == .stopping)
    }

    @Test("ends a task without a host at once")
    func unplaced() {
        let task = TaskRecord.test("a").requestingStop(.userInitiated, reason: "me", now: .test(1))
        #expect(task.lastStatus == .stopped)
        #expect(task.stoppedAt == .test(1))
    }

    @Test("leaves a stopped task as it is")
    func stopped() {
        let task = TaskRecord.test("a").observed(.stopped)
        #expect(task.requestingStop(.userInitiated, reason: "me", now: .test(1)) == task)
    }

    @Test("is cut to 1,024 characters")
    func clipped() {
        let task = TaskRecord.test("a").requestingStop(
            .userInitiated, reason: String(repeating: "x", count: 2_000), now: .test(1))
        #expect(task.verdict.stop?.reason.count == 1_024)
    }
}
