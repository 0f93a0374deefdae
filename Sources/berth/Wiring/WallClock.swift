import Dispatch
import Foundation
import Identifiers

/// The machine's clocks, as everything beneath the executable takes them.
enum WallClock {
    @Sendable static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// A clock that never goes back and does not know the date.
enum MonotonicClock {
    @Sendable static func now() -> Instant {
        Instant(nanoseconds: Int64(truncatingIfNeeded: DispatchTime.now().uptimeNanoseconds))
    }
}
