import Synchronization

/// How many requests were answered how since the start.
final class RequestCounts: Sendable {
    struct Key: Hashable, Comparable, Sendable {
        /// Such as `CreateService`; `-` where none was recognised.
        var operation: String
        /// `ok`, or the name of the fault.
        var result: String

        static func < (lhs: Key, rhs: Key) -> Bool { (lhs.operation, lhs.result) < (rhs.operation, rhs.result) }
    }

    private let counts = Mutex<[Key: Int]>([:])

    func count(_ operation: String, _ result: String) {
        counts.withLock { $0[Key(operation: operation, result: result), default: 0] &+= 1 }
    }

    var all: [Key: Int] { counts.withLock { $0 } }
}
