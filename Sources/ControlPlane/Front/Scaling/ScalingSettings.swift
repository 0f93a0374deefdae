public import Identifiers
public import Scaling

/// What scaling goes by that callers do not say.
public struct ScalingSettings: Sendable {
    /// Seconds: how long the periods of target tracking's own alarms are.
    public var period: Int
    /// The clocks of a time zone by its IANA name, from a year before a time on; nil for what is none.
    public var zones: @Sendable (String, Timestamp) -> TimeZoneTable?

    public init(
        period: Int = TrackingAlarms.standardPeriod,
        zones: @escaping @Sendable (String, Timestamp) -> TimeZoneTable? = { name, _ in name == "UTC" ? .utc : nil }
    ) {
        self.period = period
        self.zones = zones
    }
}
