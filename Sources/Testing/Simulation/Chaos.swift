import Domain
import Identifiers
import StateStore

// What befalls the installation, and how it ends.
extension World {
    /// Long enough for the longest throttle of starts (27 minutes) and what follows it.
    static let patience = Duration.seconds(60 * 60)
    private static let look = Duration.seconds(5)
    /// Nothing moves for so long once the world is at rest: longer than settling takes.
    private static let stillness = 12

    func scheduleChaos() {
        for host in hosts where faults.contains(.clockJump) { host.skew = milliseconds(-120_000...120_000) }
        after(.seconds(2)) { $0.misbehave(left: $0.options.steps) }
    }

    private func misbehave(left: Int) {
        guard left > 0 else { return heal() }
        if !options.hasFaults || Int.random(in: 0..<100, using: &random) < 55 {
            users.act(in: self)
        } else {
            strike()
        }
        let pause = random.oneIn(3) ? milliseconds(0...300) : milliseconds(300...14_000)
        after(pause) { $0.misbehave(left: left - 1) }
    }

    /// One of the faults that come by themselves.
    private func strike() {
        let kinds: [SimulationFault] = [
            .agentCrash, .machineCrash, .partition, .halfPartition, .hostLoss, .machineGone, .serverCrash, .slowDisk,
            .fullDisk,
            .clockJump, .containerCrash, .sickContainer, .restore,
        ]
        let enabled = kinds.filter(faults.contains)
        guard let kind = enabled.randomElement(using: &random), let host = hosts.randomElement(using: &random) else {
            return
        }
        if kind == .machineGone, !maySpare(host) { return }
        count(kind)
        switch kind {
        case .agentCrash: host.crashAgent(downFor: milliseconds(100...30_000), in: self)
        case .machineCrash: host.crash(downFor: seconds(5...60), in: self)
        case .partition: cut(host, mute: true, deaf: true, for: seconds(2...100))
        case .hostLoss: cut(host, mute: true, deaf: true, for: seconds(120...400))
        case .machineGone: host.vanish(in: self)
        case .halfPartition:
            let isMute = random.oneIn(2)
            cut(host, mute: isMute, deaf: !isMute, for: seconds(2...150))
        case .serverCrash: crashServer(because: "killed", downFor: milliseconds(50...30_000))
        case .slowDisk:
            isDiskSlow = true
            after(seconds(5...40)) { $0.isDiskSlow = false }
        case .fullDisk:
            disk.refuse("No space left on device.")
            after(seconds(2...25)) { $0.disk.refuse(nil) }
        case .clockJump: jump()
        case .restore: backUpOrRestore()
        case .containerCrash: hurt(host) { host, id, world in host.exit(id, code: 137, in: world) }
        case .sickContainer: hurt(host) { host, id, _ in host.containers[id]?.isSick = true }
        default: break
        }
    }

    /// One host of each kind at most goes for good, so that the others carry what there is.
    func maySpare(_ host: SimulatedHost) -> Bool {
        let others = hosts.filter { $0.launchType == host.launchType }
        return others.allSatisfy { disk.stored.instances[$0.id]?.status != .inactive && !$0.isCondemned && !$0.isGone }
    }

    private func cut(_ host: SimulatedHost, mute: Bool, deaf: Bool, for time: Duration) {
        note("network of \(host.name): \(mute ? "mute" : "") \(deaf ? "deaf" : "")")
        host.isMute = mute
        host.isDeaf = deaf
        after(time) { world in
            guard !host.isGone else { return }
            world.note("network of \(host.name) is whole")
            host.isMute = false
            host.isDeaf = false
        }
    }

    private func jump() {
        let sizes = [-600, -90, -15, -1, 1, 15, 90, 600, 7_200]
        let jump = Duration.seconds(sizes.randomElement(using: &random) ?? 1)
        // What is counted on the wall clock takes as much longer.
        if jump < .zero { patience += .zero - jump }
        note("wall clock jumps by \(jump.components.seconds) s")
        lastJump = now
        clock.jump(by: jump)
    }

    private func backUpOrRestore() {
        guard let backup, let store = server?.store else {
            backup = disk.stored
            return
        }
        self.backup = nil
        let keepsEpoch = options.mutation == .keepsEpoch
        start {
            await store.restore(backup, keepsEpoch: keepsEpoch)
        } then: { [self] isRestored in
            note("restore of a backup: \(isRestored ? "done" : "failed")")
        }
    }

    private func hurt(_ host: SimulatedHost, _ body: (SimulatedHost, String, World) -> Void) {
        let running = host.containers.filter(\.value.isRunning).keys.sorted()
        if let id = running.randomElement(using: &random) { body(host, id, self) }
    }

    // MARK: The end of it

