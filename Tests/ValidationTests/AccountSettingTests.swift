import Domain
import Testing
import Validation

@Suite("Account settings")
struct AccountSettingTests {
    static let allowed: [(AccountSettingName, [String])] = [
        (.awsvpcTrunking, ["enabled", "disabled"]), (.containerInsights, ["enhanced", "enabled", "disabled"]),
        (.containerInstanceLongArnFormat, ["enabled"]), (.serviceLongArnFormat, ["enabled"]),
        (.taskLongArnFormat, ["enabled"]), (.defaultLogDriverMode, ["blocking", "non-blocking"]),
        (.fargateFIPSMode, ["enabled", "disabled"]), (.fargateEventWindows, ["enabled", "disabled"]),
        (.fargateTaskRetirementWaitPeriod, ["0", "7", "14"]), (.tagResourceAuthorization, ["on"]),
        (.guardDutyActivate, []),
    ]

    @Test("have their own values and no others", arguments: allowed)
    func values(name: AccountSettingName, values: [String]) {
        for value in ["", "enabled", "disabled", "enhanced", "on", "off", "0", "7", "14", "blocking", "non-blocking"] {
            let isAllowed = (try? name.check(value)) != nil
            #expect(isAllowed == values.contains(value), "\(value)")
        }
    }

    @Test("start with a value that they may have", arguments: AccountSettingName.allCases)
    func standard(name: AccountSettingName) {
        if name.isManaged { return }
        #expect(throws: Never.self) { try name.check(name.standardValue) }
    }

    @Test("cannot go back to short ARNs, in the words that clients look for")
    func longARNs() {
        for name in [AccountSettingName.serviceLongArnFormat, .taskLongArnFormat, .containerInstanceLongArnFormat] {
            #expect(throws: ValidationFault(.invalidParameter, "You can no longer disable Long Arn settings")) {
                try name.check("disabled")
            }
        }
    }
}
