import Identifiers
import Logging
import ServiceLifecycle
import StateStore

/// The shell of every controller: watches, gathers, waits a moment, hands over. It decides nothing.
struct ControllerLoop<Key: Hashable & Sendable>: Sendable {
    let store: any StateStore
    let scope: WatchScope
    var presence: HostPresence?
    /// What else wakes the controller, and with which keys; it runs as long as the loop.
    var source: (@Sendable (Mailbox<Key>) async -> Void)?
    let clock: any Clock<Duration>
    let logger: Logger

    /// Long enough to see a burst of commits as one, short enough that nobody notices.
    private static var debounce: Duration { .milliseconds(20) }
    /// How long commits are left in the watch's buffer after one that came alone: under load a controller is then woken
    /// for many commits at once, not for each. Longer makes its step late, shorter costs callers processor time.
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
            while !Task.isCancelled {
                await wait(mailbox, atMost: sleep)
                try await clock.sleep(for: Self.debounce)
                sleep = try await step(mailbox.take(), mailbox).map { min(max($0, .zero), Self.longestSleep) }
            }
            group.cancelAll()
        }
    }

    private func watch(into mailbox: Mailbox<Key>, keys: @escaping @Sendable (Change) -> [Key]) async throws {
        while !Task.isCancelled {
            let revision = store.committed().revision
            var buffered = revision
            mailbox.postResync()
            events: for await event in store.watch(scope, after: revision) {
                switch event {
                case .batch(let revision, let changes):
                    mailbox.post(changes.flatMap(keys))
                    guard revision > buffered else { continue }
                    try await clock.sleep(for: Self.stride)
                    // Up to here all waits in the buffer already, and is read without a pause.
                    buffered = store.committed().revision
                case .resync: break events
                }
            }
            // A watch that ends at once must not turn into a busy loop.
            try await clock.sleep(for: .milliseconds(100))
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