    private func heal() {
        note("faults end")
        isChaotic = false
        isDiskSlow = false
        disk.refuse(nil)
        for host in hosts where !host.isGone {
            host.isMute = false
            host.isDeaf = false
            // Else a replacement that finds no host would be waited for: the maximum lets it start first.
            for id in host.containers.keys.sorted() { host.containers[id]?.isSick = false }
        }
        let deadline = now.adding(patience)
        after(.seconds(30)) { $0.mend() }
        after(.seconds(35)) { $0.lookForRest(until: deadline, still: 0) }
    }

    /// Users take back what cannot work.
    private func mend() {
        for host in hosts { host.joinAgain(in: self) }
        users.mend(in: self)
        after(.seconds(45)) { $0.mend() }
    }

    private func lookForRest(until deadline: Instant, still: Int) {
        invariants.checkDelivery(disk.stored, in: self)
        let unrest = unrest()
        if unrest == nil, still >= Self.stillness {
            users.check(disk.stored, in: self)
            invariants.checkTold(disk.stored, in: self)
            note("at rest")
            isAtRest = true
            return
        }
        if let unrest, now >= deadline {
            return fail("no rest \(patience.components.seconds) s after the last fault: \(unrest)")
        }
        after(Self.look) { $0.lookForRest(until: deadline, still: unrest == nil ? still + 1 : 0) }
    }

    /// What still moves, or is not as it shall be; nil at rest.
    private func unrest() -> String? {
        guard server != nil else { return "the control plane is down" }
        let state = disk.stored
        for (_, service) in state.services.values() {
            if let unrest = Self.unrest(of: service, state) { return "service \(service.id.name) \(unrest)" }
        }
        for (_, daemon) in state.daemons.values() {
            if let unrest = unrest(of: daemon, state) { return "daemon \(daemon.id.name) \(unrest)" }
        }
        if let unrest = unrestOfEvents(state) { return unrest }
        for (_, task) in state.tasks.values() where task.isLive {
            if let unrest = unrest(of: task) { return "task \(task.id.id) \(unrest)" }
        }
        for host in hosts {
            if let unrest = unrest(of: host, state) { return "host \(host.name) \(unrest)" }
        }
        return nil
    }

    private static func unrest(of service: ServiceRecord, _ state: StateSnapshot) -> String? {
        switch service.status {
        case .inactive: return nil
        case .draining: return "drains"
        case .active: break
        }
        if service.controller == .external { return unrestOfTaskSets(service, state) }
        let live = state.liveTasks(of: service.id)
        let running = live.count { $0.lastStatus == .running && $0.desiredStatus == .running }
        if running != service.desiredCount || live.count != running {
            return "has \(running) running of \(live.count) live tasks, wants \(service.desiredCount)"
                + refusals(of: live)
        }
        if service.deployments.count != 1 { return "has \(service.deployments.count) deployments" }
        if service.primary?.rolloutState != .completed { return "has a deployment that is not complete" }
        if let open = state.openServiceDeployments(of: service.id).first {
            return "has an open service deployment: \(open.status.rawValue)"
        }
        return service.isSteady ? nil : "is not steady"
    }

    /// Why those that wait for a host have none.
    static func refusals(of tasks: [TaskRecord]) -> String {
        guard let waiting = tasks.first(where: { $0.placement == nil && $0.desiredStatus == .running }) else {
            return ""
        }
        let reasons = waiting.refusals.map { "\($0.hosts) \($0.reason)" }.joined(separator: ", ")
        return "; task \(waiting.id.id.prefix(6)) has no host: \(reasons)"
    }

    private func unrest(of task: TaskRecord) -> String? {
        if task.desiredStatus == .stopped { return "shall stop and is \(task.lastStatus)" }
        guard let host = task.placement.flatMap({ host($0.instance) }) else { return "has no host" }
        if task.lastStatus != .running { return "is \(task.lastStatus)" }
        if task.service != nil, disk.stored.instances[host.id]?.status == .draining {
            return "stays on a draining host"
        }
        return host.runningTasks.contains(task.id) ? nil : "is RUNNING and has no container on \(host.name)"
    }

    private func unrest(of host: SimulatedHost, _ state: StateSnapshot) -> String? {
        if host.isGone {
            return state.instances[host.id]?.lostAt == nil && state.instances[host.id]?.status != .inactive
                ? "is gone and not lost" : nil
        }
        if host.isRefused { return state.instances[host.id] == nil ? nil : "is refused and registered" }
        guard host.agent != nil else { return "has no agent" }
        for id in host.runningTasks {
            guard let task = state.tasks[id], task.isLive, task.placement?.instance == host.id else {
                return "runs \(id.id), which nobody wants"
            }
        }
        let live = Set(state.liveTasks(on: host.id).map(\.id))
        if let left = host.containers.values.map(\.task).filter({ !live.contains($0) }).min() {
            return "keeps a container of \(left.id)"
        }
        let names = live.map(\.id)
        if let left = host.attachments.filter({ id in !names.contains { id.hasPrefix($0) } }).min() {
            return "keeps the network \(left)"
        }
        if !host.isDeregistered, host.connection == nil { return "is not connected" }
        return nil
    }
}
