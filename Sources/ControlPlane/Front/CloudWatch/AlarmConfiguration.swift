import AWSWire
import Alarms
import CloudWatchShapes
import Domain
import ECSShapes
import Identifiers
import MetricMath
import StateStore

/// What metric and composite alarms have in common of a request.
struct AlarmConfiguration {
    /// As many as a server looks at in a minute beside its other work.
    static let mostAlarms = 10_000

    var description: String?
    var actionsEnabled: Bool
    var okActions: [String]
    var alarmActions: [String]
    var insufficientDataActions: [String]
    var tags: [KeyValue]

    /// - Parameter ofComposite: such an alarm has no action that Berth takes.
    init(
        description: String?, enabled: Bool?, ok: [String]?, alarm: [String]?, insufficientData: [String]?,
        tags: [CloudWatchShapes.Tag]?, ofComposite: Bool, _ scope: Scope
    ) throws(APIFault) {
        self.description = description
        actionsEnabled = enabled ?? true
        okActions = try AlarmActions.checked(ok, "OKActions", ofComposite: ofComposite, scope)
        alarmActions = try AlarmActions.checked(alarm, "AlarmActions", ofComposite: ofComposite, scope)
        insufficientDataActions = try AlarmActions.checked(
            insufficientData, "InsufficientDataActions", ofComposite: ofComposite, scope)
        self.tags = try AlarmTags.checked(tags)
    }

    /// - Throws: `ValidationError` for names that could not be told apart by sight, `LimitExceededFault`.
    static func checkName(_ name: String) throws(APIFault) {
        guard name.unicodeScalars.allSatisfy({ (0x20...0x7E).contains($0.value) }) else {
            throw .validationError("AlarmName must contain only printable ASCII characters.")
        }
    }

    /// Puts the alarm: a new one, or everything but tags and state of one that is there.
    func put(_ id: AlarmID, _ rule: AlarmRecord.Rule, at now: Timestamp, _ transaction: inout Transaction)
        throws(APIFault)
    {
        let old = transaction.state.alarms[id]
        if old == nil, transaction.state.alarms.count >= Self.mostAlarms {
            throw .limitExceededFault("There may be \(Self.mostAlarms) alarms.")
        }
        var alarm = old ?? AlarmRecord(id: id, rule: rule, createdAt: now)
        if let old, old.isComposite != Self.isComposite(rule) {
            throw .validationError("An alarm of another type with the name \(id.name) already exists.")
        }
        alarm.rule = rule
        alarm.description = description
        alarm.actionsEnabled = actionsEnabled
        alarm.okActions = okActions
        alarm.alarmActions = alarmActions
        alarm.insufficientDataActions = insufficientDataActions
        if old == nil { alarm.tags = tags }
        alarm.configuredAt = now
        transaction.put(alarm)
        transaction.tellConfiguration(of: alarm, old == nil ? .create : .update, at: now)
    }

    private static func isComposite(_ rule: AlarmRecord.Rule) -> Bool {
        if case .composite = rule { true } else { false }
    }
}

/// What is done when an alarm's state changes.
enum AlarmActions {
    /// Of all that CloudWatch does, Berth has scaling policies; events tell of every change without an action.
    static func checked(
        _ actions: [String]?, _ name: String, ofComposite: Bool, _ scope: Scope
    ) throws(APIFault) -> [String] {
        for action in actions ?? [] {
            let parts = action.split(separator: ":", maxSplits: 6, omittingEmptySubsequences: false)
            guard parts.count == 7, parts[0] == "arn", parts[1] == "aws" else {
                throw .validationError("Invalid arn syntax: \(action.prefix(200))")
            }
            guard !ofComposite, parts[2] == "autoscaling", parts[5] == "scalingPolicy" else {
                throw .validationError(
                    "\(name): \(action.prefix(200)) is no action that is built. "
                        + (ofComposite ? "Composite alarms have none" : "Policies of Application Auto Scaling are")
                        + "; every change of an alarm is an event 'CloudWatch Alarm State Change' for the rules of "
                        + "EventBridge.")
            }
            guard parts[3] == scope.region else {
                throw .validationError("Invalid region \(parts[3]) specified. Only \(scope.region) is supported.")
            }
            guard parts[4] == scope.account else {
                throw .validationError("Invalid account \(parts[4]) specified. Only \(scope.account) is supported.")
            }
        }
        return actions ?? []
    }
}

/// What happened to an alarm's configuration.
enum AlarmConfigurationChange: String {
    case create = "Create"
    case update = "Update"
    case delete = "Delete"

    var past: String {
        switch self {
        case .create: "created"
        case .update: "updated"
        case .delete: "deleted"
        }
    }
}

extension Transaction {
    /// - Source: Amazon CloudWatch API Reference, AlarmHistoryItem, HistoryData
    private static var mostData: Int { 4095 }

    /// Tells the alarm's history that its configuration changed.
    mutating func tellConfiguration(of alarm: AlarmRecord, _ change: AlarmConfigurationChange, at now: Timestamp) {
        let shown = alarm.wireJSON
        let data = #"{"version":"1.0","type":"\#(change.rawValue)","\#(change.past)Alarm":\#(shown)}"#
        let short = #"{"version":"1.0","type":"\#(change.rawValue)"}"#
        addHistory(
            of: alarm.id, .configurationUpdate, summary: #"Alarm "\#(alarm.id.name)" \#(change.past)"#.prefixed(255),
            data: data.unicodeScalars.count <= Self.mostData ? data : short, at: now, isComposite: alarm.isComposite)
    }
}

extension String {
    fileprivate func prefixed(_ length: Int) -> String { String(prefix(length)) }
}
