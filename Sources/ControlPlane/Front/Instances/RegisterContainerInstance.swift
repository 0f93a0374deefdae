import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore
import Validation

/// Registers a host, or takes in again one that comes back with its ARN.
///
/// A host that joined with a token is known by its key: its id is in the key, and so is whether it is managed. A host with
/// the root key, as stock agents have it, gets an id of its own.
struct RegisterContainerInstance: OperationHandler {
    /// An agent says about a hundred of its host; a record without bound would slow every placement.
    private static let maximumAttributes = 1_000

    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource

    func answer(_ request: RegisterRequest, _ call: APICall) async throws(APIFault) -> RegisterAnswer {
        if let address = request.nodeAddress, IPv4.value(of: address) == nil {
            throw .invalidParameter("berth.nodeAddress must be an IPv4 address, got '\(address.prefix(100))'.")
        }
        let known = try knownID(request, call)
        let fresh = ContainerInstanceID(scope: call.scope, id: ids.hexID())
        let token = request.shape.clientToken.map { "RegisterContainerInstance \($0)" }
        let record = try await store.write { transaction throws(APIFault) in
            let state = transaction.state
            // A retry of a first registration: the host that the token made.
            let remembered = token.flatMap { state.idempotency(call.scope, $0)?.requestDigest }
                .map { ContainerInstanceID(scope: call.scope, id: $0) }
            let id = known ?? remembered ?? fresh
            let cluster = try Self.cluster(of: request.shape, id, call, &transaction)
            var record = try Self.merged(request, id, cluster, call, state)
            if request.isOwnAgent, record.addressBlock == nil {
                record.addressBlock = try Self.lease(state)
            }
            transaction.put(record)
            if let token, known == nil, remembered == nil {
                transaction.put(
                    IdempotencyRecord(
                        scope: call.scope, key: token, requestDigest: id.id, tasks: [], createdAt: call.now))
            }
            return record
        }
        let state = store.committed()
        var network: RegisterAnswer.Network?
        if request.isOwnAgent, let range = state.installation?.taskCIDR, let block = record.addressBlock {
            network = RegisterAnswer.Network(taskRange: range, block: block)
        }
        return RegisterAnswer(
            instance: ECSShapes.ContainerInstance(record, in: state, presence), network: network)
    }

    /// Who registers: the host of the key, else the one whose ARN is given; nil for a new one.
    private func knownID(_ request: RegisterRequest, _ call: APICall) throws(APIFault) -> ContainerInstanceID? {
        var named: ContainerInstanceID?
        if let arn = request.shape.containerInstanceArn, !arn.isEmpty {
            guard let (id, _) = ContainerInstanceID.parse(arn: arn), id.scope == call.scope else {
                throw .invalidParameter("Invalid arn syntax.")
            }
            named = id
            try call.requireOwn(id, .registerContainerInstance, on: arn)
        }
        if case .node(let own) = call.principal { return own }
        return named
    }

    /// The cluster that the host joins; nil for managed capacity. Without a name it is `default`, made when it is not there.
    private static func cluster(
        of request: ECSShapes.RegisterContainerInstanceRequest, _ id: ContainerInstanceID, _ call: APICall,
        _ transaction: inout Transaction
    ) throws(APIFault) -> ClusterID? {
        let existing = transaction.state.instances[id]
        if call.joined?.launchType.isManaged == true { return nil }
        if let existing, existing.cluster == nil { return nil }
        let cluster = try clusterID(request.cluster ?? call.joined?.cluster, call.scope)
        if let registered = existing?.cluster, registered != cluster, existing?.status != .inactive {
            throw .client("The container instance is registered in another cluster.")
        }
        if transaction.state.clusters[cluster]?.status == .active { return cluster }
        guard cluster.name == "default" else { throw .clusterNotFound() }
        transaction.put(
            ClusterRecord(
                id: cluster, createdAt: call.now, settings: [transaction.state.containerInsights(for: call)]))
        return cluster
    }

