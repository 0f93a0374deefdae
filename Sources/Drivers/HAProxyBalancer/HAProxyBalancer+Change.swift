import Balancer

extension HAProxyBalancer {
    /// Brings HAProxy to a plan: by a new configuration if it must be, then by commands.
    ///
    /// - Parameter workers: nil when it does not run and must be started.
    func bring(_ plan: BalancerPlan, to workers: Workers?) throws(BalancerError) -> [BalancerRefusal] {
        let before = running ?? RunningPlan()
        if workers != nil, plan == before.plan, before.refusals.isEmpty, before.isPrepared(for: plan) { return [] }
        var next = before
        next.plan = plan
        next.isApplied = true
        next.weights = Weights.entries(of: plan)
        if let workers { next.states = try states(workers.current, for: plan, after: before) }
        next.slots = [:]
        for group in plan.targetGroups {
            var slots = next.states.slots(of: group, room: next.states.room(of: group.id))
            slots.fit(group.targets)
            next.slots[group.id] = slots
        }
        let isPrepared =
            before.isPrepared(for: plan) && before.refusals.isEmpty
            && before.slots.mapValues(\.places.count) == next.slots.mapValues(\.places.count)
        if workers == nil || !isPrepared { try load(&next, before, workers) }
        try settle(&next, before, isPrepared ? workers : nil)
        running = next
        return next.refusals
    }

    private func states(
        _ worker: Int32, for plan: BalancerPlan, after before: RunningPlan
    ) throws(BalancerError) -> ServerStates {
        guard before.isPrepared(for: plan), before.refusals.isEmpty else {
            return ServerStates(try master.ask("@!\(worker) show servers state"))
        }
        var states = before.states
        for (old, new) in zip(before.plan.targetGroups, plan.targetGroups) where old.targets != new.targets {
            states.replace(ServerStates(try master.ask("@!\(worker) show servers state \(Names.group(new.id))")))
        }
        return states
    }

    // MARK: Commands

    /// Targets, their states and weights.
    ///
    /// - Parameter workers: nil when they may be others by now.
    private func settle(
        _ next: inout RunningPlan, _ before: RunningPlan, _ workers: Workers?
    ) throws(BalancerError) {
        let workers = if let workers { workers } else { try master.workers() }
        let isLoaded = next.skeleton != before.skeleton || workers.current != lastWorker
        if isLoaded { next.states = ServerStates(try master.ask("@!\(workers.current) show servers state")) }
        lastWorker = workers.current
        let groups = Dictionary(next.plan.targetGroups.map { ($0.id, $0) }) { first, _ in first }
        var commands: [String] = []
        for (id, slots) in next.slots {
            guard let group = groups[id] else { continue }
            commands += ServerCommands.all(group, slots, next.states)
        }
        let changed = next.weights.filter { before.weights[$0.key] != $0.value }
        if !changed.isEmpty { try writeWeights(next) }
        commands += changed.map { "set map \(files.weights) \($0.key) \($0.value)" }
        try master.tell(workers.current, commands)
        try close(before, next, in: workers.old)
        next.noteArrivals(since: before, now: .now)
    }

    /// Ends what old workers have under way with targets that are gone.
    private func close(_ before: RunningPlan, _ next: RunningPlan, in workers: [Int32]) throws(BalancerError) {
        guard !workers.isEmpty else { return }
        var departed: Set<String> = []
        for group in before.plan.targetGroups {
            let slots = before.slots[group.id] ?? Slots()
            departed.formUnion(ServerCommands.departed(group, from: slots, to: next.slots[group.id]))
        }
        guard !departed.isEmpty else { return }
        for worker in workers {
            try master.tell(worker, ServerCommands.close(departed, in: try master.ask("@!\(worker) show sess")))
        }
    }

    /// Lets targets in that passed their first check, and counts those that took too long as unhealthy.
    func admit(now: ContinuousClock.Instant) throws(BalancerError) {
        guard var next = running, !next.arrivals.isEmpty else { return }
        let states = try states(ofArrivalsIn: next)
        var commands: [String] = []
        for group in next.plan.targetGroups {
            guard let arrivals = next.arrivals[group.id] else { continue }
            for (index, since) in arrivals {
                guard let state = states[group.id, Names.checked(index)] else { continue }
                let hasPassed = state.isUp || state.hasPassed
                guard hasPassed || now - since > group.check.initialLimit else { continue }
                if hasPassed { commands.append(ServerCommands.raise(group.id, index)) }
                commands.append(ServerCommands.prove(group.id, index, true))
                next.slots[group.id]?.places[index]?.isProven = true
                next.arrivals[group.id]?[index] = nil
            }
            if next.arrivals[group.id]?.isEmpty == true { next.arrivals[group.id] = nil }
        }
        try master.tell(lastWorker, commands)
        running = next
    }

    /// The servers of the groups to which targets came, by one question: their first traffic waits for it.
    private func states(ofArrivalsIn plan: RunningPlan) throws(BalancerError) -> ServerStates {
        let questions = plan.arrivals.keys.sorted().map { "show servers state \(Names.group($0))" }
        let states = ServerStates(try master.tell(lastWorker, questions))
        guard states.servers.isEmpty else { return states }
        // There is another worker than was known.
        lastWorker = try master.workers().current
        return ServerStates(try master.tell(lastWorker, questions))
    }
}

extension RunningPlan {
    /// Whether a target came so short a time ago that its first check may not have ended yet.
    func expectsFirstChecks(_ now: ContinuousClock.Instant) -> Bool {
        plan.targetGroups.contains { group in
            arrivals[group.id]?.values.contains { now - $0 < group.check.firstLimit } ?? false
        }
    }

    /// Places with a target that has yet to pass its first check.
    mutating func noteArrivals(since before: RunningPlan, now: ContinuousClock.Instant) {
        arrivals = [:]
        for (group, slots) in slots {
            for (index, slot) in slots.places.enumerated() {
                guard let slot, slot.target.state == .active, !slot.isProven else { continue }
                let old = before.slots[group].flatMap { $0.places.indices.contains(index) ? $0.places[index] : nil }
                let isSame =
                    old.map { Endpoint($0.target) == Endpoint(slot.target) && $0.target.state == .active } ?? false
                arrivals[group, default: [:]][index] = isSame ? before.arrivals[group]?[index] ?? now : now
            }
        }
    }
}

extension HealthCheckPlan {
    /// How long the first check of a target may take: it begins within an interval.
    var firstLimit: Duration { .seconds(min(max(interval, 1), 100_000) &+ min(max(timeout, 0), 100_000)) }

    /// How long a target may be without a successful check before it counts as unhealthy. The first check comes within an
    /// interval.
    var initialLimit: Duration {
        .seconds(
            min(max(interval, 1), 100_000) &* min(max(unhealthyThreshold, 1), 1000) &+ min(max(timeout, 0), 100_000))
    }
}
