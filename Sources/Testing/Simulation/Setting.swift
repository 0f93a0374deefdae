import AWSWire
import Domain
import Identifiers
import StateStore
import TestKit

/// What is there before the first event: hosts that joined, a cluster, task definitions.
struct Setting {
    let hosts: [ContainerInstanceRecord]
    let state: StateSnapshot

    /// Managed hosts, and as many of the cluster's own.
    static let hostsOfAKind = 3

    init(random: inout SeededGenerator) {
        var hosts: [ContainerInstanceRecord] = []
        for slot in 0..<2 * Self.hostsOfAKind {
            let type: LaunchType = slot < Self.hostsOfAKind ? .fargate : .ec2
            var host = ContainerInstanceRecord.test(
                SeededIDSource(seed: random.next()).hexID(), launchType: type,
                cpu: Self.sizes.randomElement(using: &random) ?? 2176, memory: 4096,
                zone: SimulatedHost.zone(of: slot))
            host.addressBlock = "10.99.\(slot).0/24"
            host.nodeAddress = "192.0.2.\(slot + 1)"
            host.capacityProvider = type.isManaged ? nil : Self.provider
            hosts.append(host)
        }
        self.hosts = hosts
        state = StateSnapshot().applying { transaction in
            transaction.put(InstallationRecord(scope: .test, taskCIDR: "10.99.0.0/16"))
            transaction.put(Self.key(Caller.root.key.accessKeyID, "root-secret", .root))
            Self.putProvider(&transaction)
            Self.putDaemonDefinitions(&transaction)
            Self.putRule(&transaction)
            for (slot, host) in hosts.enumerated() {
                transaction.put(host)
                var key = Self.key(SimulatedHost(host, slot: slot).accessKeyID, "host-secret", .node(host.id))
                key.joined = JoinedCapacity(
                    launchType: host.launchType, cluster: host.launchType.isManaged ? nil : "default",
                    capacityProvider: host.capacityProvider)
                transaction.put(key)
            }
            for (family, modes) in [("web", NetworkMode.awsvpc), ("own", .bridge), ("port", .bridge)] {
                for (index, behaviour) in Self.behaviours.enumerated() {
                    transaction.put(Self.definition(family, index + 1, behaviour, modes))
                }
                transaction.put(
                    FamilyRecord(
                        id: TaskDefinitionID.test(family).family, latestRevision: Self.behaviours.count))
            }
        }
    }

    /// CPU units of hosts: some tasks of 256, and a daemon's 128 that no other task can take. Two of the smallest carry what
    /// users leave when they mend things.
    private static let sizes = [1408, 1664, 2176]
    /// The capacity provider of the cluster's own hosts.
    static let provider = "own"

    private static func putProvider(_ transaction: inout Transaction) {
        var cluster = ClusterRecord(id: .test, createdAt: .test())
        cluster.capacityProviders = [provider, "FARGATE", "FARGATE_SPOT"]
        transaction.put(cluster)
        transaction.put(
            CapacityProviderRecord(
                id: CapacityProviderID(scope: .test, name: provider), createdAt: .test(), autoScalingGroup: provider))
    }

    /// Tells of the end of every task.
    private static func putRule(_ transaction: inout Transaction) {
        var rule = EventRuleRecord(
            id: EventRuleID(scope: .test, name: "ends"), createdAt: Timestamp(milliseconds: 0))
        rule.pattern =
            #"{"source":["aws.ecs"],"detail-type":["ECS Task State Change"],"detail":{"lastStatus":["STOPPED"]}}"#
        rule.targets = [EventTarget(id: "out", arn: "http://192.0.2.100/")]
        transaction.put(rule)
    }

    /// The rule that runs a job by a schedule, and how its tasks say so.
    static let tick = EventRuleID(scope: .test, name: "tick")
    static let tickStarter = "events-rule/tick"
    /// How many tasks it makes at a time.
    static let tickCount = 2
    static let job = TaskDefinitionID(
        family: FamilyID(scope: .test, kind: .task, name: "own"), revision: jobRevision)

    private static func putDaemonDefinitions(_ transaction: inout Transaction) {
        let family = FamilyID(scope: .test, kind: .daemon, name: "agent")
        for (index, behaviour) in behaviours.enumerated() {
            var app = ContainerDefinition(name: "app", image: behaviour.rawValue)
            app.stopTimeout = 5
            if behaviour == .checked {
                app.healthCheck = HealthCheck(command: ["CMD", "true"], interval: 5, timeout: 2, retries: 2)
            }
            var definition = TaskDefinition(containers: [app])
            definition.networkMode = .bridge
            definition.cpu = CPUUnits(128)
            definition.memory = MemoryMiB(128)
            transaction.put(
                DaemonTaskDefinitionRecord(
                    id: TaskDefinitionID(family: family, revision: index + 1), definition: definition,
                    registeredAt: .test(), registeredBy: "test"))
        }
        transaction.put(FamilyRecord(id: family, latestRevision: behaviours.count))
    }

    /// What the images of revisions 1, 2, … of every family do.
    static let behaviours: [Behaviour] = [.steady, .steady, .checked, .job, .flaky, .crashing, .broken]
    /// Revisions of which a service can come to rest.
    static let soundRevisions = [1, 2, 3]
    static let jobRevision = 4

    private static func key(_ id: String, _ secret: String, _ principal: Principal) -> AccessKeyRecord {
        AccessKeyRecord(id: id, secret: secret, scope: .test, principal: principal, createdAt: .test())
    }

    private static func definition(
        _ family: String, _ revision: Int, _ behaviour: Behaviour, _ mode: NetworkMode
    ) -> TaskDefinitionRecord {
        var record = TaskDefinitionRecord.test(family, revision, mode: mode)
        var app = ContainerDefinition(name: "app", image: behaviour.rawValue)
        app.cpu = CPUUnits(256)
        app.memory = MemoryMiB(512)
        app.stopTimeout = 5
        if behaviour == .checked {
            app.healthCheck = HealthCheck(command: ["CMD", "true"], interval: 5, timeout: 2, retries: 2)
        }
        if mode == .bridge {
            app.portMappings = [PortMapping(containerPort: 80, hostPort: family == "port" ? 8080 : 0)]
        }
        var containers = [app]
        if revision == 2 {
            var side = ContainerDefinition(name: "side", image: Behaviour.steady.rawValue)
            side.essential = false
            side.stopTimeout = 5
            containers[0].dependsOn = [ContainerDependency(container: side.name, condition: .start)]
            containers.append(side)
        }
        record.definition = TaskDefinition(containers: containers)
        record.definition.networkMode = mode
        record.definition.cpu = CPUUnits(256)
        record.definition.memory = MemoryMiB(512)
        record.definition.compatibilities = mode == .awsvpc ? [.ec2, .fargate] : [.ec2]
        return record
    }
}

extension SimulatedHost {
    static func zone(of slot: Int) -> String { "us-east-1" + ["a", "b", "c"][slot % 3] }

    var zone: String { Self.zone(of: slot) }

    var arn: String {
        ARN(
            scope: id.scope, type: "container-instance",
            path: [launchType.isManaged ? ContainerInstanceRecord.managedClusterName : "default", id.id]
        ).text
    }
}
