import Domain
import Foundation
import Identifiers
import Metering
import Scaling

/// A simulation for people: where the count changed, how often the target was missed, and what the tasks cost.
struct ScalingReport {
    let points: [ScalingSimulation.Point]
    private let simulation: ScalingSimulation
    private let cpu: Int
    private let memory: Int
    private let prices: PriceList

    /// Rows beside those of changes.
    private static let rows = 24

    init(
        _ simulation: ScalingSimulation, _ points: [ScalingSimulation.Point], cpu: Int, memory: Int, prices: PriceList
    ) {
        self.simulation = simulation
        self.points = points
        self.cpu = cpu
        self.memory = memory
        self.prices = prices
    }

    var lines: [String] {
        let stride = max(1, points.count / Self.rows)
        let rows = points.enumerated().filter { $0.offset % stride == 0 || $0.element.cause != nil }.map { _, point in
            [
                Self.clock(point.time), Self.number(point.load), point.metric.map(Self.number) ?? "-",
                String(point.desired), String(point.running), point.isViolation ? "yes" : "", point.cause ?? "",
            ]
        }
        return TextTable(
            "Simulation", ["TIME", "LOAD/MIN", "METRIC", "DESIRED", "RUNNING", "ABOVE TARGET", "CAUSE"], rows
        )
        .lines + summary
    }

    private var summary: [String] {
        let violations = points.count(where: \.isViolation)
        let changes = points.count { $0.cause != nil }
        let own = cost(of: points.reduce(0) { $0 + $1.running })
        let most = cost(of: points.count * (points.map(\.running).max() ?? 0))
        let what = simulation.hasTarget ? "Above the target" : "No policy has a target; without a task for its load"
        let missed =
            "\(what) in \(violations) of \(points.count) minutes "
            + "(\(Self.number(Double(violations) * 100 / Double(max(1, points.count)))) %)."
        return [
            "\(points.count) minutes, \(changes) changes, \(points.map(\.running).max() ?? 0) tasks at most.",
            missed,
            "\(Self.number(own.hours)) task-hours of \(cpu) CPU units and \(memory) MiB: \(own.text); "
                + "\(most.text) with the largest count all the time.",
        ]
    }

    /// Clamped to what 64 bits hold.
    private static func used(_ units: Int, _ milliseconds: Int64) -> Int64 {
        let (product, overflows) = Int64(units).multipliedReportingOverflow(by: milliseconds)
        return overflows ? .max : product
    }

    private func cost(of taskMinutes: Int) -> (hours: Double, text: String) {
        let milliseconds = Int64(taskMinutes) * Int64(simulation.period) * 1000
        var amount = UsageAmount()
        amount.cpu = Self.used(cpu, milliseconds)
        amount.memory = Self.used(memory, milliseconds)
        amount.fargateCPU = amount.cpu
        amount.fargateMemory = amount.memory
        let group = UsageGroup(
            cluster: ClusterID(scope: Scope(account: "", region: ""), name: ""), owner: UsageOwner(.service, ""),
            capacity: .fargate, architecture: .x86)
        let cost = WorkCost(amount, of: group, at: prices)
        let other = cost.ec2.map { ", EC2 \(Self.money($0))" } ?? ""
        return (Double(milliseconds) / 3_600_000, "\(prices.currency) Fargate \(Self.money(cost.fargate))\(other)")
    }

    private static func money(_ value: Double) -> String { String(format: "%.4f", value) }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(format: "%.1f", value)
    }

    /// Hours and minutes since the beginning.
    static func clock(_ seconds: Int) -> String { String(format: "%d:%02d", seconds / 3600, seconds / 60 % 60) }
}
