import Synchronization

/// Where a task's inputs wait for its runner, in order.
///
/// Bounded by what can happen to one task: every action answers once, and what tells nothing new is not kept. An input
/// that waits already waits only once, and of two listings the newer stays.
final class TaskMailbox: Sendable {
    private let waiting = Mutex<[TaskInput]>([])
    /// Only says that there is something to take: many inputs at once wake once. For one runner.
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init() { (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func send(_ input: TaskInput) {
        waiting.withLock { Self.add(input, to: &$0) }
        waker.yield()
    }

    /// The input that waits longest; nil when none does.
    func take() -> TaskInput? { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

    private static func add(_ input: TaskInput, to waiting: inout [TaskInput]) {
        if case .listed(_, let asked) = input {
            let newest = waiting.contains { if case .listed(_, let other) = $0 { other > asked } else { false } }
            if newest { return }
            waiting.removeAll { if case .listed = $0 { true } else { false } }
        } else if waiting.contains(input) {
            return
        }
        waiting.append(input)
    }
}
