public import Identifiers

/// Every account setting that ECS knows, in the words of its API.
public enum AccountSettingName: String, CaseIterable, Sendable {
    case awsvpcTrunking, containerInsights, containerInstanceLongArnFormat, defaultLogDriverMode, fargateEventWindows,
        fargateFIPSMode, fargateTaskRetirementWaitPeriod, guardDutyActivate, serviceLongArnFormat,
        tagResourceAuthorization, taskLongArnFormat

    /// What holds where nobody set another value.
    /// - Source: Amazon ECS Developer Guide, "Access Amazon ECS features with account settings"
    public var standardValue: String {
        switch self {
        case .containerInstanceLongArnFormat, .serviceLongArnFormat, .taskLongArnFormat: "enabled"
        case .awsvpcTrunking, .containerInsights, .fargateEventWindows, .fargateFIPSMode: "disabled"
        case .defaultLogDriverMode: "non-blocking"
        case .fargateTaskRetirementWaitPeriod: "7"
        case .guardDutyActivate: "off"
        case .tagResourceAuthorization: "on"
        }
    }

    /// Set by AWS for its customers; callers only read it.
    public var isManaged: Bool { self == .guardDutyActivate }
}

/// A stored account setting of one principal; that of the root user holds for all who have none of their own. Written by the
/// API front.
public struct AccountSettingRecord: Hashable, Codable, Sendable {
    public var id: AccountSettingID
    public var value: String

    public init(id: AccountSettingID, value: String) {
        self.id = id
        self.value = value
    }
}
