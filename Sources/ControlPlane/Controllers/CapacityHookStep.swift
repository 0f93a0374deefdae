import Domain
public import Identifiers
public import Placement
public import StateStore

/// When the operator's command for missing capacity runs, and what it is told.
public struct CapacityHookStep: Sendable {
    public enum Decision: Hashable, Sendable {
        /// Run it now; the next time is counted from this one.
        case run([CapacityNeed])
        /// Look again after so long; nil for when something changes.
        case wait(Duration?)
    }

    /// How long a task waits before capacity is asked for: placement and hosts that are just connecting get that time.
    static let patience = Duration.seconds(3)
    /// After a start of the control plane hosts are still coming back: what waits for them is no reason for another one.
    static let homecoming = Duration.seconds(12)

    private let interval: Duration
    private let startedAt: Instant
    private var ranAt: Instant?
    private var standings: CapacityStandings
    /// What managed providers were asked for, and until when hosts that come or go for it are still on their way.
    private var asked: [CapacityStandings.Asker: (wanted: Int, isOut: Bool, until: Instant)] = [:]

    /// - Parameters:
    ///   - interval: the least time from one run's beginning to that of the next.
    ///   - period: how often managed providers are looked at of which no task waits.
    public init(interval: Duration, period: Duration, startedAt: Instant) {
        self.interval = interval
        self.startedAt = startedAt
        standings = CapacityStandings(period: period)
    }

    public mutating func step(_ snapshot: StateSnapshot, now: Timestamp, monotonic: Instant) -> Decision {
        let earliest = max(
            startedAt.adding(Self.homecoming), ranAt.map { $0.adding(interval) } ?? startedAt)
        var (needs, wait) = missing(snapshot, now, monotonic, earliest)
        standings.look(at: snapshot, now: monotonic)
        let standing = standings.due.filter { !isOnItsWay($0, monotonic) }
        if monotonic >= earliest {
            needs += standing
            standings.told()
        } else if !standing.isEmpty {
            wait = Self.sooner(wait, earliest.since(monotonic))
        }
        guard !needs.isEmpty else {
            return .wait(Self.sooner(wait, standings.nextLook.map { max(.zero, $0.since(monotonic)) }))
        }
        ranAt = monotonic
        for need in needs { note(need, snapshot, monotonic) }
        return .run(needs)
    }

    /// The run brought nothing: what it was told is told again.
    public mutating func failed() { asked = [:] }

    /// What tasks wait for, or when to look again.
    private func missing(
        _ snapshot: StateSnapshot, _ now: Timestamp, _ monotonic: Instant, _ earliest: Instant
    ) -> ([CapacityNeed], wait: Duration?) {
        let unplaced = snapshot.unplacedTasks.ascending().compactMap { snapshot.tasks[$0.id] }
        guard !unplaced.isEmpty else { return ([], nil) }
        let waiting = unplaced.filter { $0.createdAt.adding(Self.patience) <= now }
        guard !waiting.isEmpty else { return ([], Self.patience) }
        guard monotonic >= earliest else { return ([], earliest.since(monotonic)) }
        let hosts = snapshot.instances.values().map { ($0.1, snapshot.liveTasks(on: $0.0)) }
        let needs = CapacityNeed.needs(of: waiting, on: hosts.map { (record: $0.0, tasks: $0.1) }) { provider in
            snapshot.managedScaling(of: provider)
        }.filter { !isOnItsWay($0, monotonic) }
        return (needs, interval)
    }

    private static func sooner(_ first: Duration?, _ second: Duration?) -> Duration? {
        [first, second].compactMap(\.self).min()
    }

    /// Whether hosts that were asked for are on their way, and as many as are wanted now; or hosts that shall go are going.
    private func isOnItsWay(_ need: CapacityNeed, _ now: Instant) -> Bool {
        guard let asked = CapacityStandings.Asker(need).flatMap({ asked[$0] }), now < asked.until,
            asked.isOut == need.isOut
        else { return false }
        return need.isOut ? need.instancesWanted <= asked.wanted : need.instancesWanted >= asked.wanted
    }

    private mutating func note(_ need: CapacityNeed, _ snapshot: StateSnapshot, _ now: Instant) {
        guard let asker = CapacityStandings.Asker(need) else { return }
        let provider = CapacityProviderID(scope: asker.cluster.scope, name: asker.provider)
        guard let scaling = snapshot.managedScaling(of: provider) else { return }
        let until = now.adding(.seconds(scaling.instanceWarmupPeriod))
        asked[asker] = (need.instancesWanted, need.isOut, until)
    }
}

extension CapacityNeed {
    /// Whether hosts shall come; else some shall go.
    fileprivate var isOut: Bool { instancesWanted >= instancesRunning }
}
