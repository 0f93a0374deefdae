import Domain
import Identifiers

/// Follows one task's counters, which only grow while its containers run.
struct TaskMeter: Sendable {
    /// Growth over an interval; nil where nothing is counted.
    struct Growth: Sendable {
        var received: Double?
        var sent: Double?
        var read: Double?
        var written: Double?
        var restarts: Double?
    }

    private var last: [String: ContainerUse] = [:]

    /// - Returns: what was added since the last use; a container's first one only begins the count.
    mutating func grow(to use: TaskUse) -> Growth {
        var growth = Growth()
        for container in use.containers {
            if let before = last[container.name] {
                Self.add(before.received, container.received, to: &growth.received)
                Self.add(before.sent, container.sent, to: &growth.sent)
                Self.add(before.read, container.read, to: &growth.read)
                Self.add(before.written, container.written, to: &growth.written)
                Self.add(before.restarts, container.restarts, to: &growth.restarts)
            }
            last[container.name] = container
        }
        return growth
    }

    /// A counter that is smaller than before began anew.
    private static func add(_ before: Int?, _ now: Int?, to sum: inout Double?) {
        guard let before, let now, before >= 0, now >= 0 else { return }
        sum = (sum ?? 0) + Double(now >= before ? now - before : now)
    }
}
