import CLinux
import Domain
import Foundation
import Logging
import TaskNetwork

/// The driver itself: synchronous, one call at a time, all of its memory on disk.
///
/// Each step is written down before it is done, so that what a crash leaves half-made is found and removed.
struct HostNetwork {
    let configuration: CNINetworkConfiguration
    let logger: Logger

    private let files: StateFiles
    private let memory: HostMemory
    let routes: HostRoutes
    private let rules: HostRules
    private let plugins: Plugins
    private let resolver: ResolverProcess?
    /// What is on disk; nil until the first call read it.
    private var slots: [String: Slot]?
    private var plan: PlanRecord?

    init(_ configuration: CNINetworkConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        files = StateFiles(directory: configuration.stateDirectory)
        memory = HostMemory(directory: configuration.hostMemoryDirectory)
        routes = HostRoutes(bridge: configuration.bridge, logger: logger)
        rules = HostRules(bridge: configuration.bridge)
        resolver =
            configuration.resolver.isEmpty
            ? nil : ResolverProcess(program: configuration.resolver, directory: configuration.stateDirectory)
        plugins = Plugins(
            directory: configuration.pluginDirectory, bridge: configuration.bridge, files: files)
    }

    // MARK: The host

    mutating func prepare(_ plan: HostNetworkPlan) throws(NetworkError) {
        guard let range = CIDR(plan.taskRange), let block = CIDR(plan.block), range.contains(block) else {
            throw .failed("block \(plan.block) is not part of the task range \(plan.taskRange)")
        }
        try load()
        if let former = self.plan?.plan, former.block != plan.block { try leave(former) }
        if self.plan == nil, try routes.hasBridge() {
            throw .overlap(
                "A link \(configuration.bridge) exists that this installation did not make; choose another name for the "
                    + "bridge, or remove it with 'ip link delete \(configuration.bridge)'.")
        }
        if let conflict = try routes.conflict(with: range, block: block) {
            throw .overlap("The task range \(range) overlaps \(conflict) of this host; choose another range.")
        }
        let hasChangedHost = self.plan != nil
        try remember(plan)
        try memory.exclusively { () throws(NetworkError) in
            try rememberHost(hasChangedHost: hasChangedHost)
            // The bridge first: it shows that what is remembered is of now.
            try routes.installBridge(block: block)
            try HostSettings.turnForwardingOn()
            try routes.installUnreachable(range)
            try rules.install(block: block, taskRange: range)
        }
        _ = tendResolver()
    }

    /// What lies outside the task range must not be the host's own either.
    mutating func route(_ peers: [PeerRoute]) throws(NetworkError) {
        try load()
        let range = plan.flatMap { CIDR($0.plan.taskRange) }
        let local = try routes.localAddresses()
        var wanted: [PeerRoute] = []
        for peer in peers {
            if !local.contains(peer.via), let block = CIDR(peer.block), range?.contains(block) == false,
                let taken = try routes.conflict(with: block)
            {
                logger.warning(
                    "left out a route: it overlaps one of this host",
                    metadata: ["block": "\(block)", "taken": "\(taken)"])
            } else {
                wanted.append(peer)
            }
        }
        try routes.replace(wanted)
    }

    // MARK: Names

    func resolve(_ names: [TaskName]) throws(NetworkError) { try resolver?.write(names) }

    /// Starts the tasks' resolver unless it runs as it shall.
    ///
    /// - Returns: whether it runs, or none is wanted yet.
    mutating func tendResolver() -> Bool {
        do throws(NetworkError) {
            try load()
            guard let resolver, let plan = plan?.plan, let address = CIDR(plan.block)?.gateway else { return true }
            try resolver.ensure(address: address, range: plan.taskRange)
            return true
        } catch {
            logger.warning(
                "tasks do not find load balancers by name", metadata: ["reason": "\(error)"])
            return false
        }
    }

    mutating func tearDown() throws(NetworkError) {
        try load()
        for slot in known() { try destroy(slot) }
        // The plan is written down before the first change, so without one there is nothing of ours here.
        try resolver?.end()
        if plan != nil { try leaveHost() }
        plan = nil
        try files.removeAll()
        try JSONFile.remove(namespaceDirectory)
        logger.info("removed the task network", metadata: ["bridge": "\(configuration.bridge)"])
    }

