public import Domain

extension AccountSettingName {
    /// Whether the setting may have the value.
    ///
    /// - Throws: `InvalidParameterException` with the values that it may have, or why it cannot be changed.
    public func check(_ value: String) throws(ValidationFault) {
        if isManaged {
            throw ValidationFault(.invalidParameter, "The account setting \(rawValue) is managed by AWS and read-only.")
        }
        if values.contains(value) { return }
        switch (self, value) {
        case (.containerInstanceLongArnFormat, "disabled"), (.serviceLongArnFormat, "disabled"),
            (.taskLongArnFormat, "disabled"):
            throw ValidationFault(.invalidParameter, "You can no longer disable Long Arn settings")
        case (.tagResourceAuthorization, "off"), (.tagResourceAuthorization, "disabled"):
            throw ValidationFault(
                .invalidParameter,
                "You can no longer disable \(rawValue): tags given when a resource is made are always authorized.")
        default:
            throw ValidationFault(
                .invalidParameter,
                "Invalid value '\(value.prefix(100))' for the account setting \(rawValue). Valid values are "
                    + "[\(values.joined(separator: ", "))].")
        }
    }

    private var values: [String] {
        switch self {
        case .containerInstanceLongArnFormat, .serviceLongArnFormat, .taskLongArnFormat: ["enabled"]
        case .awsvpcTrunking, .fargateEventWindows, .fargateFIPSMode: ["enabled", "disabled"]
        case .containerInsights: ["enhanced", "enabled", "disabled"]
        case .defaultLogDriverMode: ["blocking", "non-blocking"]
        case .fargateTaskRetirementWaitPeriod: ["0", "7", "14"]
        case .guardDutyActivate: []
        case .tagResourceAuthorization: ["on"]
        }
    }
}
