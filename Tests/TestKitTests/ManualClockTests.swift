import TestKit
import Testing

@Suite("Manual clock", .timeLimit(.minutes(1)))
struct ManualClockTests {
    @Test("stands still until it is moved")
    func standsStill() {
        let clock = ManualClock()
        let before = clock.now
        #expect(clock.now == before)
        clock.advance(by: .seconds(3))
        #expect(before.duration(to: clock.now) == .seconds(3))
    }

    @Test("wakes who is due, and leaves the others asleep")
    func wakesDue() async throws {
        let clock = ManualClock()
        async let short: Void = clock.sleep(for: .seconds(1))
        async let long: Void = clock.sleep(for: .seconds(5))
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(2))
        try await short
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(3))
        try await long
    }

    @Test("a deadline that has passed does not sleep")
    func passedDeadline() async throws {
        let clock = ManualClock()
        clock.advance(by: .seconds(1))
        try await clock.sleep(until: ManualClock.Instant(offset: .seconds(1)), tolerance: nil)
    }

    @Test("a cancelled sleep throws")
    func cancelled() async {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.sleepers(atLeast: 1)
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test("a sleep that begins cancelled throws at once")
    func beginsCancelled() async {
        let clock = ManualClock()
        let sleeper = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }
}