    private mutating func remember(_ plan: HostNetworkPlan) throws(NetworkError) {
        let record = PlanRecord(boot: try HostSettings.boot(), plan: plan)
        try files.write(record)
        self.plan = record
    }

    /// Writes down what the host is like before the first agent changes it.
    private func rememberHost(hasChangedHost: Bool) throws(NetworkError) {
        // A record without any bridge, and not of this agent, is of a namespace that is gone.
        let isInUse = try routes.isInUse()
        if hasChangedHost || isInUse, try memory.record() != nil { return }
        try memory.write(
            HostRecord(
                settings: try HostSettings.recorded(), rules: try rules.inventory(.ip),
                rules6: try rules.inventory(.ip6)))
    }

    /// Takes this agent's part off the host; the last agent puts back what the first one found.
    private func leaveHost() throws(NetworkError) {
        try memory.exclusively { () throws(NetworkError) in
            try routes.removeBridge()
            try rules.remove()
            guard !(try routes.isInUse()), let before = try memory.record() else { return }
            try routes.removeRoutes()
            try rules.restore(before)
            try HostSettings.restore(before.settings)
            try memory.forget()
        }
    }

    /// Gives up another block: only when no task has an address of it.
    private mutating func leave(_ former: HostNetworkPlan) throws(NetworkError) {
        let held = known().filter { $0.id != nil && !$0.isIsolated }.count
        guard held == 0 else {
            throw .failed("\(held) tasks still have addresses of this host's former block \(former.block)")
        }
        for slot in known() where !slot.isIsolated { try destroy(slot) }
        try routes.removeBridge()
    }

    // MARK: Attachments

    mutating func attach(_ request: NetworkRequest) throws(NetworkError) -> NetworkAttachment {
        try load()
        if let slot = slot(of: request.id) {
            if slot.phase == .attached { return try attachment(slot) }
            try destroy(slot)
        }
        if request.isIsolated { return try attachment(try makeSlot(isolatedFor: request)) }
        try check(request.bindings)
        var slot: Slot
        if let ready = known().first(where: { $0.phase == .ready }) { slot = ready } else { slot = try makeSlot() }
        slot.id = request.id
        slot.bindings = request.bindings
        slot.phase = .attaching
        try save(slot)
        do throws(NetworkError) {
            try plugins.openPorts(slot, namespace: path(of: slot))
            slot.phase = .attached
            try save(slot)
        } catch {
            abandon(slot)
            throw error
        }
        return try attachment(slot)
    }

    mutating func detach(_ id: String) throws(NetworkError) {
        try load()
        if let slot = slot(of: id) { try destroy(slot) }
    }

    mutating func attachments() throws(NetworkError) -> [String] {
        try load()
        return known().compactMap(\.id).sorted()
    }

    /// Makes one namespace for the pool.
    ///
    /// - Returns: whether more are wanted.
    mutating func warm() throws(NetworkError) -> Bool {
        try load()
        guard plan != nil else { return false }
        let missing = configuration.warmNamespaces - known().filter { $0.phase == .ready }.count
        guard missing > 0 else { return false }
        _ = try makeSlot()
        return missing > 1
    }

    // MARK: Ports

    /// - Throws: `.portTaken` for a port that another attachment maps or a process of the host holds.
    private func check(_ bindings: [NetworkBinding]) throws(NetworkError) {
        var wanted: Set<Domain.Port> = []
        let taken = Dictionary(
            known().flatMap { slot in
                slot.bindings.flatMap(\.each).map { (Port($0.hostPort, $0.transport), slot.id ?? slot.name) }
            }, uniquingKeysWith: { first, _ in first })
        for binding in bindings.flatMap(\.each) {
            let port = Port(binding.hostPort, binding.transport)
            guard wanted.insert(port).inserted else { throw .portTaken(port, by: "the same request") }
            guard let number = UInt16(exactly: binding.hostPort), number > 0 else {
                throw .failed("\(binding.hostPort) is no host port")
            }
            if let owner = taken[port] { throw .portTaken(port, by: owner) }
            let free = clinux_port_is_free(binding.bindIP, number, binding.transport == .udp ? 1 : 0)
            guard free >= 0 else {
                throw .failed("port \(number) of \(binding.bindIP) cannot be opened: \(Program.errorText(free))")
            }
            if free == 0 { throw .portTaken(port, by: "a process of this host") }
        }
    }

