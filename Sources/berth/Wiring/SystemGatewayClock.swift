import AgentGateway
import Identifiers

/// The gateway's clocks on a real machine.
struct SystemGatewayClock: GatewayClock {
    func now() -> Moment { Moment(instant: MonotonicClock.now(), wall: WallClock.now()) }

    func sleep(until instant: Instant) async throws {
        try await Task.sleep(for: instant.since(MonotonicClock.now()))
    }
}
