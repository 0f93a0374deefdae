public import Identifiers

public enum EventRuleState: String, Codable, Sendable {
    case enabled, disabled
    /// Shown as it was asked for; there are no events of CloudTrail here.
    case enabledWithManagementEvents

    public var isEnabled: Bool { self != .disabled }
}

/// How a target's input is made of an event.
public struct InputTransformer: Hashable, Codable, Sendable {
    /// JSON paths by the names of their placeholders.
    public var paths: [String: String]
    public var template: String

    public init(paths: [String: String], template: String) {
        self.paths = paths
        self.template = template
    }
}

/// What the request to an HTTP target has beside its address.
public struct EventHTTPParameters: Hashable, Codable, Sendable {
    /// In place of each `*` of the address's path.
    public var pathValues: [String]
    public var headers: [String: String]
    public var query: [String: String]

    public init(pathValues: [String] = [], headers: [String: String] = [:], query: [String: String] = [:]) {
        self.pathValues = pathValues
        self.headers = headers
        self.query = query
    }
}

/// What tasks a target of ECS runs, as the caller asked: everything that was not said is nil or empty.
public struct EventTaskParameters: Hashable, Codable, Sendable {
    /// A constraint's type and expression, or a strategy's type and field.
    public struct Placement: Hashable, Codable, Sendable {
        public var type: String
        public var value: String?

        public init(type: String, value: String?) {
            self.type = type
            self.value = value
        }
    }

    public struct StrategyItem: Hashable, Codable, Sendable {
        public var provider: String
        public var weight: Int?
        public var base: Int?

        public init(provider: String, weight: Int?, base: Int?) {
            self.provider = provider
            self.weight = weight
            self.base = base
        }
    }

    public var taskDefinition: String
    public var count: Int?
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    public var launchType: String?
    public var capacityProviderStrategy: [StrategyItem] = []
    public var platformVersion: String?
    public var network: NetworkConfiguration?
    public var group: String?
    public var placementConstraints: [Placement] = []
    public var placementStrategy: [Placement] = []
    public var enableECSManagedTags: Bool?
    public var enableExecuteCommand: Bool?
    public var propagateTags: String?
    public var referenceID: String?
    public var tags: [KeyValue] = []

    public init(taskDefinition: String) { self.taskDefinition = taskDefinition }
}

/// Where a rule's events go.
public struct EventTarget: Hashable, Codable, Sendable {
    public var id: String
    /// Of a cluster or a log group, or an address that begins with `http://` or `https://`.
    public var arn: String
    public var roleARN: String?
    /// JSON that goes to the target instead of the event.
    public var input: String?
    /// JSON path of the part of the event that goes to the target.
    public var inputPath: String?
    public var transformer: InputTransformer?
    public var http: EventHTTPParameters?
    public var tasks: EventTaskParameters?
    public var maximumRetryAttempts: Int?
    /// Seconds.
    public var maximumEventAge: Int?

    public init(id: String, arn: String) {
        self.id = id
        self.arn = arn
    }

    /// Whether it is an address to which requests go.
    public var isHTTP: Bool { arn.hasPrefix("http://") || arn.hasPrefix("https://") }

    public var isLogGroup: Bool { LogGroupID(arn: arn) != nil }

    /// Whether what goes to it is other than the event itself.
    public var hasOwnInput: Bool { input != nil || inputPath != nil || transformer != nil }
}

/// A stored rule of the default event bus, with its targets.
///
/// Written by the API front, but for `firedAt` (events controller) and `failedDeliveries` (delivery of events).
public struct EventRuleRecord: Hashable, Codable, Sendable {
    public var id: EventRuleID
    /// As the caller wrote it; it was read then.
    public var pattern: String?
    /// Likewise.
    public var schedule: String?
    public var state: EventRuleState = .enabled
    public var description: String?
    public var roleARN: String?
    public var tags: [KeyValue] = []
    public var targets: [EventTarget] = []
    public var createdAt: Timestamp
    /// What happened before it was made, or enabled again, is not the rule's.
    public var matchesFrom: Timestamp
    /// When its schedule began: rates are counted from there.
    public var scheduledFrom: Timestamp
    /// The last time of the schedule that was acted on.
    public var firedAt: Timestamp?
    /// Events that were given up, over all targets.
    public var failedDeliveries: Int = 0

    public init(id: EventRuleID, createdAt: Timestamp) {
        self.id = id
        self.createdAt = createdAt
        matchesFrom = createdAt
        scheduledFrom = createdAt
    }
}

/// A stored event on its way to one target. Made by the events controller; taken on and away by the delivery of events.
public struct EventDeliveryRecord: Hashable, Codable, Sendable {
    public var id: EventDeliveryID
    /// What goes to the target.
    public var input: String
    /// When the event was matched; its age is counted from here.
    public var createdAt: Timestamp
    /// How often it was tried.
    public var attempts: Int = 0
    /// Not to be tried before.
    public var dueAt: Timestamp
    /// Why the last try failed, for people.
    public var lastFailure: String?

    public init(id: EventDeliveryID, input: String, createdAt: Timestamp) {
        self.id = id
        self.input = input
        self.createdAt = createdAt
        dueAt = createdAt
    }
}

/// An event that a caller put.
public struct UserEvent: Hashable, Codable, Sendable {
    public var source: String
    public var detailType: String
    /// The text of a JSON object.
    public var detail: String
    public var resources: [String]
    public var time: Timestamp

    public init(source: String, detailType: String, detail: String, resources: [String], time: Timestamp) {
        self.source = source
        self.detailType = detailType
        self.detail = detail
        self.resources = resources
        self.time = time
    }
}

/// The events of the newest PutEvents. Each call takes the place of the one before: the change log has them all.
public struct PutEventsRecord: Hashable, Codable, Sendable {
    public var scope: Scope
    /// Grows with every call, so that equal events are a change.
    public var number: Int64
    public var events: [UserEvent]

    public init(scope: Scope, number: Int64, events: [UserEvent]) {
        self.scope = scope
        self.number = number
        self.events = events
    }
}

/// How far the events controller has read the change log. Written by it alone; one record.
public struct EventCursorRecord: Hashable, Codable, Sendable {
    /// A target whose queue was full: it goes on from a commit of its own.
    public struct Lag: Hashable, Codable, Sendable {
        public var target: EventTargetID
        /// Number of the last commit whose events it was handed.
        public var revision: Int64

        public init(target: EventTargetID, revision: Int64) {
            self.target = target
            self.revision = revision
        }
    }

    /// Number of the last commit whose events all other targets were handed.
    public var revision: Int64
    /// In order of their targets.
    public var lagging: [Lag] = []

    public init(revision: Int64) { self.revision = revision }
}
