import AgentGateway
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("RunTask soon after a start of the control plane")
struct HostReturnsTests {
    /// A front that was started just now and knows one managed host, which has not connected again.
    private static func restarted(_ clock: FreshClock) async throws -> (FrontHarness, ContainerInstanceID) {
        let front = try await FrontHarness(clock: clock)
        try await front.demo()
        let host = try await front.host(connects: false)
        return (front, try #require(ContainerInstanceID.parse(arn: host.arn)?.id))
    }

    private static func run(_ front: FrontHarness, count: Int64 = 1) async throws -> JSONValue {
        try await front.call("RunTask", TaskTests.request(["count": .integer(count)])).json
    }

    @Test("waits for a host that has yet to come back")
    func waits() async throws {
        let clock = FreshClock()
        let (front, host) = try await Self.restarted(clock)
        async let answer = Self.run(front)
        await clock.manual.sleepers(atLeast: 1)
        front.presence.connect(host)
        #expect(try await answer["failures"] == [])
    }

    @Test("does not wait for longer than a host needs to come back")
    func givesUp() async throws {
        let clock = FreshClock()
        let (front, _) = try await Self.restarted(clock)
        async let answer = Self.run(front)
        await clock.manual.sleepers(atLeast: 1)
        clock.manual.advance(by: HostReturns.grace)
        #expect(try await answer["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
        #expect(try await Self.run(front)["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
    }

    @Test("says at once what does not fit on hosts that are all back, and what a lost one cannot take")
    func hidesNothing() async throws {
        let (front, host) = try await Self.restarted(FreshClock())
        front.presence.connect(host)
        #expect(try await Self.run(front, count: 10)["failures"] == [])
        #expect(try await Self.run(front, count: 10)["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
        front.presence.disconnect(host, now: .zero)
        #expect(try await Self.run(front)["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
    }

    @Test("does not wait for a host of another kind")
    func ignoresOtherCapacity() async throws {
        let front = try await FrontHarness(clock: FreshClock())
        try await front.demo()
        _ = try await front.host("own", connects: false)
        #expect(try await Self.run(front)["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
    }

    @Test("waits for the hosts beside it before the store knows them", arguments: [0, 1])
    func waitsForCompanions(companions: Int) async throws {
        let clock = FreshClock()
        let presence = HostPresence(startedAt: FrontHarness.startedAt)
        let returns = HostReturns(presence: presence, clock: clock, companions: companions)
        async let isWorthIt = returns.next(of: [])
        if companions > 0 {
            await clock.manual.sleepers(atLeast: 1)
            presence.connect(ContainerInstanceID(scope: .test, id: "a"))
        }
        #expect(await isWorthIt == (companions > 0))
    }
}

/// A clock that shows, until it is moved, the moment at which the front was started.
private struct FreshClock: GatewayClock {
    let manual = ManualClock()

    func now() -> Moment { Moment(instant: FrontHarness.startedAt.adding(manual.now.offset), wall: .test()) }

    func sleep(until instant: Instant) async throws {
        try await manual.sleep(
            until: ManualClock.Instant(offset: instant.since(FrontHarness.startedAt)), tolerance: nil)
    }
}
