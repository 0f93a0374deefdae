import Domain
import Foundation
import Identifiers
import JSONBytes
import Metering

/// What `berth cost` prints: usage as the control plane counted it, and what it costs in three places.
struct CostReport {
    private struct Row {
        /// As it came, for JSON.
        var members: [String: JSONValue]
        var group: UsageGroup
        var amount: UsageAmount
        var quantities: UsageQuantities
        var cost: WorkCost
    }

    private let prices: PriceList
    private let since: Double
    private let until: Double
    private let isComplete: Bool
    private let work: [Row]
    private let hosts: [Row]
    private let tasks: [Row]?

    /// - Throws: `CommandFailure` when the control plane answered something else.
    init(_ answer: JSONValue, at prices: PriceList) throws {
        self.prices = prices
        guard let since = answer["since"]?.number, let until = answer["until"]?.number,
            let usage = answer["usage"]?.array
        else { throw CommandFailure("The control plane answered without usage: is it an older version?") }
        self.since = since
        self.until = until
        isComplete = answer["isComplete"]?.boolean ?? true
        let rows = try usage.map { try Self.row($0, prices) }
        work = rows.filter { $0.group.owner.kind != .hosts }
        hosts = rows.filter { $0.group.owner.kind == .hosts }
        tasks = try answer["tasks"]?.array?.map { try Self.row($0, prices) }
    }

    private static func row(_ value: JSONValue, _ prices: PriceList) throws -> Row {
        guard let members = value.object, let kind = members["kind"]?.string.flatMap(UsageOwner.Kind.init),
            let capacity = members["capacity"]?.string.flatMap(UsageCapacity.init),
            let architecture = members["architecture"]?.string.flatMap(ProcessorArchitecture.init)
        else { throw CommandFailure("The control plane answered usage that this version does not know: \(value).") }
        var amount = UsageAmount()
        amount.cpu = members["cpuUnitMilliseconds"]?.integer ?? 0
        amount.memory = members["mebibyteMilliseconds"]?.integer ?? 0
        amount.storage = members["storageGibibyteMilliseconds"]?.integer ?? 0
        amount.fargateCPU = members["fargateCPUUnitMilliseconds"]?.integer ?? 0
        amount.fargateMemory = members["fargateMebibyteMilliseconds"]?.integer ?? 0
        amount.host = members["hostMillionthMilliseconds"]?.integer ?? 0
        // Account and region play no part in prices.
        let cluster = ClusterID(scope: Scope(account: "", region: ""), name: members["cluster"]?.string ?? "")
        let group = UsageGroup(
            cluster: cluster, owner: UsageOwner(kind, members["name"]?.string ?? ""), capacity: capacity,
            architecture: architecture)
        return Row(
            members: members, group: group, amount: amount, quantities: UsageQuantities(amount),
            cost: WorkCost(amount, of: group, at: prices))
    }

    // MARK: For people

    var lines: [String] {
        var lines = [
            "From \(PointInTime.text(since)) to \(PointInTime.text(until)), whole hours; prices in \(prices.currency)."
        ]
        let rows = work.map { row in cells(row) }
        lines +=
            TextTable(
                "Work",
                ["WORK", "RAN AS", "PROCESSOR", "BEGUN", "VCPU-HOURS", "GB-HOURS", "FARGATE", "EC2", "HERE"],
                rows + (rows.isEmpty ? [] : [sums])
            ).lines
        lines +=
            TextTable(
                "Hosts", ["HOSTS", "CLUSTER", "BEGUN", "HOST-HOURS", "HERE"],
                hosts.map { row in
                    [
                        row.group.owner.name, row.group.cluster.name, begun(row),
                        Self.text(row.quantities.hostHours, 2),
                        Self.text(row.cost.here, 4),
                    ]
                }
            ).lines
        if let tasks {
            lines +=
                TextTable(
                    "Tasks", ["TASK", "WORK", "STATUS", "VCPU-SECONDS", "GB-SECONDS"],
                    tasks.map { row in
                        [
                            row.members["task"]?.string ?? "-", name(row), row.members["lastStatus"]?.string ?? "-",
                            Self.text(row.quantities.vCPUSeconds, 3), Self.text(row.quantities.gbSeconds, 3),
                        ]
                    }
                ).lines
        }
        return lines + notes
    }

    private func cells(_ row: Row) -> [String] {
        [
            name(row), row.group.capacity.rawValue, row.group.architecture.rawValue, begun(row),
            Self.text(row.quantities.vCPUHours, 4), Self.text(row.quantities.gbHours, 4),
            Self.text(row.cost.fargate, 4),
            row.cost.ec2.map { "\(Self.text($0, 4)) (\(row.cost.instanceType ?? ""))" } ?? "-",
            Self.text(row.cost.here, 4),
        ]
    }

    private func begun(_ row: Row) -> String { String(row.members["begun"]?.integer ?? 0) }

    private func name(_ row: Row) -> String {
        "\(row.group.cluster.name)/\(row.group.owner.kind.rawValue):\(row.group.owner.name)"
    }

    private var sums: [String] {
        func sum(_ value: (Row) -> Double) -> String { Self.text(work.map(value).reduce(0, +), 4) }
        // A sum of what only some have would compare different work.
        let ec2 = work.allSatisfy { $0.cost.ec2 != nil } ? sum { $0.cost.ec2 ?? 0 } : "-"
        return [
            "all", "", "", "", sum { $0.quantities.vCPUHours }, sum { $0.quantities.gbHours }, sum { $0.cost.fargate },
            ec2, sum { $0.cost.here },
        ]
    }

    private var notes: [String] {
        var notes = ["EC2 is the least it could cost: every instance full all the time."]
        if prices.ownHostHour == 0 { notes.append("Own hosts cost nothing here: no ownHostHour in the prices.") }
        if work.contains(where: { $0.group.capacity == .fargateSpot }) {
            notes.append("FARGATE_SPOT is assumed to take \(Self.text(prices.spotDiscount * 100, 1)) % off; it varies.")
        }
        if !isComplete { notes.append("There is more work than is shown.") }
        return notes
    }

    private static func text(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

    // MARK: For programs

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "since": .number(since), "until": .number(until), "currency": .string(prices.currency),
            "isComplete": .boolean(isComplete), "work": .array(work.map(Self.json)),
            "hosts": .array(hosts.map(Self.json)),
        ]
        members["tasks"] = tasks.map { .array($0.map(Self.json)) }
        return .object(members)
    }

    private static func json(_ row: Row) -> JSONValue {
        var members = row.members
        members["vcpuSeconds"] = .number(row.quantities.vCPUSeconds)
        members["gbSeconds"] = .number(row.quantities.gbSeconds)
        members["hostHours"] = .number(row.quantities.hostHours)
        members["hereCost"] = .number(row.cost.here)
        guard row.group.owner.kind != .hosts else { return .object(members) }
        members["fargateCost"] = .number(row.cost.fargate)
        members["ec2Cost"] = row.cost.ec2.map { .number($0) }
        members["ec2InstanceType"] = row.cost.instanceType.map { .string($0) }
        return .object(members)
    }
}
