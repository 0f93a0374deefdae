public import Domain

/// One arrow of a task's way from PROVISIONING to STOPPED, and who moves it.
public struct TaskMove: Hashable, Sendable {
    public enum Mover: String, CaseIterable, Sendable {
        /// Placement gives the task a host.
        case placement
        /// The node reports what it observed.
        case node
        /// The control plane asks for a stop, or gives the task up.
        case controlPlane
    }

    public var from: TaskStatus
    public var to: TaskStatus
    public var mover: Mover

    public init(_ from: TaskStatus, _ to: TaskStatus, by mover: Mover) {
        self.from = from
        self.to = to
        self.mover = mover
    }

    /// Whether the table holds this arrow.
    public var isLegal: Bool { Self.targets(from, mover).contains(to) }

    /// Every legal arrow, in order of its start.
    public static let table: [TaskMove] = TaskStatus.allCases.flatMap { from in
        Mover.allCases.flatMap { mover in targets(from, mover).map { TaskMove(from, $0, by: mover) } }
    }

    /// A node may skip states, for it reports what is and not every step; nothing ever moves back.
    private static func targets(_ from: TaskStatus, _ mover: Mover) -> [TaskStatus] {
        switch (mover, from) {
        // A task without its own interface has nothing to provision once it has a host.
        case (.placement, .provisioning): [.pending]
        case (.placement, _): []
        case (.node, _): TaskStatus.allCases.filter { $0 > from }
        case (.controlPlane, .stopped): []
        // A stop request shows at once on a running task; a task without a host, or on a lost one, ends at once.
        case (.controlPlane, .running): [.stopping, .stopped]
        case (.controlPlane, _): [.stopped]
        }
    }
}
