import Domain
import Identifiers
import Testing

@testable import Scaling

@Suite("Step scaling")
struct StepScalingTests {
    typealias Step = StepScalingPolicy.Step

    /// AWS's own example: one more from 60 on, two from 70, three from 85.
    static let out = StepScalingPolicy(
        adjustment: .changeInCapacity,
        steps: [
            Step(lower: 0, upper: 10, adjustment: 1), Step(lower: 10, upper: 25, adjustment: 2),
            Step(lower: 25, upper: nil, adjustment: 3),
        ])
    static let scaleIn = StepScalingPolicy(
        adjustment: .changeInCapacity,
        steps: [Step(lower: -20, upper: 0, adjustment: -1), Step(lower: nil, upper: -20, adjustment: -2)])

    @Test(
        "above the threshold a step includes its lower bound, below it its upper one",
        arguments: [(60.0, 5), (69.9, 5), (70, 6), (84, 6), (85, 7), (400, 7)])
    func upwards(value: Double, desired: Int) {
        #expect(ScalingSnapshot.of(4, .steps(value, Self.out)).decide().change?.desired == desired)
    }

    @Test("likewise downwards", arguments: [(60.0, 3), (41, 3), (40, 2), (39, 2), (0, 2)])
    func downwards(value: Double, desired: Int) {
        let decision = ScalingSnapshot.of(4, .steps(value, Self.scaleIn, isHigh: false)).decide()
        #expect(decision.change?.desired == desired)
    }

    @Test("a value outside of all steps does nothing")
    func outside() {
        #expect(ScalingSnapshot.of(4, .steps(59, Self.out)).decide() == ScalingDecision())
    }

    @Test(
        "percentages are rounded as AWS does",
        arguments: [
            // Base, percent, least change, result.
            (10, 25, nil, 12), (10, 5, nil, 11), (10, -5, nil, 9), (10, -25, nil, 8), (4, 10, 2, 6), (4, -10, 2, 2),
            (100, 10, 2, 110), (0, 50, nil, 0), (1, -100, nil, 0),
        ] as [(Int, Int, Int?, Int)])
    func percentages(base: Int, percent: Int, least: Int?, result: Int) {
        var policy = StepScalingPolicy(
            adjustment: .percentChangeInCapacity, steps: [Step(lower: nil, upper: nil, adjustment: percent)])
        policy.minimumMagnitude = least
        #expect(policy.capacity(from: base, by: policy.steps[0]) == result)
    }

    @Test("numbers that cannot be counted with are cut off, not fatal")
    func extremes() {
        for adjustment in [StepScalingPolicy.Adjustment.changeInCapacity, .percentChangeInCapacity] {
            for amount in [Int.max, Int.min] {
                let policy = StepScalingPolicy(
                    adjustment: adjustment, steps: [Step(lower: nil, upper: nil, adjustment: amount)])
                #expect([0, 1_000_000].contains(policy.capacity(from: 7, by: policy.steps[0])))
            }
        }
    }

    @Test("an exact capacity is taken within the bounds")
    func exact() {
        let policy = StepScalingPolicy(adjustment: .exactCapacity, steps: [Step(lower: 0, upper: nil, adjustment: 20)])
        #expect(ScalingSnapshot.of(4, .steps(61, policy)).decide().change?.desired == 10)
        #expect(ScalingSnapshot.of(10, .steps(61, policy)).decide().change == nil)
    }

    @Test("in the cool-down of a scale-out only what a larger step has more is added")
    func cooldownOut() {
        // Two were added; three are asked for.
        #expect(ScalingSnapshot.of(6, .steps(90, Self.out, last: .ago(100, 2))).decide().change?.desired == 7)
        #expect(ScalingSnapshot.of(6, .steps(75, Self.out, last: .ago(100, 2))).decide() == ScalingDecision())
        #expect(ScalingSnapshot.of(6, .steps(75, Self.out, last: .ago(300, 2))).decide().change?.desired == 8)
        let total = ScalingSnapshot.of(6, .steps(90, Self.out, last: .ago(100, 2))).decide().change?.scaling.change
        #expect(total == 3)
    }

    @Test("in the cool-down of a scale-in nothing scales in, and a scale-out does not wait")
    func cooldownIn() {
        let low = PolicyReading.steps(10, Self.scaleIn, isHigh: false, last: .ago(100, -1))
        #expect(ScalingSnapshot.of(6, low).decide().change == nil)
        #expect(ScalingSnapshot.of(6, .steps(90, Self.out, last: .ago(100, -1))).decide().change?.desired == 9)
    }

    @Test("beside target tracking it scales in only when that wants it too")
    func beside() {
        let low = PolicyReading.steps(10, Self.scaleIn, isHigh: false)
        #expect(ScalingSnapshot.of(6, low, .cpu(48)).decide().change == nil)
        #expect(ScalingSnapshot.of(6, low, .cpu(20, in: .alarm)).decide().change?.desired == 4)
    }

    @Test("the values of several periods become one")
    func aggregation() {
        var policy = Self.out
        #expect(policy.aggregate([1, 2, 6]) == 3)
        policy.aggregation = "Maximum"
        #expect(policy.aggregate([1, 2, 6]) == 6)
        policy.aggregation = "Minimum"
        #expect(policy.aggregate([1, 2, 6]) == 1)
        #expect(policy.aggregate([]) == nil)
    }

    struct Fault: Sendable {
        var steps: [Step]
        var word: String?
    }

    @Test(
        "steps must neither overlap nor leave gaps",
        arguments: [
            Fault(steps: out.steps, word: nil), Fault(steps: scaleIn.steps, word: nil),
            Fault(steps: [Step(lower: nil, upper: nil, adjustment: 1)], word: nil),
            Fault(steps: [], word: "at least one"),
            Fault(steps: Array(repeating: Step(lower: 0, upper: nil, adjustment: 1), count: 21), word: "at most 20"),
            Fault(steps: [Step(lower: 5, upper: 5, adjustment: 1)], word: "less than"),
            Fault(
                steps: [Step(lower: 0, upper: 5, adjustment: 1), Step(lower: 6, upper: nil, adjustment: 1)], word: "gap"
            ),
            Fault(
                steps: [Step(lower: 0, upper: 7, adjustment: 1), Step(lower: 6, upper: nil, adjustment: 1)],
                word: "overlap"),
            Fault(steps: [Step(lower: -5, upper: 0, adjustment: 1)], word: "without MetricIntervalLowerBound"),
            Fault(steps: [Step(lower: 5, upper: 6, adjustment: 1)], word: "without MetricIntervalUpperBound"),
        ])
    func faults(row: Fault) {
        let fault = StepScalingPolicy(adjustment: .changeInCapacity, steps: row.steps).fault()
        if let word = row.word {
            #expect(fault?.contains(word) == true, "\(fault ?? "no fault")")
        } else {
            #expect(fault == nil)
        }
    }
}
