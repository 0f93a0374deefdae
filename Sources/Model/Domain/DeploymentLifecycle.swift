public import Identifiers

/// How a service goes from one revision to the next.
/// - Source: Amazon ECS API Reference, DeploymentConfiguration.strategy
public enum DeploymentStrategy: String, Codable, Sendable, CaseIterable {
    /// Tasks are replaced a few at a time.
    case rolling
    /// The new revision is scaled up beside the old one and gets all traffic at once.
    case blueGreen
    /// As blue/green, but traffic moves in equal steps.
    case linear
    /// As blue/green, but a small share of traffic moves first.
    case canary
}

/// Where a deployment stands that scales the new revision up beside the old one, in the order of the stages.
/// - Source: Amazon ECS API Reference, ServiceDeployment.lifecycleStage and DeploymentLifecycleHook.lifecycleStages
public enum LifecycleStage: String, Codable, Sendable, CaseIterable, Comparable {
    case reconcileService, preScaleUp, scaleUp, postScaleUp, testTrafficShift, postTestTrafficShift
    /// Only hooks know it: what describes a deployment still names the stage before.
    case preProductionTrafficShift
    case productionTrafficShift, postProductionTrafficShift, bakeTime, cleanUp

    /// nil behind the last.
    public var next: LifecycleStage? {
        let all = Self.allCases
        return all.firstIndex(of: self).flatMap { all.dropFirst($0 + 1).first }
    }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (lhs: LifecycleStage, rhs: LifecycleStage) -> Bool { lhs.position < rhs.position }
}

/// A share of traffic, in tenths of a percent: what ECS lets callers choose, and exact.
public struct TrafficWeight: Hashable, Comparable, Codable, Sendable {
    /// 0 to 1000.
    public let tenths: Int

    public static let none = TrafficWeight(tenths: 0)
    public static let all = TrafficWeight(tenths: 1000)

    /// - Parameter tenths: what is below 0 counts as 0, what is above 1000 as 1000.
    public init(tenths: Int) { self.tenths = min(1000, max(0, tenths)) }

    /// nil unless `percent` is a multiple of 0.1 from 0 to 100.
    public init?(percent: Double) {
        guard (0...100).contains(percent) else { return nil }
        let tenths = (percent * 10).rounded()
        guard abs(percent * 10 - tenths) < 1e-6 else { return nil }
        self.tenths = Int(tenths)
    }

    public var percent: Double { Double(tenths) / 10 }
    public var rest: TrafficWeight { TrafficWeight(tenths: 1000 - tenths) }

    public func adding(_ more: TrafficWeight) -> TrafficWeight { TrafficWeight(tenths: tenths + more.tenths) }

    public static func < (lhs: TrafficWeight, rhs: TrafficWeight) -> Bool { lhs.tenths < rhs.tenths }
}

/// A point at which a deployment waits until somebody lets it go on: a hook of the type PAUSE.
public struct LifecycleHook: Hashable, Codable, Sendable {
    public enum Action: String, Codable, Sendable { case proceed, rollBack }

    public var stages: [LifecycleStage]
    /// nil for ECS's own: `standardTimeout`.
    public var timeoutInMinutes: Int?
    /// nil for ECS's own: the deployment is rolled back.
    public var timeoutAction: Action?

    /// A day: the longest that ECS waits for a hook that names no time.
    public static let standardTimeout = 1440

    public init(stages: [LifecycleStage], timeoutInMinutes: Int? = nil, timeoutAction: Action? = nil) {
        self.stages = stages
        self.timeoutInMinutes = timeoutInMinutes
        self.timeoutAction = timeoutAction
    }
}

/// A hook at which a deployment waits or waited.
public struct LifecycleHookRun: Hashable, Codable, Sendable {
    public enum Status: String, Codable, Sendable { case awaitingAction, succeeded, failed, timedOut }

    /// Names it within its service deployment.
    public var id: String
    public var stage: LifecycleStage
    /// Before which move of production traffic it waits, counted from 1; nil for before the first, and where a stage comes once.
    public var move: Int?
    public var status: Status
    public var startedAt: Timestamp
    public var timeoutInMinutes: Int
    public var timeoutAction: LifecycleHook.Action

    public init(id: String, stage: LifecycleStage, of hook: LifecycleHook, at now: Timestamp) {
        self.id = id
        self.stage = stage
        status = .awaitingAction
        startedAt = now
        timeoutInMinutes = hook.timeoutInMinutes ?? LifecycleHook.standardTimeout
        timeoutAction = hook.timeoutAction ?? .rollBack
    }

    public var expiresAt: Timestamp { startedAt.adding(.seconds(60 * Int64(timeoutInMinutes))) }
}

/// What a caller said by ContinueServiceDeployment.
public struct LifecycleHookAnswer: Hashable, Codable, Sendable {
    public var hook: String
    public var action: LifecycleHook.Action

    public init(hook: String, action: LifecycleHook.Action) {
        self.hook = hook
        self.action = action
    }
}

/// How far a deployment is that runs beside the revision before it. Written by the services controller only.
public struct DeploymentLifecycle: Hashable, Codable, Sendable {
    public var stage: LifecycleStage
    /// When the stage began.
    public var since: Timestamp
    /// What serves until traffic has moved, and again when the deployment fails; nil for a first deployment.
    public var blue: DeploymentID?
    /// The share of production traffic that shall go to the new revision; the rest is the old one's.
    public var production: TrafficWeight = .none
    /// The share of test traffic that shall go to the new revision. There is none before and after the tests.
    public var test: TrafficWeight = .none
    /// When `production` grew last.
    public var shiftedAt: Timestamp?
    /// How often `production` grew; nil for never, and in records of before this was counted.
    public var moves: Int?
    /// Of all stages so far, oldest first.
    public var hooks: [LifecycleHookRun] = []

    public init(stage: LifecycleStage, since: Timestamp, blue: DeploymentID?) {
        self.stage = stage
        self.since = since
        self.blue = blue
    }

    /// Hooks that somebody must answer: nothing goes on beside them.
    public var awaited: [LifecycleHookRun] { hooks.filter { $0.status == .awaitingAction } }
}
