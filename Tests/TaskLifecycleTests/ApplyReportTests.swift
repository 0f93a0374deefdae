import Domain
import Identifiers
import TaskLifecycle
import TestKit
import Testing

@Suite("A node's report")
struct ApplyReportTests {
    let task = TaskRecord.test("a").placed(on: "h1")

    func report(
        _ status: TaskStatus? = nil, reason: String? = nil, containers: [ContainerReport] = []
    ) -> TaskReport {
        TaskReport(task: task.id, status: status, reason: reason, containers: containers)
    }

    @Test("moves a task to RUNNING and stamps its start")
    func running() {
        let after = task.applying(report(.running), now: .test(5))
        #expect(after.lastStatus == .running)
        #expect(after.observed?.startedAt == .test(5))
    }

    @Test("never moves a task back")
    func neverBack() {
        let running = task.applying(report(.running), now: .test(5))
        #expect(running.applying(report(.pending), now: .test(6)) == running)
        let stopped = running.applying(report(.stopped), now: .test(7))
        #expect(stopped.applying(report(.running), now: .test(8)) == stopped)
    }

    @Test("says nothing new the second time", arguments: [TaskStatus.pending, .running, .stopped])
    func idempotent(status: TaskStatus) {
        let report = report(status, containers: [ContainerReport(name: "app", status: .running)])
        let once = task.applying(report, now: .test(1))
        #expect(once.applying(report, now: .test(2)) == once)
    }

    @Test("of a pull that failed makes TaskFailedToStart with the container's words")
    func failedPull() {
        let text = "CannotPullContainerError: not found"
        let after = task.applying(
            report(.stopped, containers: [ContainerReport(name: "app", status: .stopped, reason: text)]), now: .test(1))
        #expect(after.stopCode == .taskFailedToStart)
        #expect(after.stoppedReason == text)
        #expect(after.observed?.containers.first?.exitCode == nil)
    }

    @Test("of an exit makes EssentialContainerExited, with or without a RUNNING before", arguments: [true, false])
    func essentialExit(ranBefore: Bool) {
        let before = ranBefore ? task.applying(report(.running), now: .test(1)) : task
        let after = before.applying(
            report(.stopped, containers: [ContainerReport(name: "app", status: .stopped, exitCode: 1)]), now: .test(2))
        #expect(after.stopCode == .essentialContainerExited)
        #expect(after.stoppedReason == "Essential container in task exited")
        #expect(after.observed?.containers.first?.exitCode == 1)
        #expect(after.stoppedAt == .test(2))
    }

    @Test("after a stop request carries no cause of its own")
    func stopRequested() {
        let asked = task.applying(report(.running), now: .test(1))
            .requestingStop(.userInitiated, reason: "Task stopped by user", now: .test(2))
        let after = asked.applying(
            report(.stopped, containers: [ContainerReport(name: "app", status: .stopped, exitCode: 143)]), now: .test(3)
        )
        #expect(after.stopCode == .userInitiated)
        #expect(after.stoppedReason == "Task stopped by user")
    }

    @Test("of an exit that came before the stop request keeps the first cause")
    func exitBeforeRequest() {
        var exit = report(containers: [ContainerReport(name: "app", status: .stopped, exitCode: 1)])
        exit.executionStoppedAt = .test(2)
        let after = task.applying(report(.running), now: .test(1)).applying(exit, now: .test(2))
            .requestingStop(.userInitiated, reason: "Task stopped by user", now: .test(3))
            .applying(report(.stopped), now: .test(4))
        #expect(after.stopCode == .essentialContainerExited)
    }

    @Test("after the task was given up is history only")
    func afterLost() {
        let lost = task.applying(report(.running), now: .test(1)).givenUp(now: .test(60))
        let after = lost.applying(
            report(.stopped, containers: [ContainerReport(name: "app", exitCode: 3)]), now: .test(90))
        #expect(after.lastStatus == .stopped)
        #expect(after.stoppedAt == .test(60))
        #expect(after.stopCode == lost.stopCode)
        #expect(after.stoppedReason == lost.stoppedReason)
        #expect(after.observed?.containers.first?.exitCode == 3)
    }

    @Test("of a container the task does not have is ignored")
    func unknownContainer() {
        let running = task.applying(report(.running), now: .test(1))
        #expect(
            running.applying(report(containers: [ContainerReport(name: "other", status: .running)]), now: .test(2))
                == running)
    }

    @Test("of a task without a host is ignored")
    func unplaced() {
        let task = TaskRecord.test("a")
        #expect(task.applying(report(.running), now: .test(1)) == task)
    }

    @Test("of health changes the container's health until it stops")
    func health() {
        let running = task.applying(report(.running), now: .test(1))
        let well = running.applying([ContainerHealthReport(name: "app", health: .healthy)])
        #expect(well.observed?.containers.first?.health == .healthy)
        let stopped = well.applying(report(.stopped), now: .test(2))
        #expect(stopped.applying([ContainerHealthReport(name: "app", health: .unhealthy)]) == stopped)
    }
}
