import AgentWire
import Domain
import Identifiers
import Logging
import StateStore
import Synchronization

@testable import AgentGateway

/// A clock that moves only when told; sleepers wake when their time has come.
final class ManualGatewayClock: GatewayClock {
    private struct State {
        var instant = Instant.zero
        var sleepers: [Int: (until: Instant, wake: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let state = Mutex(State())

    func now() -> Moment {
        let instant = state.withLock { $0.instant }
        return Moment(instant: instant, wall: Timestamp(milliseconds: instant.nanoseconds / 1_000_000))
    }

    func sleep(until instant: Instant) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                let verdict = state.withLock { state -> Bool? in
                    if state.cancelled.remove(id) != nil { return false }
                    if instant <= state.instant { return true }
                    state.sleepers[id] = (instant, wake)
                    return nil
                }
                if verdict == true { wake.resume() }
                if verdict == false { wake.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.instant = state.instant.adding(duration)
            let due = state.sleepers.filter { $0.value.until <= state.instant }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.wake)
        }
        for wake in due { wake.resume() }
    }
}

/// An agent's end of a websocket, in memory.
final class FakeSocket: AgentSocket {
    private struct State {
        var frames: [String] = []
        var closeCode: Int?
    }

    let inbound: AsyncStream<AgentSocketEvent>
    private let input: AsyncStream<AgentSocketEvent>.Continuation
    private let state = Mutex(State())

    init() { (inbound, input) = AsyncStream.makeStream() }

    struct Closed: Error {}

    func send(text: String) async throws {
        try state.withLock { state in
            guard state.closeCode == nil else { throw Closed() }
            state.frames.append(text)
        }
    }

    func close(code: Int, reason: String) async {
        state.withLock { state in state.closeCode = state.closeCode ?? code }
        input.yield(.closed)
        input.finish()
    }

    // MARK: The agent's side

    func say(_ text: String) { input.yield(.text(text)) }

    func hangUp() {
        input.yield(.closed)
        input.finish()
    }

    var frames: [String] { state.withLock { $0.frames } }
    var closeCode: Int? { state.withLock { $0.closeCode } }

    var messages: [ACSServerMessage] {
        frames.compactMap { text in
            do { return try ACSServerMessage(frame: text) } catch { return nil }
        }
    }

    var orderedTasks: [String] {
        messages.flatMap { message -> [String] in
            guard case .payload(let payload) = message else { return [] }
            return payload.tasks.compactMap { $0.arn }
        }
    }
}

/// Random bits from a seed.
final class SeededIDs: IDSource {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func bits() -> UInt64 { generator.withLock { $0.next() } }
}

/// Waits until the condition holds; false when it does not within ten seconds.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        if ContinuousClock.now > deadline { return false }
        await Task.yield()
    }
    return true
}
