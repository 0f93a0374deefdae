public import Domain
public import Identifiers
public import JSONBytes

/// An alarm that goes to another state, or learns why it is in the one it is in.
public struct AlarmMove: Hashable, Sendable {
    public var alarm: AlarmID
    public var state: AlarmState
    public var reason: String
    /// JSON.
    public var data: String?
    /// What holds back its actions from then on.
    public var suppression: ActionsSuppression?

    public init(
        alarm: AlarmID, state: AlarmState, reason: String, data: String?, suppression: ActionsSuppression? = nil
    ) {
        self.alarm = alarm
        self.state = state
        self.reason = reason
        self.data = data
        self.suppression = suppression
    }
}

/// What an alarm's history is told, without its place there.
public struct AlarmHistoryEntry: Hashable, Sendable {
    public var kind: AlarmHistoryRecord.Kind
    public var summary: String
    /// JSON.
    public var data: String

    public init(kind: AlarmHistoryRecord.Kind, summary: String, data: String) {
        self.kind = kind
        self.summary = summary
        self.data = data
    }
}

extension AlarmRecord {
    /// Why an alarm is in its state of which nothing was looked at yet.
    public static let unchecked = "Unchecked: Initial alarm creation"

    public var isComposite: Bool { if case .composite = rule { true } else { false } }

    /// Applies a move at `now`.
    ///
    /// - Parameter carriesOut: whether what an action names is there to hear of the new state.
    /// - Returns: what the history is told: the change, then each action; nothing where the state stays what it was.
    public mutating func apply(
        _ move: AlarmMove, at now: Timestamp, carriesOut: (String) -> Bool
    ) -> [AlarmHistoryEntry] {
        let old = self
        suppression = move.suppression
        if state == move.state, stateReason == move.reason, stateReasonData == move.data { return [] }
        state = move.state
        stateReason = move.reason
        stateReasonData = move.data
        stateUpdatedAt = now
        guard old.state != state else { return [] }
        stateTransitionedAt = now
        let change = AlarmHistoryEntry(
            kind: .stateUpdate, summary: "Alarm updated from \(old.state.rawValue) to \(state.rawValue)",
            data: Self.stateUpdate(from: old, to: self))
        return [change] + dueActions.map { Self.entry(of: $0, isCarriedOut: carriesOut($0), at: now) }
    }

    private static func entry(of action: String, isCarriedOut: Bool, at now: Timestamp) -> AlarmHistoryEntry {
        let error = "No scaling policy has the ARN \(action)"
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("actionState", isCarriedOut ? "Succeeded" : "Failed")
        writer.member("stateUpdateTimestamp", now.milliseconds)
        writer.member("notificationResource", action)
        writer.member("error", isCarriedOut ? nil : error)
        writer.endObject()
        let summary =
            isCarriedOut
            ? "Successfully executed action \(action)"
            : "Failed to execute action \(action). Received error: \"\(error)\""
        return AlarmHistoryEntry(
            kind: .action, summary: String(summary.prefix(255)), data: String(decoding: writer.bytes, as: UTF8.self))
    }

    private static func stateUpdate(from old: AlarmRecord, to new: AlarmRecord) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "1.0")
        for (name, alarm) in [("oldState", old), ("newState", new)] {
            writer.key(name)
            writer.beginObject()
            writer.member("stateValue", alarm.state.rawValue)
            writer.member("stateReason", alarm.stateReason)
            writer.member("stateReasonData", alarm.reasonJSON)
            writer.endObject()
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The data of the reason as JSON; nil where it is no JSON, for callers may set any text.
    public var reasonJSON: JSONValue? {
        stateReasonData.flatMap { try? JSONValue(jsonBytes: Array($0.utf8)) }
    }
}

extension CompositeAlarm {
    /// What the rule says now.
    ///
    /// - Parameter cause: the alarm whose change made it be looked at; nil when the composite alarm itself is new.
    public func words(
        of alarm: AlarmRecord, becoming state: AlarmState, cause: AlarmRecord?
    ) -> (reason: String, data: String?) {
        guard let cause else {
            return ("\(alarm.id.arn) was created and its alarm rule evaluates to \(state.rawValue)", nil)
        }
        let reason =
            "\(cause.id.arn) transitioned to \(cause.state.rawValue) at "
            + AlarmTime.long(cause.stateTransitionedAt)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("triggeringAlarms")
        writer.beginArray()
        writer.beginObject()
        writer.member("arn", cause.id.arn)
        writer.key("state")
        writer.beginObject()
        writer.member("value", cause.state.rawValue)
        writer.member("timestamp", AlarmTime.iso(cause.stateTransitionedAt))
        writer.endObject()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return (reason, String(decoding: writer.bytes, as: UTF8.self))
    }
}
