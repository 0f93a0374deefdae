import Domain
import Identifiers

/// Hosts and tasks of one cell: equal numbers give equal records.
struct BenchCluster {
    private static let cluster = ClusterID(scope: Scope(account: "000000000000", region: "us-east-1"), name: "bench")
    /// Tasks of one service, which count together.
    private static let serviceSize = 100

    let hosts: Int
    let tasks: Int
    let spreads: Bool
    let isConstrained: Bool

    /// Hosts of 64 vCPU and 256 GiB: 500 of them hold 100,000 tasks. They have the attributes of an agent.
    func hostRecords() -> [ContainerInstanceRecord] {
        var random = SeededGenerator(seed: 1)
        return (0..<hosts).map { number in
            var record = ContainerInstanceRecord(
                id: ContainerInstanceID(scope: Self.cluster.scope, id: Self.id(using: &random)), cluster: Self.cluster,
                launchType: .ec2, resources: Resources(cpu: CPUUnits(65_536), memory: MemoryMiB(262_144)),
                registeredAt: Timestamp(milliseconds: 0))
            record.reservedPorts = [22, 2_375, 2_376, 51_678, 51_679].map { Port($0) }
            record.attributes = Self.capabilities.map { Attribute(name: $0) }
            record.attributes += [
                Attribute(name: "ecs.availability-zone", value: "us-east-1" + ["a", "b", "c"][number % 3]),
                Attribute(
                    name: "ecs.instance-type", value: ["m5.16xlarge", "m6i.16xlarge", "c5.18xlarge"][number / 3 % 3]),
                Attribute(name: "ecs.os-type", value: "linux"),
                Attribute(name: "ecs.cpu-architecture", value: "x86_64"),
                Attribute(name: "rack", value: "r\(number % 40)"),
            ]
            return record
        }
    }

    /// Services of 100 tasks, one after the other, in four sizes.
    func taskRecords() -> [TaskRecord] {
        var random = SeededGenerator(seed: 2)
        return (0..<tasks).map { number in
            let service = "service\(number / Self.serviceSize)"
            let size = number / Self.serviceSize % 4
            var task = TaskRecord(
                id: TaskID(cluster: Self.cluster, id: Self.id(using: &random)),
                definition: TaskDefinitionID(
                    family: FamilyID(scope: Self.cluster.scope, name: service), revision: 1),
                containers: [TaskContainer(name: "app", id: "\(Self.id(using: &random))-1")],
                createdAt: Timestamp(milliseconds: Int64(number / Self.serviceSize)), launchType: .ec2,
                reservation: Resources(cpu: CPUUnits(64 + 32 * size), memory: MemoryMiB(128 + 128 * size)),
                networkMode: .awsvpc, group: "service:\(service)")
            task.service = ServiceID(cluster: Self.cluster, name: service)
            task.requiresAttributes = Array(Self.capabilities.prefix(6))
            task.placementStrategy =
                spreads
                ? [.spread("attribute:ecs.availability-zone"), .spread("instanceId")] : [.binpack(.memory)]
            if isConstrained {
                task.placementConstraints = [
                    .memberOf("attribute:ecs.instance-type =~ m.* and attribute:rack != r7"), .distinctInstance,
                ]
            }
            return task
        }
    }

    private static func id(using random: inout SeededGenerator) -> String {
        let text = String(random.next(), radix: 16) + String(random.next(), radix: 16)
        return String(repeating: "0", count: max(0, 32 - text.count)) + text
    }

    private static let capabilities = [
        "com.amazonaws.ecs.capability.docker-remote-api.1.18", "com.amazonaws.ecs.capability.docker-remote-api.1.24",
        "com.amazonaws.ecs.capability.logging-driver.json-file", "com.amazonaws.ecs.capability.task-iam-role",
        "ecs.capability.task-eni", "ecs.capability.container-health-check", "ecs.capability.container-ordering",
        "ecs.capability.pid-ipc-namespace-sharing", "ecs.capability.task-cpu-mem-limit",
        "ecs.capability.docker-volume-driver.local", "ecs.capability.env-files.s3", "ecs.capability.full-sync",
        "com.amazonaws.ecs.capability.privileged-container", "com.amazonaws.ecs.capability.ecr-auth",
    ]
}
