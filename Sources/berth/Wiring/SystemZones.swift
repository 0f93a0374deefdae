import Foundation
import Identifiers
import Scaling

/// The world's time zones, as this system knows them.
enum SystemZones {
    /// Ten years of clocks that change twice a year, and more than that where they change more often.
    private static let transitions = 24

    /// The clocks of a time zone from a year before `time` on.
    ///
    /// nil for a name that is not IANA's.
    @Sendable static func table(_ name: String, around time: Timestamp) -> TimeZoneTable? {
        // Foundation's list leaves out names that it knows, such as Asia/Kolkata and Etc/GMT+9. Without a slash it takes
        // more than IANA's names: GMT+8, PST.
        let isName = name.contains("/") || name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name)
        guard isName, let zone = TimeZone(identifier: name) else { return nil }
        var date = Date(timeIntervalSince1970: time.seconds - 366 * 86_400)
        let first = zone.secondsFromGMT(for: date)
        var found: [TimeZoneTable.Transition] = []
        while found.count < transitions, let next = zone.nextDaylightSavingTimeTransition(after: date), next > date {
            found.append(
                .init(
                    at: Timestamp(milliseconds: Int64(next.timeIntervalSince1970.rounded()) * 1000),
                    offset: zone.secondsFromGMT(for: next)))
            date = next
        }
        return TimeZoneTable(offset: first, transitions: found)
    }
}
