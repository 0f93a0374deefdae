import Domain
import Identifiers
import Testing

@testable import Telemetry

@Suite("Counts of clusters and services")
struct StateTallyTests {
    private static let scope = Scope(account: "000000000000", region: "us-east-1")

    private struct World {
        var tasks: [TaskID: TaskRecord] = [:]
        var instances: [ContainerInstanceID: ContainerInstanceRecord] = [:]
        var services: [ServiceID: ServiceRecord] = [:]
        var clusters: [ClusterID: ClusterRecord] = [:]

        var tally: StateTally {
            var tally = StateTally()
            for cluster in clusters.values { _ = tally.change(nil, cluster) }
            for task in tasks.values { tally.change(nil, task) }
            for instance in instances.values { tally.change(nil, instance) }
            for service in services.values { tally.change(nil, service) }
            return tally
        }
    }

    @Test("following every change gives what counting anew gives", arguments: UInt64(1)...20)
    func follows(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var world = World()
        var tally = StateTally()
        for _ in 0..<400 {
            let cluster = ClusterID(scope: Self.scope, name: "c\(Int.random(in: 0..<2, using: &random))")
            let service = ServiceID(cluster: cluster, name: "s\(Int.random(in: 0..<2, using: &random))")
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let record = Bool.random(using: &random) ? self.cluster(cluster, &random) : nil
                _ = tally.change(world.clusters[cluster], record)
                world.clusters[cluster] = record
            case 1:
                let record = Bool.random(using: &random) ? self.service(service, &random) : nil
                tally.change(world.services[service], record)
                world.services[service] = record
            case 2:
                let id = ContainerInstanceID(
                    scope: Self.scope, id: "\(cluster.name)-\(Int.random(in: 0..<3, using: &random))")
                let record = Bool.random(using: &random) ? instance(id, cluster, &random) : nil
                tally.change(world.instances[id], record)
                world.instances[id] = record
            default:
                let id = TaskID(cluster: cluster, id: "\(Int.random(in: 0..<5, using: &random))")
                let record = Int.random(in: 0..<4, using: &random) > 0 ? task(id, service, &random) : nil
                tally.change(world.tasks[id], record)
                world.tasks[id] = record
            }
        }
        #expect(tally.services == world.tally.services)
        #expect(tally.clusters == world.tally.clusters)
        for cluster in world.clusters.values {
            let running = world.tasks.values.filter { $0.id.cluster == cluster.id && $0.lastStatus == .running }
            #expect((tally.clusters[cluster.id]?.running ?? 0) == running.count)
        }
    }

    private func cluster(_ id: ClusterID, _ random: inout SeededGenerator) -> ClusterRecord {
        let value = ["enabled", "disabled", "enhanced", "nonsense"].randomElement(using: &random) ?? ""
        return ClusterRecord(
            id: id, createdAt: Timestamp(milliseconds: 1), settings: [KeyValue(key: "containerInsights", value: value)])
    }

    private func service(_ id: ServiceID, _ random: inout SeededGenerator) -> ServiceRecord {
        var record = ServiceRecord(
            id: id, taskDefinition: nil, desiredCount: Int.random(in: 0..<9, using: &random), launchType: .fargate,
            configuration: DeploymentConfiguration(), deployments: [], createdAt: Timestamp(milliseconds: 1),
            createdBy: "root")
        record.status = [.active, .draining, .inactive].randomElement(using: &random) ?? .active
        return record
    }

    private func instance(
        _ id: ContainerInstanceID, _ cluster: ClusterID, _ random: inout SeededGenerator
    ) -> ContainerInstanceRecord {
        let cpu = Int.random(in: 0...Int.max, using: &random)
        var record = ContainerInstanceRecord(
            id: id, cluster: cluster, launchType: .ec2,
            resources: Resources(cpu: CPUUnits(cpu), memory: MemoryMiB(1024)), registeredAt: Timestamp(milliseconds: 1))
        record.status = [.active, .draining, .inactive].randomElement(using: &random) ?? .active
        return record
    }

    private func task(_ id: TaskID, _ service: ServiceID, _ random: inout SeededGenerator) -> TaskRecord {
        var task = TaskRecord(
            id: id, definition: TaskDefinitionID(family: FamilyID(scope: Self.scope, name: "app"), revision: 1),
            containers: [], createdAt: Timestamp(milliseconds: 1),
            launchType: Bool.random(using: &random) ? .ec2 : .fargate,
            reservation: Resources(cpu: CPUUnits(256), memory: MemoryMiB(512)), networkMode: .awsvpc, group: "g")
        task.service = Bool.random(using: &random) ? service : nil
        guard Bool.random(using: &random) else { return task }
        task.placement = TaskPlacement(
            instance: ContainerInstanceID(scope: Self.scope, id: "h"), placedAt: Timestamp(milliseconds: 2))
        var observed = ObservedTask()
        observed.status = [.pending, .running, .stopped].randomElement(using: &random) ?? .running
        task.observed = observed
        return task
    }
}
