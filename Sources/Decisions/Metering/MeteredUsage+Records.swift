public import Domain
public import Identifiers

extension MeteredUsage {
    /// The least that is counted of anything that began.
    /// - Source: AWS Fargate pricing, "a minimum of 1 minute"; Amazon EC2 charges likewise.
    public static let minimum = Duration.seconds(60)

    /// From `from` to `until`, a minute at least.
    init(_ group: UsageGroup, _ rate: UsageAmount, from: Timestamp, to end: Timestamp) {
        self.init(group: group, rate: rate, from: from, until: max(end, from.adding(Self.minimum)))
    }
}

extension TaskRecord {
    /// What the task used in all, or until `now` while it is live; nil when its images were never pulled.
    ///
    /// Counted from the start of the pull to the stop, a minute at least, as Fargate is billed.
    /// - Parameters:
    ///   - definition: what it was made of, for its processor and storage.
    ///   - host: where it was placed.
    public func usage(definition: TaskDefinition?, host: ContainerInstanceRecord?, now: Timestamp) -> MeteredUsage? {
        guard placement != nil, let began = observed?.pullStartedAt ?? observed?.startedAt else { return nil }
        let end = isLive ? now : stoppedAt ?? now
        let group = UsageGroup(
            cluster: id.cluster, owner: owner, capacity: usageCapacity,
            architecture: architecture(definition, host))
        // The host's clock told when the pull began; that the task was made and ended, the control plane's.
        let from = min(max(began, createdAt), max(end, createdAt))
        return MeteredUsage(group, rate(definition, host), from: from, to: end)
    }

    private var owner: UsageOwner {
        if let service { return UsageOwner(.service, service.name) }
        if let daemonRevision { return UsageOwner(.daemon, daemonRevision.daemon.name) }
        return UsageOwner(.family, definition.family.name)
    }

    private var usageCapacity: UsageCapacity {
        switch launchType {
        case .ec2: .ec2
        case .external: .external
        case .fargate: capacityProvider == FargateProvider.fargateSpot.rawValue ? .fargateSpot : .fargate
        }
    }

    /// Fargate's is the definition's, X86_64 when it names none; own hosts say theirs.
    private func architecture(_ definition: TaskDefinition?, _ host: ContainerInstanceRecord?) -> ProcessorArchitecture
    {
        if let named = definition?.cpuArchitecture.flatMap(ProcessorArchitecture.init) { return named }
        return launchType.isManaged ? .x86 : host?.architecture ?? .x86
    }

    private func rate(_ definition: TaskDefinition?, _ host: ContainerInstanceRecord?) -> UsageAmount {
        var rate = UsageAmount(reservation)
        let size = UsageAmount(FargateSize.smallest(holding: reservation) ?? reservation)
        rate.fargateCPU = size.cpu
        rate.fargateMemory = size.memory
        let storage = overrides.ephemeralStorageGiB ?? definition?.ephemeralStorageGiB
        rate.storage = launchType.isManaged ? Int64(max(0, (storage ?? 0) - Self.freeStorageGiB)) : 0
        rate.host = host.map { share(of: $0.resources) } ?? 0
        return rate
    }

    /// GiB that every Fargate task has at no charge.
    private static let freeStorageGiB = 20

    private func share(of host: Resources) -> Int64 {
        max(
            UsageAmount.share(reservation.cpu.value, of: host.cpu.value),
            UsageAmount.share(reservation.memory.value, of: host.memory.value))
    }
}

extension ContainerInstanceRecord {
    /// How long the host was there, in all or until `now`: from its registration to its deregistration, silent or not.
    public func usage(now: Timestamp) -> MeteredUsage {
        let capacity: UsageCapacity =
            switch launchType {
            case .ec2: .ec2
            case .external: .external
            case .fargate: .fargate
            }
        let group = UsageGroup(
            cluster: cluster ?? ClusterID(scope: id.scope, name: Self.managedClusterName),
            owner: UsageOwner(.hosts, capacityProvider ?? capacity.rawValue), capacity: capacity,
            architecture: architecture)
        var rate = UsageAmount(resources)
        rate.host = UsageAmount.wholeHost
        return MeteredUsage(group, rate, from: registeredAt, to: status == .inactive ? deregisteredAt ?? now : now)
    }

    var architecture: ProcessorArchitecture {
        attributes.contains { $0.name == "ecs.cpu-architecture" && $0.value == "arm64" } ? .arm64 : .x86
    }
}

extension UsageAmount {
    /// The rate of one host.
    public static let wholeHost: Int64 = 1_000_000

    fileprivate init(_ resources: Resources) {
        self.init()
        cpu = Int64(max(0, resources.cpu.value))
        memory = Int64(max(0, resources.memory.value))
    }

    /// Millionths, one host at most.
    fileprivate static func share(_ part: Int, of whole: Int) -> Int64 {
        guard part > 0, whole > 0 else { return 0 }
        let (scaled, isTooLarge) = Int64(part).multipliedReportingOverflow(by: wholeHost)
        return isTooLarge ? wholeHost : min(wholeHost, scaled / Int64(whole))
    }
}