    private static func merged(
        _ request: RegisterRequest, _ id: ContainerInstanceID, _ cluster: ClusterID?, _ call: APICall,
        _ state: StateSnapshot
    ) throws(APIFault) -> ContainerInstanceRecord {
        let resources = try InstanceResources(request.shape.totalResources)
        let existing = state.instances[id]
        if existing?.status == .inactive { throw Self.deregistered(call) }
        var attributes = (request.shape.attributes ?? []).map { Attribute(name: $0.name ?? "", value: $0.value) }
        // Attributes that callers gave the host stay; what it says of itself is replaced, and goes when it says it no more.
        let said = Set(attributes.map(\.name))
        attributes += (existing?.attributes ?? []).filter { !$0.isBuiltIn && !said.contains($0.name) }
        guard attributes.count <= Self.maximumAttributes else {
            throw .invalidParameter(
                "attributes can have at most \(Self.maximumAttributes) elements, got \(attributes.count).")
        }
        let isExternal = attributes.contains { $0.name == "ecs.capability.external" }
        let type =
            call.joined?.launchType
            ?? (cluster == nil ? .fargate : isExternal ? .external : existing?.launchType ?? .ec2)
        if !attributes.contains(where: { $0.name == "ecs.availability-zone" }) {
            attributes.append(Attribute(name: "ecs.availability-zone", value: call.scope.region + "a"))
        }
        var record =
            existing
            ?? ContainerInstanceRecord(
                id: id, cluster: cluster, launchType: type, resources: resources.amount, registeredAt: call.now)
        record.cluster = cluster
        record.launchType = type
        if let joined = call.joined { record.capacityProvider = joined.capacityProvider }
        record.resources = resources.amount
        record.reservedPorts = resources.ports
        record.attributes = attributes
        record.nodeAddress = request.nodeAddress ?? record.nodeAddress
        record.lostAt = nil
        if let tags = request.shape.tags, existing == nil { record.tags = try Tags.checked(tags) }
        if let info = request.shape.versionInfo {
            record.version = AgentVersion(
                agentVersion: info.agentVersion ?? "", agentHash: info.agentHash ?? "",
                runtimeVersion: info.dockerVersion ?? "")
        }
        if let existing, existing != record { record.changeCount = existing.changeCount + 1 }
        return record
    }

    /// Stock agents exit on a `ClientException`; Berth's own knows the name that sockets are refused with.
    private static func deregistered(_ call: APICall) -> APIFault {
        let message = "The container instance is INACTIVE: it was deregistered."
        if case .node = call.principal { return APIFault("InactiveInstanceException", message: message) }
        return .client(message)
    }

    private static func lease(_ state: StateSnapshot) throws(APIFault) -> String {
        let range = state.installation?.taskCIDR ?? ""
        let taken = Set(state.instances.values().compactMap { $0.1.addressBlock })
        if let block = AddressBlock.lowestFree(in: range, taken: taken) { return block }
        throw .client(
            "The task address range \(range) has no free /24 block: deregister hosts that are gone, or set up Berth with a "
                + "larger --task-cidr.")
    }
}

/// What a host says it has.
private struct InstanceResources {
    var amount: Resources
    var ports: [Port]

    /// - Throws: `InvalidParameterException` when CPU or memory is missing or senseless.
    init(_ resources: [ECSShapes.Resource]?) throws(APIFault) {
        let named = { (name: String) in resources?.first { $0.name == name } }
        guard let cpu = named("CPU")?.integerValue, cpu > 0, let memory = named("MEMORY")?.integerValue, memory > 0
        else {
            throw .invalidParameter("totalResources must have CPU and MEMORY above 0.")
        }
        amount = Resources(cpu: CPUUnits(cpu), memory: MemoryMiB(memory))
        ports = Self.ports(named("PORTS"), .tcp) + Self.ports(named("PORTS_UDP"), .udp)
    }

    private static func ports(_ resource: ECSShapes.Resource?, _ transport: Port.Transport) -> [Port] {
        (resource?.stringSetValue ?? []).compactMap { UInt16($0) }.map { Port(Int($0), transport) }
    }
}
