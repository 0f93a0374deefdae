import Identifiers
import Logging
import ServiceLifecycle
import StateStore

/// The shell of every controller: watches, gathers, hands over, rests a moment. It decides nothing.
struct ControllerLoop<Key: Hashable & Sendable>: Sendable {
    let store: any StateStore
    let scope: WatchScope
    var presence: HostPresence?
    /// What else wakes the controller, and with which keys; it runs as long as the loop.
    var source: (@Sendable (Mailbox<Key>) async -> Void)?
    let clock: any Clock<Duration>
    let logger: Logger

    /// How long a step is followed by none. What comes alone is acted on at once, and so is what comes next: often one leads
    /// to the other, as the end of a task to its successor. Of a longer burst the rest is acted on by one more step.
    private static var rest: Duration { .milliseconds(20) }
    /// How long commits are left in the watch's buffer after the second that came so soon: under load a controller is then
    /// woken for many commits at once, not for each. Longer makes its step late, shorter costs callers processor time.
    private static var stride: Duration { .milliseconds(10) }
    /// A wake-up that a jump of the wall clock misplaced is late by at most this.
    private static var longestSleep: Duration { .seconds(60) }

    /// Runs until the task is cancelled or the group shuts down.
    /// - Parameter step: acts on a wake-up and says when to wake without one; nil for only when something changes.
    func run(
        keys: @escaping @Sendable (Change) -> [Key],
        step: (Wakeup<Key>, Mailbox<Key>) async throws -> Duration?
    ) async throws {
        let mailbox = Mailbox<Key>()
        // Subscribed to before anything is read, so that no change falls between.
        let connections = presence?.changes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch(into: mailbox, keys: keys) }
            if let connections {
                group.addTask { for await _ in connections { mailbox.postResync() } }
            }
            if let source { group.addTask { await source(mailbox) } }
            var sleep: Duration?
            var isQuiet = true
            while !Task.isCancelled {
                await wait(mailbox, atMost: sleep)
                sleep = try await step(mailbox.take(), mailbox).map { min(max($0, .zero), Self.longestSleep) }
                if isQuiet { try await restOrNews(mailbox) } else { try await clock.sleep(for: Self.rest) }
                isQuiet = !mailbox.isRung
            }
            group.cancelAll()
        }
    }

    private func watch(into mailbox: Mailbox<Key>, keys: @escaping @Sendable (Change) -> [Key]) async throws {
        while !Task.isCancelled {
            let revision = store.committed().revision
            var buffered = revision
            var sinceLast: (() -> Duration)?
            mailbox.postResync()
            events: for await event in store.watch(scope, after: revision) {
                switch event {
                case .batch(let revision, let changes):
                    mailbox.post(changes.flatMap(keys))
                    guard revision > buffered else { continue }
                    if let sinceLast, sinceLast() < Self.stride { try await clock.sleep(for: Self.stride) }
                    sinceLast = stopwatch(clock)
                    // Up to here all waits in the buffer already, and is read without a pause.
                    buffered = store.committed().revision
                case .resync: break events
                }
            }
            // A watch that ends at once must not turn into a busy loop.
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    /// Returns after the rest, or as soon as something came.
    private func restOrNews(_ mailbox: Mailbox<Key>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: Self.rest) }
            group.addTask { await mailbox.rung() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func wait(_ mailbox: Mailbox<Key>, atMost sleep: Duration?) async {
        await withTaskGroup(of: Void.self) { group in
            if let sleep {
                group.addTask {
                    do {
                        try await clock.sleep(for: sleep)
                        mailbox.ring()
                    } catch {
                        // Something else came first.
                    }
                }
            }
            await mailbox.rung()
            group.cancelAll()
        }
    }
}

/// Tells the time since it was made.
private func stopwatch<C: Clock<Duration>>(_ clock: C) -> () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
}

/// How long to leave the store alone after it refused writes.
struct Backoff: Sendable {
    private var failures = 0

    /// Whether nothing failed since the last success.
    var isFresh: Bool { failures == 0 }

    mutating func reset() { failures = 0 }

    /// 100 ms, doubled with every failure in a row, at most 5 s: what a full disk needs to be noticed and mended.
    mutating func next() -> Duration {
        failures = min(failures + 1, 8)
        return min(.seconds(5), .milliseconds(50) * (1 << failures))
    }
}

/// Runs `body` until it ends, the task is cancelled, or the service group shuts down.
func untilShutdown(_ body: @Sendable @escaping () async throws -> Void) async throws {
    do {
        try await cancelWhenGracefulShutdown(body)
    } catch is CancellationError {
        // Asked to stop: nothing is left half done, for a commit is whole or absent.
    }
}

extension Timestamp {
    /// The time from this moment until `other`.
    func duration(to other: Timestamp) -> Duration { .milliseconds(other.milliseconds &- milliseconds) }
}
