import CNINetwork
import ContainerdRuntime
import Domain
import Foundation
import Identifiers
import JSONBytes
import Logging
import NodeAgent
import ServiceLifecycle
import TaskNetwork
import TaskRuntime
import UnixSignals

/// A node agent on this machine with its drivers: a private containerd and a bridge of its own.
struct LocalNode: Sendable {
    enum Capacity: Hashable, Codable, Sendable {
        case managed
        case own(cluster: String, capacityProvider: String? = nil)
        case external(cluster: String)
    }

    let runtime: ContainerdRuntime
    let network: CNINetwork
    private let process: ContainerdProcess
    private let name: String
    private let settings: NodeSettings
    private let token: Token
    private let dataDirectory: String

    /// How the node comes to its key the first time.
    private enum Token: Sendable {
        case given(String?)
        /// The root key of this installation makes one when it is needed.
        case own(InstallationFiles)
    }

    /// What the agent is told at every start.
    var controlPlane: String { settings.controlPlane ?? "" }

    /// The agent's Service inside `berth up`: it begins once the control plane listens, at the address that it then has.
    func service(after gate: Gate) -> any Service { LocalNodeService(node: self, gate: gate) }

    /// Runs the agent of a control plane elsewhere, until a signal asks to stop.
    func runAlone() async throws {
        let gate = Gate()
        await gate.open(controlPlane)
        let logger = Log.make("berth")
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: service(after: gate))], gracefulShutdownSignals: [.sigint, .sigterm],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The agent and its drivers together; ends when any of them fails.
    func run(controlPlane: String) async throws {
        let configuration = configuration(controlPlane: controlPlane, token: try await joinToken())
        let agent = NodeAgent(
            configuration: configuration, runtime: runtime, network: network, logger: Log.make(name))
        // Not before a first join elsewhere, which may be refused: that is one sentence.
        if configuration.joinToken == nil || settings.controlPlane == nil, let notice = runtime.openFilesNotice {
            Log.make(name).notice("\(notice)")
        }
        try await process.ensureRunning()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runtime.run() }
            group.addTask {
                await network.keepWarm()
                // An end of the pool's loop is no reason to end: namespaces are then made on demand.
                while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
            }
            group.addTask { try await network.keepResolver() }
            group.addTask { try await agent.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Stops every task of this node, ends its containerd and takes everything it made from the machine.
    func stopEverything() async throws {
        let agent = NodeAgent(
            configuration: configuration(controlPlane: controlPlane, token: nil), runtime: runtime, network: network,
            logger: Log.make(name))
        if FileManager.default.fileExists(atPath: process.configuration.dataDirectory) {
            try await process.ensureRunning()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runtime.run() }
                group.addTask {
                    try await agent.stopEverything()
                    try await runtime.removeAll()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } else {
            try await network.tearDown()
        }
        try await process.stop()
    }

    /// nil once the node has its key.
    private func joinToken() async throws -> String? {
        if FileManager.default.fileExists(atPath: dataDirectory + "/node.json") { return nil }
        switch token {
        case .given(let token): return token
        case .own(let files):
            let answer = try await ControlPlaneClient.with(try ClientFile.read(files)) { client in
                try await client.berth("CreateJoinToken")
            }
            return answer["token"]?.string
        }
    }

    private func configuration(controlPlane: String, token: String?) -> NodeAgentConfiguration {
        let capacity: NodeAgentConfiguration.Capacity =
            switch settings.capacity {
            case .managed: .managed
            case .own(let cluster, let provider):
                .own(cluster: cluster, launchType: .ec2, capacityProvider: provider)
            case .external(let cluster): .own(cluster: cluster, launchType: .external)
            }
        var configuration = NodeAgentConfiguration(
            dataDirectory: dataDirectory, controlPlane: controlPlane, capacity: capacity, joinToken: token)
        configuration.authorityFile = settings.authority
        configuration.nodeAddress = settings.nodeAddress
        if let zone = settings.zone { configuration.availabilityZone = zone }
        configuration.resources = settings.resources
        configuration.version = BerthVersion.text
        settings.cleanup?.apply(to: &configuration)
        return configuration
    }
}

private struct LocalNodeService: Service {
    let node: LocalNode
    let gate: Gate

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await node.run(controlPlane: try await gate.passed())
            } catch {
                // What the stop cut off says so in an error of its own.
                if Task.isCancelled { return }
                throw error
            }
        }
    }
}

extension LocalNode {
    /// The node beside a control plane in the same process; the first start makes its own join token.
    ///
    /// - Parameter share: how many nodes divide the machine's processors and memory between them.
    static func make(
        _ name: String, plane: ControlPlane, files: InstallationFiles, options: NodeOptions, capacity: Capacity,
        share: Int
    ) throws -> LocalNode {
        var settings = NodeSettings(capacity: capacity)
        settings.bridge = options.bridge + (name == "node" ? "" : "i")
        settings.zone = options.zone ?? plane.installation.record.scope.region + "a"
        settings.nodeAddress = options.nodeAddress
        settings.insecureRegistries = options.insecureRegistries
        settings.resources = share > 1 ? MachineResources.part(share) : nil
        settings.cleanup = CleanupSettings(options.cleanup, kept: try NodeSettings.read(files, name)?.cleanup)
        try settings.write(files, name)
        return try LocalNode(name, settings: settings, token: .own(files), files: files)
    }

