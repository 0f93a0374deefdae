import Domain
import Identifiers
import TestKit
import Testing

@testable import Scaling

@Suite("Scaling in simulated time")
struct ScalingSimulationTests {
    private static func simulation(
        _ target: Double = 50, _ bounds: ClosedRange<Int> = 1...20, startup: Int = 60, tasks: Int = 2,
        _ change: (inout TargetTrackingPolicy) -> Void = { _ in }
    ) -> ScalingSimulation {
        var policy = TargetTrackingPolicy(metric: .averageCPU, target: target)
        change(&policy)
        return ScalingSimulation(
            bounds: ScalingBounds(minimum: bounds.lowerBound, maximum: bounds.upperBound),
            policies: [.init(name: "cpu", policy)], capacity: 100, startup: startup, tasks: tasks)
    }

    @Test("three periods above the target scale out, fifteen well below it scale in")
    func timing() {
        let points = Self.simulation().run(Array(repeating: 160, count: 30))
        #expect(points[0..<2].allSatisfy { $0.desired == 2 })
        // 80 percent of two tasks.
        #expect(points[2].desired == 4 && points[2].isViolation)
        #expect(points[3].running == 4 && points[3].metric == 40)
        let quiet = Self.simulation(tasks: 8).run(Array(repeating: 160, count: 20))
        #expect(quiet[0..<14].allSatisfy { $0.desired == 8 })
        #expect(quiet[14].desired == 4)
    }

    @Test("stays within its bounds, whatever the load", arguments: 0..<60)
    func bounds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let least = Int.random(in: 0...5, using: &random)
        let simulation = Self.simulation(
            Double.random(in: 5...95, using: &random), least...(least + Int.random(in: 0...20, using: &random)),
            startup: Int.random(in: 0...200, using: &random), tasks: Int.random(in: 0...30, using: &random))
        let load = (0..<300).map { _ in Double.random(in: 0...4000, using: &random) }
        for point in simulation.run(load) {
            #expect((simulation.bounds.minimum...simulation.bounds.maximum).contains(point.desired))
            #expect(point.running >= 0 && point.running <= simulation.bounds.maximum)
        }
    }

    @Test("comes to rest on a constant load, and stays there", arguments: 0..<60)
    func converges(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let simulation = Self.simulation(
            Double.random(in: 20...90, using: &random), 1...60, startup: Int.random(in: 0...120, using: &random),
            tasks: Int.random(in: 1...60, using: &random))
        let load = Double.random(in: 0...2500, using: &random)
        let points = simulation.run(Array(repeating: load, count: 240))
        // Four hours: what must rise does so by at least half of what it has in each cool-down of five minutes.
        let rest = points[120...]
        #expect(Set(rest.map(\.desired)).count == 1, "it never rests")
        #expect(rest.allSatisfy { !$0.isViolation } || rest.first?.desired == 60)
        // One way only: a scale-in after a scale-out, or the other way round, would be flapping.
        let changes = zip(points, points.dropFirst()).map { $1.desired - $0.desired }.filter { $0 != 0 }
        #expect(changes.allSatisfy { $0 > 0 } || changes.allSatisfy { $0 < 0 }, "\(changes)")
        // No task too many: one less would be above nine tenths of the target.
        if let last = points.last, last.desired > 1, let metric = last.metric {
            let target = simulation.policies[0].target ?? 0
            let fewer = metric * Double(last.running) / Double(last.running - 1)
            #expect(fewer > target * 0.9 - 1e-6)
        }
    }

    @Test("follows a day's load up and down again")
    func day() {
        let load = (0..<1440).map { minute in minute < 400 || minute > 1000 ? 100.0 : 1000 }
        let points = Self.simulation(startup: 30).run(load)
        #expect(points[390].desired == 2)
        #expect(points[900].desired == 20 && points[900].metric == 50)
        #expect(points[1439].desired == 2)
        #expect(points.filter { $0.cause != nil }.count <= 12)
    }

    @Test("steps are simulated with the alarms they are given")
    func steps() {
        let policy = StepScalingPolicy(
            adjustment: .changeInCapacity, steps: [.init(lower: 0, upper: nil, adjustment: 2)])
        let simulation = ScalingSimulation(
            bounds: ScalingBounds(minimum: 1, maximum: 9),
            policies: [
                .init(
                    name: "s", rule: .stepScaling(policy), metric: .loadPerTask,
                    alarms: [.init(name: "a", comparison: .greaterOrEqual, threshold: 100, periods: 1)])
            ], capacity: 1, startup: 0, tasks: 1)
        let points = simulation.run([50, 400, 400, 400, 400, 400, 400, 400])
        #expect(points.map(\.desired) == [1, 3, 3, 3, 3, 3, 5, 5])
    }
}
