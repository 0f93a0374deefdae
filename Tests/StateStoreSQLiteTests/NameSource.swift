import Synchronization

/// Names of data files, each once.
final class NameSource: Sendable {
    private let count = Mutex(0)

    func next() -> String {
        count.withLock { count in
            count += 1
            return "state\(count).db"
        }
    }
}
