import Domain
import Identifiers
import TestKit
import Testing

@testable import Daemons

@Suite("Tasks of daemons that fail")
struct DaemonFailureTests {
    @Test(
        "are told by the control plane's clock: a host's that is ahead or behind hides none and makes none",
        arguments: [5, 39, 40, 100], [-3_600, 0, 3_600])
    func oneClock(seconds: Int, ahead: Int) {
        var task = TaskRecord.test("a").observed(.running, at: .test()).observed(.stopped, at: .test(seconds))
        task.observed?.stopCode = .essentialContainerExited
        task.observed?.executionStoppedAt = .test(seconds + ahead)
        #expect(task.hasFailed == (seconds < 40))
    }
}
