import Domain
import Identifiers
import Testing

@testable import Scaling

@Suite("Target tracking")
struct TargetTrackingTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var snapshot: ScalingSnapshot
        /// nil for no change.
        var desired: Int?
        var reasons: [String] = []
        var testDescription: String { name }
    }

    static let table: [Row] = {
        var rows: [Row] = []
        func row(_ name: String, _ snapshot: ScalingSnapshot, desired: Int? = nil, reasons: [String] = []) {
            rows.append(Row(name: name, snapshot: snapshot, desired: desired, reasons: reasons))
        }
        row("out in proportion to the metric, rounded up", .of(4, .cpu(80, out: .alarm)), desired: 7)
        row("by the tasks that run, not those that are wanted", .of(5, running: 4, .cpu(80, out: .alarm)), desired: 7)
        row(
            "what is already on its way is enough", .of(7, running: 4, .cpu(80, out: .alarm)),
            reasons: ["AlreadyAtDesiredCapacity"])
        row("never above the maximum", .of(8, .cpu(90, out: .alarm)), desired: 10)
        row("at the maximum it says so", .of(10, .cpu(90, out: .alarm)), reasons: ["AlreadyAtMaxCapacity"])
        row("below the minimum an alarm moves it there at least", .of(1, minimum: 5, .cpu(60, out: .alarm)), desired: 5)
        row("in as far as the busiest period allows", .of(8, .cpu(20, in: .alarm)), desired: 4)
        row("idle tasks go down to the minimum", .of(8, minimum: 2, .cpu(0, in: .alarm)), desired: 2)
        row("a metric far below zero", .of(8, minimum: 2, .cpu(-1e60, in: .alarm)), desired: 2)
        row("a metric beyond all counts", .of(8, .cpu(1e60, out: .alarm)), desired: 10)
        row("at the minimum it says so", .of(2, minimum: 2, .cpu(0, in: .alarm)), reasons: ["AlreadyAtMinCapacity"])
        row(
            "one task less would be too few: no flapping", .of(3, .cpu(44, in: .alarm)),
            reasons: ["AutoScalingAnticipatedFlapping"])
        row("above the maximum a scale-in moves it there at least", .of(14, .cpu(44, in: .alarm)), desired: 10)
        row("above the maximum nothing scales out", .of(14, .cpu(90, out: .alarm)), reasons: ["AlreadyAtMaxCapacity"])
        row("within both thresholds nothing happens", .of(4, .cpu(48)))
        row("without data nothing happens", .of(4, .cpu(10, out: .insufficientData, in: .insufficientData)))
        row("from none, one: the smallest step", .of(0, minimum: 0, .cpu(90, out: .alarm)), desired: 1)
        row("while none runs nobody knows the load", .of(3, running: 0, .cpu(90, out: .alarm)))
        row("a policy without scale-in does not scale in", .of(8, .cpu(10, in: .alarm) { $0.disablesScaleIn = true }))
        // Cool-downs.
        row(
            "in the cool-down of a scale-out an equal step waits",
            .of(6, running: 4, .cpu(75, out: .alarm, last: .ago(100, 2))))
        row(
            "a larger step passes, with what was added as part of it",
            .of(6, running: 4, .cpu(100, out: .alarm, last: .ago(100, 2))), desired: 8)
        row("after it an equal step is made", .of(6, .cpu(60, out: .alarm, last: .ago(300, 2))), desired: 8)
        row(
            "a cool-down of its own length",
            .of(6, .cpu(60, out: .alarm, last: .ago(100, 2)) { $0.scaleOutCooldown = 60 }), desired: 8)
        row("in the cool-down of a scale-in no other scale-in", .of(6, .cpu(20, in: .alarm, last: .ago(299, -2))))
        row("after it there is", .of(6, .cpu(20, in: .alarm, last: .ago(300, -2))), desired: 3)
        row(
            "a scale-out breaks the cool-down of a scale-in", .of(6, .cpu(100, out: .alarm, last: .ago(10, -2))),
            desired: 10)
        row(
            "a scale-in does not wait for the cool-down of a scale-out",
            .of(6, .cpu(20, in: .alarm, last: .ago(10, 2))), desired: 3)
        // Several policies.
        row(
            "out when any policy wants it", .of(4, .cpu(80, out: .alarm), .cpu(10, in: .alarm, name: "other")),
            desired: 7)
        row("of several the largest", .of(4, .cpu(60, out: .alarm), .cpu(80, out: .alarm, name: "other")), desired: 7)
        row("in only when all want it", .of(8, .cpu(20, in: .alarm), .cpu(48, name: "other")))
        row(
            "and then to the larger count", .of(8, .cpu(20, in: .alarm), .cpu(30, in: .alarm, name: "other")),
            desired: 5)
        row(
            "one that may not scale in is not asked",
            .of(8, .cpu(20, in: .alarm), .cpu(48, name: "other") { $0.disablesScaleIn = true }), desired: 4)
        row(
            "one without data is not for it",
            .of(8, .cpu(20, in: .alarm), .cpu(1, out: .insufficientData, in: .insufficientData, name: "other")))
        return rows
    }()

    @Test("decides by its two alarms", arguments: table)
    func decides(row: Row) {
        let decision = row.snapshot.decide()
        #expect(decision.change?.desired == row.desired)
        #expect(decision.notScaled.map(\.reason.code) == row.reasons)
    }

    @Test("while a deployment is in progress it scales out, but not in")
    func deployments() {
        var snapshot = ScalingSnapshot.of(4, .cpu(10, in: .alarm))
        snapshot.isDeploying = true
        #expect(snapshot.decide().change == nil)
        #expect(snapshot.decide().notScaled.map(\.reason.code) == ["TargetServicePutResourceAsUnscalable"])
        snapshot.policies = [.cpu(80, out: .alarm)]
        #expect(snapshot.decide().change?.desired == 7)
    }

    @Test("suspended directions do nothing")
    func suspended() {
        var snapshot = ScalingSnapshot.of(4, .cpu(80, out: .alarm))
        snapshot.suspension.scaleOut = true
        #expect(snapshot.decide().change == nil)
        snapshot.suspension.scaleOut = false
        snapshot.suspension.scaleIn = true
        #expect(snapshot.decide().change?.desired == 7)
        snapshot.policies = [.cpu(10, in: .alarm)]
        #expect(snapshot.decide().change == nil)
    }

    @Test("scale-in goes by the largest value that the alarm looked at")
    func largest() {
        var policy = PolicyReading.cpu(5, in: .alarm)
        policy.alarms[1].largest = 40
        #expect(ScalingSnapshot.of(10, policy).decide().change?.desired == 8)
    }

    @Test("a change says why, and what its cool-down counts from")
    func cause() throws {
        let change = try #require(ScalingSnapshot.of(4, .cpu(80, out: .alarm)).decide().change)
        #expect(change.cause == "monitor alarm high in state ALARM triggered policy cpu")
        #expect(change.scaling == PolicyScaling(at: .seconds(600), change: 3))
        let larger = ScalingSnapshot.of(6, running: 4, .cpu(100, out: .alarm, last: .ago(100, 2))).decide().change
        #expect(larger?.scaling.change == 4)
    }
}
