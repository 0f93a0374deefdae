import Domain
import Identifiers
import StateStore

extension RetentionStep {
    /// How long AWS tells of scaling activities: six weeks.
    static let scalingActivities = Duration.seconds(42 * 24 * 3_600)
    /// Most activities kept of one service: one that scales every minute is told of for most of a day.
    static let scalingActivityCount = 1_000

    /// Activities that are old or too many.
    static func oldActivities(_ snapshot: StateSnapshot, now: Timestamp) -> [Record] {
        var gone: [Record] = []
        var ofService: [ScalingActivityRecord] = []
        func sort() {
            let surplus = max(0, ofService.count - scalingActivityCount)
            for (position, activity) in ofService.enumerated()
            where position < surplus || activity.id.startedAt.adding(scalingActivities) <= now {
                gone.append(.scalingActivity(activity))
            }
        }
        for (id, activity) in snapshot.scalingActivities.values() {
            if let last = ofService.last, last.id.service != id.service {
                sort()
                ofService = []
            }
            ofService.append(activity)
        }
        sort()
        return gone
    }
}
