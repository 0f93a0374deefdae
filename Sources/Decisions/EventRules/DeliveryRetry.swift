public import Domain
public import Identifiers

/// When a delivery that failed is tried again.
public enum DeliveryRetry {
    /// What EventBridge does where a target says nothing.
    public static let standardAttempts = 185
    /// Seconds; a day.
    public static let standardAge = 86_400

    /// 1 s, doubled with every failure, at most 10 minutes, of which up to half is left to chance: with the longest wait
    /// a day holds EventBridge's 185 tries, and targets that failed together are not tried together again.
    ///
    /// - Returns: when to try again; nil when the target's policy is used up.
    public static func next(
        of delivery: EventDeliveryRecord, to target: EventTarget, now: Timestamp, random: UInt64
    ) -> Timestamp? {
        // The first attempt is no retry.
        guard delivery.attempts <= target.maximumRetryAttempts ?? standardAttempts else { return nil }
        let age = Duration.seconds(target.maximumEventAge ?? standardAge)
        let longest = min(600_000, Int64(1_000) << min(Int64(max(0, delivery.attempts - 1)), 10))
        let wait = longest - Int64(random % UInt64(longest / 2 + 1))
        let next = now.adding(.milliseconds(wait))
        return next <= delivery.createdAt.adding(age) ? next : nil
    }
}
