public import Identifiers

/// That a service's tasks are being spread over the zones more evenly.
public struct ZoneRebalancing: Hashable, Codable, Sendable {
    /// A task that was started for it, until another one stops in its place.
    public struct Move: Hashable, Codable, Sendable {
        public var task: TaskID
        public var zone: String

        public init(task: TaskID, zone: String) {
            self.task = task
            self.zone = zone
        }
    }

    /// One at a time; nil between two of them.
    public var move: Move?

    public init(move: Move? = nil) { self.move = move }
}