    // MARK: Namespaces

    private var namespaceDirectory: String { "\(configuration.runDirectory)/netns" }

    private func path(of slot: Slot) -> String { "\(namespaceDirectory)/\(slot.name)" }

    /// Makes a namespace: connected and nobody's, or isolated and at once the request's.
    private mutating func makeSlot(isolatedFor request: NetworkRequest? = nil) throws(NetworkError) -> Slot {
        guard request?.bindings.isEmpty ?? true else { throw .failed("an isolated task can have no host ports") }
        guard let plan = plan?.plan, let block = CIDR(plan.block) else {
            throw .failed("the network of this host is not prepared yet")
        }
        var slot = Slot(name: "berth-\(String(UInt64.random(in: .min ... .max), radix: 16))", block: block)
        slot.id = request?.id
        slot.isIsolated = request != nil
        try save(slot)
        do throws(NetworkError) {
            try JSONFile.makeDirectory(namespaceDirectory)
            let failure = clinux_netns_create(path(of: slot))
            guard failure == 0 else {
                throw NetworkError.failed("a network namespace could not be made: \(Program.errorText(failure))")
            }
            if !slot.isIsolated { slot.result = try plugins.connect(slot, namespace: path(of: slot)) }
            slot.phase = slot.isIsolated ? .attached : .ready
            try save(slot)
            return slot
        } catch {
            abandon(slot)
            throw error
        }
    }

    /// Removes a namespace with everything the plugins made for it. What is gone already is fine.
    private mutating func destroy(_ slot: Slot) throws(NetworkError) {
        var slot = slot
        slot.phase = .removing
        try save(slot)
        let namespace = clinux_netns_exists(path(of: slot)) == 1 ? path(of: slot) : ""
        if !slot.isIsolated {
            try plugins.closePorts(slot, namespace: namespace)
            try plugins.disconnect(slot, namespace: namespace)
        }
        let failure = clinux_netns_remove(path(of: slot))
        guard failure == 0 else {
            throw .failed("the network namespace \(slot.name) could not be removed: \(Program.errorText(failure))")
        }
        try files.removeSlot(slot.name)
        slots?[slot.name] = nil
    }

    /// Removes what a failed step left; what resists stays written down and is tried again at the next start.
    private mutating func abandon(_ slot: Slot) {
        do {
            try destroy(slot)
        } catch {
            logger.warning(
                "could not clean up a namespace", metadata: ["namespace": "\(slot.name)", "error": "\(error)"])
        }
    }

    // MARK: Memory

    /// Reads what an earlier life left: keeps what is whole, removes what is half-made or lost its namespace.
    private mutating func load() throws(NetworkError) {
        guard slots == nil else { return }
        // A plugin that a killed agent left running must not finish its work after this has undone it.
        close(try files.openLock(LOCK_EX))
        let found = try files.slots()
        plan = try files.plan()
        if let boot = plan?.boot, boot != (try HostSettings.boot()) { plan = nil }
        slots = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
        for slot in found {
            let isWhole = slot.phase == .ready || slot.phase == .attached
            if isWhole, clinux_netns_exists(path(of: slot)) == 1 { continue }
            abandon(slot)
        }
    }

    private func known() -> [Slot] { (slots ?? [:]).values.sorted { $0.name < $1.name } }

    private func slot(of id: String) -> Slot? { known().first { $0.id == id } }

    private mutating func save(_ slot: Slot) throws(NetworkError) {
        try files.write(slot)
        slots?[slot.name] = slot
    }

    private func attachment(_ slot: Slot) throws(NetworkError) -> NetworkAttachment {
        let isolated = slot.isIsolated ? (interface: TaskInterface(address: "", macAddress: ""), gateway: "") : nil
        guard let id = slot.id, let (interface, gateway) = isolated ?? slot.result?.taskInterface else {
            throw .failed("the record of namespace \(slot.name) is incomplete")
        }
        let served = try resolver?.servedAddress()
        return NetworkAttachment(
            id: id, namespacePath: path(of: slot), interface: interface, gateway: gateway,
            resolver: served == gateway ? served : nil)
    }
}
