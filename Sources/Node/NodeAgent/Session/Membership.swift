import AgentWire
import Domain
import Foundation
import Identifiers
import JSONBytes
import Logging
import TaskNetwork

/// How this host belongs to the control plane: joins once, registers at every start.
struct Membership: Sendable {
    let configuration: NodeAgentConfiguration
    let api: ControlPlaneAPI
    let tools: NodeTools
    let runtimeVersion: String

    // MARK: Joining

    /// The host's key: from disk, or for the one-time token. Waits for a control plane that does not answer.
    func join() async throws -> NodeIdentity {
        do {
            if let identity = try NodeIdentity.load(tools.directory) {
                api.sign(as: identity)
                return identity
            }
        } catch {
            throw NodeAgentError.localState("\(tools.directory.nodeFile): \(error)")
        }
        guard let token = configuration.joinToken else { throw NodeAgentError.noJoinToken }
        let answer = try await untilAnswered("JoinHost", target: "Berth", joinRequest(token)) {
            NodeAgentError.joinRefused($0.message)
        }
        guard let id = answer["accessKeyId"]?.string, let secret = answer["secretAccessKey"]?.string,
            let instance = answer["containerInstanceArn"]?.string, let region = answer["region"]?.string
        else { throw NodeAgentError.joinRefused("the answer lacks a key") }
        let identity = NodeIdentity(
            accessKeyID: id, secretAccessKey: secret, containerInstance: instance, region: region)
        do {
            try identity.save(tools.directory)
        } catch {
            throw NodeAgentError.localState("\(error)")
        }
        api.sign(as: identity)
        tools.logger.info("host joined", metadata: ["instance": "\(instance)"])
        return identity
    }

    private func joinRequest(_ token: String) -> JSONValue {
        var request: [String: JSONValue] = ["token": .string(token)]
        switch configuration.capacity {
        case .managed: request["capacity"] = "managed"
        case .own(let cluster, let launchType, let provider):
            request["capacity"] = "own"
            request["capacityProvider"] = provider.map { .string($0) }
            request["cluster"] = .string(cluster)
            request["launchType"] = .string(launchType.rawValue.uppercased())
        }
        return .object(request)
    }

    // MARK: Registering

    /// Registers the host and sets up the network it is told.
    func register(_ identity: NodeIdentity) async throws -> SessionAddress {
        let answer = try await untilAnswered("RegisterContainerInstance", registration(identity)) { failure in
            failure.code == "InactiveInstanceException"
                ? NodeAgentError.deregistered : .registrationRefused(failure.description)
        }
        if let network = answer["berth"]?["network"], let range = network["taskRange"]?.string,
            let block = network["block"]?.string
        {
            let plan = HostNetworkPlan(taskRange: range, block: block)
            if plan != identity.plan { try remember(plan, identity) }
            await prepare(plan)
        }
        tools.logger.info("host registered", metadata: ["instance": "\(identity.containerInstance)"])
        return SessionAddress(
            cluster: cluster, containerInstance: identity.containerInstance, agentVersion: configuration.version,
            runtimeVersion: runtimeVersion)
    }

    private var cluster: String {
        switch configuration.capacity {
        case .managed: ContainerInstanceRecord.managedClusterName
        case .own(let cluster, _, _): cluster
        }
    }

    private func remember(_ plan: HostNetworkPlan, _ identity: NodeIdentity) throws {
        var identity = identity
        identity.plan = plan
        do {
            try identity.save(tools.directory)
        } catch {
            throw NodeAgentError.localState("\(error)")
        }
    }

    /// An overlap is the operator's to solve: without a network the host's tasks fail with the reason.
    func prepare(_ plan: HostNetworkPlan) async {
        do {
            try await tools.network.prepare(plan)
        } catch {
            tools.logger.error(
                "task network not ready", metadata: ["reason": "\(error.text)", "block": "\(plan.block)"])
        }
    }

    private func registration(_ identity: NodeIdentity) -> JSONValue {
        let resources = configuration.resources ?? HostFacts.resources()
        let ports = { (transport: Domain.Port.Transport) -> JSONValue in
            .array(
                configuration.reservedPorts.filter { $0.transport == transport }.map(\.number).sorted().map {
                    .string(String($0))
                })
        }
        var berth: [String: JSONValue] = ["version": .integer(Int64(berthExtensionVersion))]
        berth["nodeAddress"] = configuration.nodeAddress.map { .string($0) }
        return [
            "cluster": .string(cluster), "containerInstanceArn": .string(identity.containerInstance),
            "clientToken": .string(UUID().uuidString.lowercased()),
            "totalResources": [
                Self.integer("CPU", resources.cpu.value), Self.integer("MEMORY", resources.memory.value),
                ["name": "PORTS", "type": "STRINGSET", "stringSetValue": ports(.tcp)],
                ["name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": ports(.udp)],
            ],
            "attributes": .array(HostFacts.attributes(configuration).map(Self.attribute)),
            "versionInfo": [
                "agentVersion": .string(configuration.version), "agentHash": "berth",
                "dockerVersion": .string(runtimeVersion),
            ],
            "berth": .object(berth),
        ]
    }

    private static func integer(_ name: String, _ value: Int) -> JSONValue {
        ["name": .string(name), "type": "INTEGER", "integerValue": .integer(Int64(value))]
    }

    private static func attribute(_ attribute: Attribute) -> JSONValue {
        var body: [String: JSONValue] = ["name": .string(attribute.name)]
        body["value"] = attribute.value.map { .string($0) }
        return .object(body)
    }

    // MARK: A control plane that does not answer

    /// Asks until there is an answer; one that will not change is thrown as `refused` says.
    private func untilAnswered(
        _ operation: String, target: String = ControlPlaneAPI.ecsTarget, _ body: JSONValue,
        refused: (APIFailure) -> NodeAgentError
    ) async throws -> JSONValue {
        var backoff = Backoff(
            first: configuration.intervals.reconnectFirst, most: configuration.intervals.reconnectMost)
        var random = SystemRandomNumberGenerator()
        var isFirst = true
        while true {
            try Task.checkCancellation()
            do {
                return try await api.call(operation, target: target, body)
            } catch let failure as APIFailure where (400..<500).contains(failure.status) && !failure.isPassing {
                throw refused(failure)
            } catch {
                // Once for people, who may have mistyped the address.
                tools.logger.log(
                    level: isFirst ? .warning : .info, "control plane does not answer; trying again",
                    metadata: [
                        "address": "\(configuration.controlPlane)", "operation": "\(operation)", "reason": "\(error)",
                    ])
                isFirst = false
            }
            try await tools.clock.sleep(for: backoff.next(using: &random))
        }
    }
}

extension APIFailure {
    /// Whether the same request may be taken later.
    var isPassing: Bool {
        ["ThrottlingException", "LimitExceededException", "UpdateInProgressException"].contains(code) || status == 429
    }
}