    /// - Throws: one sentence when tasks cannot have addresses of that range on this machine.
    static func check(taskRange: String, files: InstallationFiles, bridge: String) async throws {
        let network = network(name: "node", files: files, bridge: bridge)
        do throws(NetworkError) {
            try await network.check(taskRange: taskRange)
        } catch {
            switch error {
            case .overlap(let text), .exhausted(let text), .failed(let text):
                throw CommandFailure(text + " The flag is --task-cidr; the first start of a data directory fixes it.")
            case .portTaken(let port, let owner): throw CommandFailure("Port \(port.number) is taken by \(owner).")
            }
        }
    }

    private static func network(name: String, files: InstallationFiles, bridge: String) -> CNINetwork {
        var configuration = CNINetworkConfiguration(
            stateDirectory: files.node(name) + "/network", runDirectory: files.run(name))
        configuration.bridge = bridge
        configuration.resolver = Resolve.program()
        return CNINetwork(configuration, logger: Log.make("network"))
    }

    /// The node of a control plane elsewhere. What was said at the first start is kept for the next ones.
    static func remote(
        files: InstallationFiles, options: NodeOptions, controlPlane: String?, token: String?, capacity: Capacity?,
        authority: String?
    ) throws -> LocalNode {
        let kept = try NodeSettings.read(files, "node")
        guard let capacity = capacity ?? kept?.capacity else {
            throw CommandFailure("Say what this host is for: --managed, or --cluster NAME.")
        }
        guard let controlPlane = controlPlane ?? kept?.controlPlane else {
            throw CommandFailure(
                "Say which control plane to join: --join URL, with --token TOKEN from 'berth token create'.")
        }
        var settings = NodeSettings(capacity: capacity)
        settings.controlPlane = controlPlane
        settings.bridge = options.bridge
        settings.zone = options.zone ?? kept?.zone
        settings.authority = authority.map { URL(fileURLWithPath: $0).path } ?? kept?.authority
        settings.nodeAddress = options.nodeAddress ?? kept?.nodeAddress
        settings.insecureRegistries =
            options.insecureRegistries.isEmpty ? kept?.insecureRegistries ?? [] : options.insecureRegistries
        settings.cleanup = CleanupSettings(options.cleanup, kept: kept?.cleanup)
        try settings.write(files, "node")
        return try LocalNode("node", settings: settings, token: .given(token), files: files)
    }

    /// The nodes that ever ran from this data directory, for `berth down`.
    static func known(_ files: InstallationFiles) throws -> [LocalNode] {
        try ["node", "instance"].compactMap { name in
            guard let settings = try NodeSettings.read(files, name) else { return nil }
            return try LocalNode(name, settings: settings, token: .given(nil), files: files)
        }
    }

    private init(_ name: String, settings: NodeSettings, token: Token, files: InstallationFiles) throws {
        let data = files.node(name)
        let run = files.run(name)
        self.name = name
        self.settings = settings
        self.token = token
        dataDirectory = data + "/agent"
        var configuration = ContainerdConfiguration(
            dataDirectory: data + "/containerd", runtimeDirectory: run + "/c",
            cgroup: "/" + run.split(separator: "/").dropFirst().joined(separator: "-"),
            loggerPath: try LoggerProgram.path(), plainHTTPRegistries: settings.insecureRegistries)
        settings.cleanup?.apply(to: &configuration)
        process = ContainerdProcess(configuration, logger: Log.make("containerd"))
        runtime = try ContainerdRuntime(process: process, logger: Log.make("containerd"))
        network = Self.network(name: name, files: files, bridge: settings.bridge)
    }
}

extension LocalNode {
    /// Imports an archive into this node's store, whether or not its agent runs now.
    func importImage(_ archive: String) async throws -> [RuntimeImage] {
        try await withStore { try await $0.importImage(archive: archive) }
    }

    /// What is in this node's store, by reference.
    func images() async throws -> [RuntimeImage] { try await withStore { try await $0.images() } }

    private func withStore(
        _ body: @escaping @Sendable (ContainerdRuntime) async throws -> [RuntimeImage]
    ) async throws -> [RuntimeImage] {
        try await process.ensureRunning()
        return try await withThrowingTaskGroup(of: [RuntimeImage]?.self) { group in
            group.addTask {
                try await runtime.run()
                return nil
            }
            group.addTask { try await body(runtime) }
            defer { group.cancelAll() }
            return try await group.next().flatMap { $0 } ?? []
        }
    }
}
