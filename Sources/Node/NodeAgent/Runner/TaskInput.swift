package import Domain
package import Identifiers
package import TaskNetwork
package import TaskRuntime

/// What happened to a task, as its step hears of it.
package enum TaskInput: Hashable, Sendable {
    /// The runner starts, with what the host has of the task from an earlier run of the agent.
    case begin(HostInventory)
    /// The control plane wants the task to stop.
    case stop
    case portsReserved([String: [NetworkBinding]])
    case portsRefused(String)
    case prepared
    case prepareFailed(String)
    case attached(NetworkAttachment)
    case attachFailed(String)
    case imageReady(container: String, digest: String)
    case imageFailed(container: String, reason: String)
    case created(id: String)
    case createFailed(id: String, reason: String)
    case started(id: String)
    case startFailed(id: String, reason: String)
    /// `at` is nil when the runtime does not know.
    case exited(id: String, code: Int, at: Timestamp?, ranOutOfMemory: Bool = false)
    case probed(id: String, passed: Bool)
    case removed(id: String)
    case detached(id: String)
    case detachFailed(id: String)
    /// What the runtime has; says nothing about containers that came to run after `asked`.
    case listed([RuntimeContainerState], asked: Instant)
    /// The control plane took the oldest report, or will never take it.
    case submitted
    case discarded
    /// The control plane may have forgotten the last report.
    case repeatReport
    case timer
}

/// What the host has of a task.
package struct HostInventory: Hashable, Sendable {
    package var containers: [RuntimeContainerState]
    /// Ids of network attachments.
    package var attachments: [String]

    package init(containers: [RuntimeContainerState] = [], attachments: [String] = []) {
        self.containers = containers
        self.attachments = attachments
    }
}

/// One thing to do for a task. Each ends in at most one input.
package enum TaskAction: Hashable, Sendable {
    case reservePorts
    /// Make the task's limits and directories.
    case prepare(TaskLimits)
    case attach(NetworkRequest)
    /// Find the image in the local store, else pull it.
    case resolveImage(container: String, reference: String)
    case create(ContainerPlan)
    case start(id: String)
    case signal(id: String, SignalNumber)
    case probe(id: String, command: [String], timeout: Duration)
    case remove(id: String)
    case detach(id: String)
    case releasePorts
    case submit(ObservedTask)
    /// Remove the task's limits and directories; logs stay.
    case discard
    /// Nothing is left to do.
    case finish
}

/// The two signals a task's end needs.
package enum SignalNumber: Int32, Hashable, Sendable {
    case kill = 9
    /// Or whatever the container's image asks for instead.
    case terminate = 15
}

/// Which container to make, in which network.
package struct ContainerPlan: Hashable, Sendable {
    package var id: String
    package var assigned: AssignedContainer
    /// nil for the host's network.
    var attachment: NetworkAttachment?
    /// In the order of the definition's links.
    var links: [LinkedContainer] = []
}

/// A container that another reaches by name, and what of it that other is told.
struct LinkedContainer: Hashable, Sendable {
    var link: ContainerLink
    var address: String
    var definition: ContainerDefinition

    /// Variables named after the link, as Docker sets them: its ports, and its own variables.
    /// - Source: Docker, "Legacy container links".
    var environment: [KeyValue] {
        let prefix = link.name.uppercased().replacing("-", with: "_")
        let ports = definition.portMappings.flatMap { mapping in
            (mapping.containerPorts.first...max(mapping.containerPorts.first, mapping.containerPorts.last)).map {
                Port($0, mapping.transport)
            }
        }.sorted()
        var variables = [KeyValue(key: "\(prefix)_NAME", value: "/\(link.container)/\(link.name)")]
        if let first = ports.first { variables.append(KeyValue(key: "\(prefix)_PORT", value: url(first))) }
        for port in ports {
            let name = "\(prefix)_PORT_\(port.number)_\(port.transport.rawValue.uppercased())"
            variables += [
                KeyValue(key: name, value: url(port)), KeyValue(key: name + "_ADDR", value: address),
                KeyValue(key: name + "_PORT", value: String(port.number)),
                KeyValue(key: name + "_PROTO", value: port.transport.rawValue),
            ]
        }
        return variables
            + definition.environment.map { KeyValue(key: "\(prefix)_ENV_\($0.key)", value: $0.value) }
    }

    private func url(_ port: Port) -> String { "\(port.transport.rawValue)://\(address):\(port.number)" }
}
