import Controllers
import Domain
import Identifiers
import StateStore
import TestKit
import Testing

@Suite("Silent hosts")
struct LostHostsStepTests {
    static func state(_ host: ContainerInstanceRecord, tasks: Int = 2) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            transaction.put(host)
            for number in 0..<tasks {
                transaction.put(
                    TaskRecord.test("t\(number)", launchType: host.launchType).placed(on: host.id.id).observed(.running)
                )
            }
        }
    }

    static let managed = ContainerInstanceRecord.test("h1", launchType: .fargate)

    func after(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test("on managed capacity are given up with their tasks after the set time, not before")
    func givenUp() {
        let state = Self.state(Self.managed)
        var step = LostHostsStep(policy: LostHostsPolicy())
        #expect(step.step(state, silentSince: { _ in .zero }, monotonic: after(59), now: .test(59)).isEmpty)
        #expect(step.wakeAt == after(60))
        let commits = step.step(state, silentSince: { _ in .zero }, monotonic: after(60), now: .test(60))
        #expect(commits.map(\.instance.lostAt) == [.test(60)])
        #expect(commits.flatMap(\.tasks).map(\.lastStatus) == [.stopped, .stopped])
    }

    @Test("are given up once")
    func once() {
        var state = Self.state(Self.managed)
        var step = LostHostsStep(policy: LostHostsPolicy())
        let commits = step.step(state, silentSince: { _ in .zero }, monotonic: after(90), now: .test(90))
        state = state.applying { transaction in
            for commit in commits {
                transaction.put(commit.instance)
                for task in commit.tasks { transaction.put(task) }
            }
        }
        #expect(step.step(state, silentSince: { _ in .zero }, monotonic: after(99), now: .test(99)).isEmpty)
    }

    @Test("with many tasks are given up in chunks")
    func chunks() {
        let state = Self.state(Self.managed, tasks: 150)
        var step = LostHostsStep(policy: LostHostsPolicy())
        let commits = step.step(state, silentSince: { _ in .zero }, monotonic: after(90), now: .test(90))
        #expect(commits.map(\.tasks.count) == [90])
    }

    @Test("that were deregistered by force lose what tasks are left, connected or not")
    func deregistered() {
        var host = Self.managed
        host.status = .inactive
        var step = LostHostsStep(policy: LostHostsPolicy())
        let commits = step.step(
            Self.state(host, tasks: 150), silentSince: { _ in nil }, monotonic: after(0), now: .test(1))
        #expect(commits.map(\.tasks.count) == [90])
        #expect(commits.map(\.instance.id) == [host.id])
        #expect(
            commits.first?.tasks.first?.stoppedReason == "Container instance deregistration forced by user")
        let over = step.step(Self.state(host, tasks: 0), silentSince: { _ in nil }, monotonic: after(1), now: .test(2))
        #expect(over.isEmpty)
    }

    @Test("that are container instances keep their tasks unless the operator says otherwise")
    func own() {
        let state = Self.state(.test("h1", launchType: .ec2))
        var patient = LostHostsStep(policy: LostHostsPolicy())
        #expect(patient.step(state, silentSince: { _ in .zero }, monotonic: after(9_999), now: .test()).isEmpty)
        var strict = LostHostsStep(policy: LostHostsPolicy(own: .seconds(10)))
        #expect(strict.step(state, silentSince: { _ in .zero }, monotonic: after(10), now: .test()).count == 1)
    }

    @Test("are welcome back")
    func back() {
        var host = Self.managed
        host.lostAt = .test()
        var step = LostHostsStep(policy: LostHostsPolicy())
        let commits = step.step(
            Self.state(host), silentSince: { _ in nil }, monotonic: after(1), now: .test(1))
        #expect(commits.map(\.instance.lostAt) == [nil])
        #expect(commits.flatMap(\.tasks).isEmpty)
    }

    @Test("get three seconds at least")
    func shortest() {
        #expect(LostHostsPolicy(managed: .seconds(1)).managed == .seconds(3))
        #expect(LostHostsPolicy(own: .zero).own == .seconds(3))
    }
}
