public import Domain

/// What the newest periods say of an alarm.
public struct AlarmEvaluation: Hashable, Sendable {
    public enum Finding: Hashable, Sendable {
        /// It is in that state.
        case state(AlarmState)
        /// It stays in the state that it is in.
        case retained
    }

    public var finding: Finding
    /// The periods that counted and have a value, the newest first.
    public var evaluated: [AlarmDatapoint]
    /// How many periods without one counted too.
    public var filled: Int
}

extension MetricAlarm {
    /// How many periods are looked at beyond those that are evaluated, for values that are late.
    ///
    /// - Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": its tables look at
    ///   5 periods for 3.
    static let furtherPeriods = 2

    /// How many of the newest periods an evaluation looks at.
    public var evaluationRange: Int { evaluationPeriods &+ Self.furtherPeriods }

    /// Whether the values decide, whatever the missing ones were.
    public func isCertain(_ evaluation: AlarmEvaluation) -> Bool {
        let breaching = evaluation.evaluated.count { breaches($0.value) }
        return breaching >= breachesToAlarm || breaching + evaluation.filled < breachesToAlarm
    }

    /// Judges the newest periods.
    ///
    /// With as many values as are evaluated the newest of them count, wherever in the range they are. With fewer all
    /// of them count, and as many missing ones as then lack, as what the alarm treats them as.
    ///
    /// - Parameter range: the evaluation range, the oldest first; nil where a period has no value.
    /// - Source: Amazon CloudWatch User Guide, "How alarm state is evaluated when data is missing" and "Avoiding
    ///   premature transitions to alarm state"
    public func evaluate(_ range: [AlarmDatapoint?]) -> AlarmEvaluation {
        let real = range.reversed().compactMap(\.self)
        let evaluated = Array(real.prefix(evaluationPeriods))
        let filled = evaluationPeriods - evaluated.count
        let finding: AlarmEvaluation.Finding =
            if filled == 0 {
                state(breaches: evaluated.count { breaches($0.value) })
            } else {
                finding(range, evaluated, filled)
            }
        return AlarmEvaluation(finding: finding, evaluated: evaluated, filled: filled)
    }

    private func state(breaches: Int) -> AlarmEvaluation.Finding {
        .state(breaches >= breachesToAlarm ? .alarm : .ok)
    }

    private func finding(
        _ range: [AlarmDatapoint?], _ evaluated: [AlarmDatapoint], _ filled: Int
    ) -> AlarmEvaluation.Finding {
        let breaching = evaluated.count { breaches($0.value) }
        let treatment = missingData ?? .missing
        switch treatment {
        case .breaching: return state(breaches: breaching + filled)
        case .notBreaching: return state(breaches: breaching)
        case .missing, .ignore:
            if breaching >= breachesToAlarm { return .state(.alarm) }
            if breaching < evaluated.count { return .state(.ok) }
            if treatment == .ignore { return .retained }
            return .state(isOldEnough(range) ? .alarm : .insufficientData)
        }
    }

    /// Whether the oldest value lies so far back that it alone suffices: had more come, they would have by now.
    private func isOldEnough(_ range: [AlarmDatapoint?]) -> Bool {
        guard let oldest = range.firstIndex(where: { $0 != nil }) else { return false }
        return range.count - oldest >= breachesToAlarm
    }
}
