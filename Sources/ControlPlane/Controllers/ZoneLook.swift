import Deployments
import Domain
import Identifiers
import Placement
import StateStore
import TaskLifecycle

/// Which zones have a host that takes one more task of a service: asked only of services that could move one.
struct ZoneLook {
    private let state: StateSnapshot
    /// nil for all hosts.
    private let connected: Set<ContainerInstanceID>?
    /// Hosts by zone; nil is managed capacity. Made once for all services of a step.
    private var known: [ClusterID?: [String: [ContainerInstanceRecord]]] = [:]

    init(_ state: StateSnapshot, connected: Set<ContainerInstanceID>?) {
        self.state = state
        self.connected = connected
    }

    /// Services that a change of the host may give a zone to move to.
    static func servicesThatMayMove(to host: ContainerInstanceRecord, in state: StateSnapshot) -> [ServiceID] {
        let services = host.cluster.map { Array(state.services(in: $0)) } ?? state.services.values().map(\.1)
        return services.filter { service in
            service.availabilityZoneRebalancing && service.status == .active && service.desiredCount > 1
                && service.launchType.isManaged == (host.cluster == nil)
        }.map(\.id)
    }

    mutating func answers(for service: ServiceSnapshot) -> [String?: ZoneAnswer] {
        guard let question = service.zoneQuestion, let primary = service.service.primary,
            let definition = state.taskDefinitions[primary.taskDefinition]
        else { return [:] }
        let zones = zones(for: service.service).filter { question.isWorthALook($0.key) }
        guard !zones.isEmpty else { return [:] }
        let claims = state.daemonClaims(in: service.service.launchType.isManaged ? nil : service.service.id.cluster)
        var answers: [String?: ZoneAnswer] = [:]
        for provider in question.providers {
            var template = TaskTemplate(service: service.service, deployment: primary, definition: definition)
            template.capacityProvider = provider
            let sample = sampleTask(of: template)
            let open = zones.filter { $0.value.contains { takes(sample, $0, claims) } }
            answers[provider] = ZoneAnswer(open: Set(open.keys), lacksRoom: open.count < zones.count)
        }
        return answers
    }

    private mutating func zones(for service: ServiceRecord) -> [String: [ContainerInstanceRecord]] {
        let pool = service.launchType.isManaged ? nil : service.id.cluster
        if let known = known[pool] { return known }
        var zones: [String: [ContainerInstanceRecord]] = [:]
        for host in state.instances(in: pool) where host.status == .active {
            guard let zone = host.attributes.first(where: { $0.name == "ecs.availability-zone" })?.value,
                PlacementConstraint.zone(zone) != nil
            else { continue }
            zones[zone, default: []].append(host)
        }
        known[pool] = zones
        return zones
    }

    private func takes(_ sample: TaskRecord, _ host: ContainerInstanceRecord, _ claims: DaemonClaims) -> Bool {
        guard host.lostAt == nil, connected?.contains(host.id) ?? true else { return false }
        var free = PlacementHost(record: host, isConnected: true, tasks: state.liveTasks(on: host.id))
        claims.keepRoom(on: &free)
        let alone = PlacementSnapshot(hosts: [free])
        return alone.hasHosts(for: sample) && alone.rejections(of: sample).isEmpty
    }
}
