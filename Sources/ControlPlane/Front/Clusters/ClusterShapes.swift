import Domain
import ECSShapes
import Identifiers
import StateStore

/// What of a cluster is shown beside its plain members.
struct ClusterDetail: OptionSet, Sendable {
    let rawValue: Int
    static let settings = ClusterDetail(rawValue: 1)
    static let statistics = ClusterDetail(rawValue: 2)
    static let tags = ClusterDetail(rawValue: 4)
    static let configuration = ClusterDetail(rawValue: 8)
    static let attachments = ClusterDetail(rawValue: 16)
    /// What the answer to a change shows.
    static let changed: ClusterDetail = [.settings, .tags, .configuration, .attachments]

    init(rawValue: Int) { self.rawValue = rawValue }

    init(include: [String]?) {
        self = []
        for name in include ?? [] {
            switch name {
            case "SETTINGS": insert(.settings)
            case "STATISTICS": insert(.statistics)
            case "TAGS": insert(.tags)
            case "CONFIGURATIONS": insert(.configuration)
            case "ATTACHMENTS": insert(.attachments)
            default: continue
            }
        }
    }
}

extension ECSShapes.Cluster {
    init(_ record: ClusterRecord, in state: StateSnapshot, _ detail: ClusterDetail = .changed) {
        let counts = ClusterCounts(of: record.id, in: state)
        self.init(
            clusterArn: record.id.arn, clusterName: record.id.name, status: record.status.wire,
            registeredContainerInstancesCount: counts.instances, runningTasksCount: counts.running.total,
            pendingTasksCount: counts.pending.total, activeServicesCount: counts.activeServices.total,
            statistics: detail.contains(.statistics) ? counts.statistics : [],
            tags: detail.contains(.tags) ? record.tags.tagShapes : [],
            settings: detail.contains(.settings)
                ? record.settings.map { ECSShapes.ClusterSetting(name: $0.key, value: $0.value) } : [],
            capacityProviders: record.capacityProviders,
            defaultCapacityProviderStrategy: record.defaultStrategy.map(ECSShapes.CapacityProviderStrategyItem.init))
        if detail.contains(.configuration) {
            configuration = record.configuration.map(ECSShapes.ClusterConfiguration.init)
        }
        serviceConnectDefaults = record.serviceConnectNamespace.map {
            ECSShapes.ClusterServiceConnectDefaults(namespace: $0)
        }
        if detail.contains(.attachments), !record.capacityProviders.isEmpty {
            // Scaling policies and hooks would be attached here; associating providers makes none, and is done at once.
            attachments = []
            attachmentsStatus = "UPDATE_COMPLETE"
        }
    }
}

extension ECSShapes.CapacityProviderStrategyItem {
    init(_ item: CapacityProviderItem) {
        self.init(capacityProvider: item.provider, weight: item.weight, base: item.base)
    }
}

/// How much of everything a cluster holds, by launch type.
struct ClusterCounts: Sendable {
    struct ByLaunchType: Sendable {
        var ec2 = 0
        var fargate = 0
        var external = 0
        var total: Int { ec2 + fargate + external }

        mutating func add(_ type: LaunchType) {
            switch type {
            case .ec2: ec2 += 1
            case .fargate: fargate += 1
            case .external: external += 1
            }
        }
    }

    var instances = 0
    var running = ByLaunchType()
    var pending = ByLaunchType()
    var activeServices = ByLaunchType()
    var drainingServices = ByLaunchType()

    init(of cluster: ClusterID, in state: StateSnapshot) {
        instances = state.instances(in: cluster).count { $0.status != .inactive }
        for task in state.tasks(in: cluster) {
            switch task.lastStatus {
            case .running: running.add(task.launchType)
            case .provisioning, .pending, .activating: pending.add(task.launchType)
            default: continue
            }
        }
        for service in state.services(in: cluster) {
            switch service.status {
            case .active: activeServices.add(service.launchType)
            case .draining: drainingServices.add(service.launchType)
            case .inactive: continue
            }
        }
    }

    /// The pairs of `include: STATISTICS`.
    var statistics: [ECSShapes.KeyValuePair] {
        [
            ("runningEC2TasksCount", running.ec2), ("runningFargateTasksCount", running.fargate),
            ("pendingEC2TasksCount", pending.ec2), ("pendingFargateTasksCount", pending.fargate),
            ("runningExternalTasksCount", running.external), ("pendingExternalTasksCount", pending.external),
            ("activeEC2ServiceCount", activeServices.ec2), ("activeFargateServiceCount", activeServices.fargate),
            ("activeExternalServiceCount", activeServices.external),
            ("drainingEC2ServiceCount", drainingServices.ec2),
            ("drainingFargateServiceCount", drainingServices.fargate),
            ("drainingExternalServiceCount", drainingServices.external),
        ].map { ECSShapes.KeyValuePair(name: $0.0, value: String($0.1)) }
    }
}
