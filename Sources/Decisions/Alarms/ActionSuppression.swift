public import Domain
public import Identifiers

extension CompositeAlarm {
    /// What holds back the alarm's actions from now on.
    ///
    /// While the suppressor is in ALARM they are held back. An alarm that goes to ALARM waits for the suppressor for the
    /// wait period; one that is in ALARM when the suppressor leaves it waits for the extension period.
    ///
    /// - Parameters:
    ///   - known: what held them back so far.
    ///   - suppressor: the state of the suppressor; nil when there is no such alarm.
    /// - Source: Amazon CloudWatch User Guide, "Suppressing composite alarm actions"
    public func suppression(
        after known: ActionsSuppression?, state: AlarmState, entersAlarm: Bool, suppressor: AlarmState?, now: Timestamp
    ) -> ActionsSuppression? {
        guard self.suppressor != nil else { return nil }
        if suppressor == .alarm { return ActionsSuppression(cause: .alarm) }
        guard state == .alarm else { return nil }
        if entersAlarm { return Self.period(.waitPeriod, suppressorWait, now) }
        switch known?.cause {
        case .alarm: return Self.period(.extensionPeriod, suppressorExtension, now)
        case .waitPeriod, .extensionPeriod: return known?.until.flatMap { $0 > now ? known : nil }
        case nil: return nil
        }
    }

    private static func period(
        _ cause: ActionsSuppression.Cause, _ seconds: Int?, _ now: Timestamp
    ) -> ActionsSuppression? {
        guard let seconds, seconds > 0 else { return nil }
        return ActionsSuppression(cause: cause, until: now.adding(.seconds(seconds)))
    }
}
