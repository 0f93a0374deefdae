import Controllers
import Domain
import Identifiers
import StateStore
import TestKit
import Testing

@Suite("Usage that got old")
struct UsageStepTests {
    @Test("is condensed in chunks, and looked at once an hour")
    func chunks() {
        var state = StateSnapshot().applying { transaction in
            for number in 0..<100 {
                var task = TaskRecord.test("t\(number)").observed(.running).observed(.stopped, at: .test(300))
                task.definition = .test("family-\(number)")
                transaction.put(task)
            }
        }
        #expect(state.usage.count == 100)
        let late = Timestamp.test(40 * 86_400)
        var step = UsageStep()
        #expect(step.step(state, now: .test(86_400)).isEmpty)
        let chunks = step.step(state, now: late)
        #expect(chunks.map(\.count) == [45, 45, 10])
        #expect(step.step(state, now: late).isEmpty)
        step.retry()
        #expect(step.step(state, now: late) == chunks)
        state = state.applying { transaction in
            for id in chunks.joined() { transaction.condense(id, now: late) }
        }
        #expect(state.usage.values().allSatisfy { $0.0.period.hours == 24 })
        step.retry()
        #expect(step.step(state, now: late).isEmpty)
    }

    @Test("of an older version's stopped tasks is counted when they are forgotten")
    func older() {
        let task = TaskRecord.test("a").observed(.running).observed(.stopped, at: .test(300))
        let state = StateSnapshot().applying { $0.put(.task(task)) }
        #expect(state.usage.count == 0)
        #expect(state.applying { $0.delete(.task(task.id)) }.usage.count > 0)
    }
}
