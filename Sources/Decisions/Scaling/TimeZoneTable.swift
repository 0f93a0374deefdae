public import Identifiers

/// The clock of one time zone: its distance from UTC, and when that changes.
///
/// A table enters from outside, for only the system knows the world's time zones. What lies beyond it has the distance of its
/// nearest end.
public struct TimeZoneTable: Hashable, Sendable {
    public struct Transition: Hashable, Sendable {
        /// From then on …
        public var at: Timestamp
        /// … so many seconds are added to UTC.
        public var offset: Int

        public init(at: Timestamp, offset: Int) {
            self.at = at
            self.offset = offset
        }
    }

    /// Seconds added to UTC before the first transition.
    private let first: Int
    /// In order of their times.
    private let transitions: [Transition]

    /// - Parameter transitions: in any order.
    public init(offset: Int, transitions: [Transition] = []) {
        first = offset
        self.transitions = transitions.sorted { $0.at < $1.at }
    }

    public static let utc = TimeZoneTable(offset: 0)

    /// What its clocks show then, written as if they were in UTC.
    func local(_ time: Timestamp) -> Timestamp {
        let offset = transitions.last { $0.at <= time }?.offset ?? first
        return Timestamp(milliseconds: time.milliseconds &+ Int64(offset) &* 1000)
    }

    /// When its clocks show that; the first time where they do so twice.
    ///
    /// nil for a time that is left out when clocks go forward.
    func time(ofLocal local: Timestamp) -> Timestamp? {
        let candidates = Set([first] + transitions.map(\.offset))
            .map { Timestamp(milliseconds: local.milliseconds &- Int64($0) &* 1000) }
        return candidates.filter { self.local($0) == local }.min()
    }

    /// Likewise, but a time that is left out is read by the clock from before the gap: as far after it as was written.
    func timeBeyondGap(ofLocal local: Timestamp) -> Timestamp {
        if let time = time(ofLocal: local) { return time }
        var before = first
        for transition in transitions {
            let begin = transition.at.milliseconds &+ Int64(before) &* 1000
            let end = transition.at.milliseconds &+ Int64(transition.offset) &* 1000
            if (begin..<max(begin, end)).contains(local.milliseconds) { break }
            before = transition.offset
        }
        return Timestamp(milliseconds: local.milliseconds &- Int64(before) &* 1000)
    }
}
