import Alarms
import Domain
import Identifiers
import Testing

@Suite("A composite alarm's rule")
struct AlarmRuleTests {
    private static let states: [String: AlarmState] = ["a": .alarm, "b": .ok, "c d": .insufficientData]

    @Test(
        "holds",
        arguments: [
            ("ALARM(a)", true), ("ALARM(\"a\")", true), ("ALARM(b)", false), ("OK('b')", true),
            ("INSUFFICIENT_DATA(\"c d\")", true), ("ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", true),
            ("TRUE", true), ("FALSE", false), ("NOT FALSE", true), ("NOT NOT TRUE", true),
            ("ALARM(a) AND ALARM(b)", false), ("ALARM(a) OR ALARM(b)", true), ("TRUE OR TRUE AND FALSE", true),
            ("(TRUE OR TRUE) AND FALSE", false), ("NOT ALARM(b) AND ALARM(a)", true),
            ("NOT (ALARM(a) AND OK(b))", false), ("  ( ALARM ( a )AND\nOK(b) ) ", true), ("OK(gone)", false),
            ("NOT OK(gone)", true),
        ])
    func holds(text: String, expected: Bool) throws {
        #expect(try AlarmRule(text).holds { Self.states[$0] } == expected)
    }

    @Test("names its alarms once, in their order")
    func alarms() throws {
        #expect(try AlarmRule("ALARM(b) AND (OK(a) OR OK(\"b\"))").alarms == ["b", "a"])
    }

    @Test(
        "is refused",
        arguments: [
            "", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) ALARM(b)", "a", "ALARM(a) AND", "AND", "ALARM(\"a)", "TRUEX",
            "()", "NOT", String(repeating: "(", count: 200), String(repeating: "NOT ", count: 200) + "TRUE",
        ])
    func refused(text: String) {
        #expect(throws: AlarmRule.Fault.self) { try AlarmRule(text) }
    }

    @Test("has a hundred alarms at most, and no function that is not built")
    func bounds() {
        let many = (0..<101).map { "ALARM(a\($0))" }.joined(separator: " OR ")
        #expect(throws: AlarmRule.Fault.tooManyAlarms) { try AlarmRule(many) }
        #expect(throws: AlarmRule.Fault.unbuilt("AT_LEAST")) { try AlarmRule("AT_LEAST(1, ALARM, (a))") }
    }

    @Test("waits for a suppressor, and goes on a while after it")
    func suppression() {
        var composite = CompositeAlarm(rule: "TRUE")
        let now = Timestamp(milliseconds: 0)
        func next(
            _ known: ActionsSuppression?, _ suppressor: AlarmState?, enters: Bool = false, at seconds: Int64 = 0
        ) -> ActionsSuppression? {
            composite.suppression(
                after: known, state: .alarm, entersAlarm: enters, suppressor: suppressor,
                now: Timestamp(milliseconds: seconds * 1000))
        }
        #expect(next(nil, .alarm, enters: true) == nil)
        composite.suppressor = "s"
        composite.suppressorWait = 60
        composite.suppressorExtension = 30
        let waiting = ActionsSuppression(cause: .waitPeriod, until: now.adding(.seconds(60)))
        #expect(next(nil, .ok, enters: true) == waiting)
        #expect(next(waiting, .ok, at: 59) == waiting)
        #expect(next(waiting, .ok, at: 60) == nil)
        let held = ActionsSuppression(cause: .alarm)
        #expect(next(waiting, .alarm, at: 10) == held)
        #expect(next(held, .ok) == ActionsSuppression(cause: .extensionPeriod, until: now.adding(.seconds(30))))
        #expect(next(nil, .ok) == nil)
    }
}
