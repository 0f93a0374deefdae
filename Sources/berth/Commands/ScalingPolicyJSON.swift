import AWSWire
import Domain
import Foundation
import Front
import Identifiers
import JSONBytes
import Scaling

/// The policies to simulate, and their bounds, from a file.
struct ScalingPolicyJSON {
    var bounds: ScalingBounds
    var simulated: [ScalingSimulation.Policy]

    /// Whether one of them follows how full the tasks are.
    var needsCapacity: Bool { simulated.contains { $0.metric == .utilization } }

    /// What the first policy follows; nil where it is no target tracking.
    var tracked: TargetTrackingPolicy.Metric? {
        if case .targetTracking(let policy)? = simulated.first?.rule { policy.metric } else { nil }
    }

    /// - Throws: one sentence that names the file and what is wrong with it.
    static func read(_ path: String) throws -> ScalingPolicyJSON {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("Cannot read the policy file \(path).")
        }
        do {
            return try ScalingPolicyJSON(JSONValue(jsonBytes: Array(bytes)))
        } catch let failure as CommandFailure {
            throw CommandFailure("The policy file \(path): \(failure)")
        } catch let fault as APIFault {
            throw CommandFailure("The policy file \(path): \(fault.message)")
        } catch {
            throw CommandFailure("The policy file \(path) is not JSON: \(error).")
        }
    }

    private init(_ json: JSONValue) throws {
        guard let minimum = json["MinCapacity"]?.integer, let maximum = json["MaxCapacity"]?.integer,
            (0...100_000).contains(minimum), (minimum...100_000).contains(maximum)
        else {
            throw CommandFailure("MinCapacity and MaxCapacity must be numbers from 0 to 100000, the minimum first.")
        }
        bounds = ScalingBounds(minimum: Int(minimum), maximum: Int(maximum))
        simulated = try (json["Policies"]?.array ?? [json]).enumerated().map { index, policy in
            try Self.policy(policy, number: index + 1)
        }
        guard !simulated.isEmpty else { throw CommandFailure("Policies must have at least one policy.") }
    }

    private static func policy(_ json: JSONValue, number: Int) throws -> ScalingSimulation.Policy {
        let name = json["PolicyName"]?.string ?? "policy-\(number)"
        // Account and region play no part in what a policy does.
        guard let rule = try ScalingPolicyFile.rule(json, scope: Scope(account: "000000000000", region: "us-east-1"))
        else {
            throw CommandFailure(
                "\(name) has no TargetTrackingScalingPolicyConfiguration and no StepScalingPolicyConfiguration.")
        }
        switch rule {
        case .targetTracking(let tracking): return ScalingSimulation.Policy(name: name, tracking)
        case .stepScaling:
            let alarms = try (json["Alarms"]?.array ?? []).enumerated().map { try alarm($1, number: $0 + 1, of: name) }
            guard !alarms.isEmpty else {
                throw CommandFailure("\(name) is step scaling: Alarms must say what sets it off.")
            }
            let metric: ScalingSimulation.Metric =
                json["Metric"]?.string == "LoadPerTask" ? .loadPerTask : .utilization
            return ScalingSimulation.Policy(name: name, rule: rule, metric: metric, alarms: alarms)
        }
    }

    /// As PutMetricAlarm says it.
    private static func alarm(_ json: JSONValue, number: Int, of policy: String) throws -> ScalingSimulation.Alarm {
        guard let comparison = json["ComparisonOperator"]?.string.flatMap(MetricAlarm.Comparison.init),
            let threshold = json["Threshold"]?.number, threshold.isFinite
        else {
            throw CommandFailure("Each of Alarms of \(policy) must have a ComparisonOperator and a Threshold.")
        }
        let periods = json["EvaluationPeriods"]?.integer ?? 1
        guard (1...1_440).contains(periods) else {
            throw CommandFailure("EvaluationPeriods of the alarms of \(policy) must be 1 to 1440, got \(periods).")
        }
        return ScalingSimulation.Alarm(
            name: json["AlarmName"]?.string ?? "\(policy)-alarm-\(number)", comparison: comparison,
            threshold: threshold, periods: Int(periods))
    }
}

/// A load as a CSV file.
enum LoadFile {
    /// The load per minute, one value for each minute: the mean of those that the file has in it, the one before where it has none.
    ///
    /// - Throws: one sentence that names the file and the line.
    static func read(_ path: String) throws -> [Double] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("Cannot read the load file \(path).")
        }
        var rows: [(time: Double, load: Double)] = []
        for (number, line) in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).enumerated() {
            let cells = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let numbers = cells.compactMap(Double.init)
            // The first line may name the columns.
            if numbers.isEmpty, number == 0 { continue }
            guard numbers.count == cells.count, (1...2).contains(numbers.count),
                numbers.allSatisfy({ $0.isFinite && $0 >= 0 })
            else {
                throw CommandFailure("The load file \(path), line \(number + 1): it must be 'seconds,load' or 'load'.")
            }
            rows.append((numbers.count == 2 ? numbers[0] : Double(rows.count * 60), numbers[numbers.count - 1]))
        }
        return try perMinute(rows, path)
    }

    private static func perMinute(_ rows: [(time: Double, load: Double)], _ path: String) throws -> [Double] {
        guard let first = rows.map(\.time).min(), let last = rows.map(\.time).max() else { return [] }
        // A year of minutes.
        guard last - first < 366 * 86_400 else { throw CommandFailure("The load file \(path) spans more than a year.") }
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for row in rows {
            let minute = Int((row.time - first) / 60)
            let old = sums[minute] ?? (0, 0)
            sums[minute] = (old.sum + row.load, old.count + 1)
        }
        var value = 0.0
        return (0...Int((last - first) / 60)).map { minute in
            if let found = sums[minute] { value = found.sum / found.count }
            return value
        }
    }
}
