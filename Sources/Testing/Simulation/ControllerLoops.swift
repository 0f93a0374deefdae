import Controllers
import Deployments
import Domain
import Identifiers
import Placement
import StateStore
import TaskLifecycle
import TestKit

/// The control plane's controllers: the product's steps in models of their shells.
final class ControllerLoops {
    private unowned let process: ControlPlaneProcess
    private var servicesStep = ServicesStep()
    private var placementStep = PlacementStep()
    private var daemonsStep = DaemonsStep()
    private var lostHostsStep = LostHostsStep(policy: ControlPlaneProcess.lostHosts)
    private var placementRandom: SeededGenerator
    private var backoff = WriteBackoff()
    private lazy var services = ControllerModel<ServicesKey>(process) { [unowned self] in planServices($0, $1, $2) }
    private lazy var placement = ControllerModel<Bool>(process) { [unowned self] in place($0, $1, $2) }
    private lazy var daemons = ControllerModel<Bool>(process) { [unowned self] in planDaemons($0, $1, $2) }
    private lazy var events = EventLoops(process, self)
    private lazy var lostHosts = ControllerModel<Bool>(process) { [unowned self] in judgeHosts($0, $1, $2) }

    private typealias Done = (World, Duration?) -> Void

    init(_ process: ControlPlaneProcess, in world: World) {
        self.process = process
        placementRandom = SeededGenerator(seed: world.random.next())
        process.after(.zero, in: world) { [unowned self] world in sweep(in: world) }
    }

    func resyncAll(in world: World) {
        services.postResync(in: world)
        events.resync(in: world)
        presenceChanged(in: world)
    }

    /// A host came or went.
    func presenceChanged(in world: World) {
        placement.postResync(in: world)
        daemons.postResync(in: world)
        lostHosts.postResync(in: world)
    }

    func take(_ changes: [Change], in world: World) {
        let scope = changes.reduce(into: WatchScope()) { $0.formUnion($1.key.scope) }
        let ignored: WatchScope = world.options.mutation == .ignoresTasks ? .tasks : []
        if !scope.subtracting(ignored).isDisjoint(with: [.services, .tasks, .instances]) {
            services.post(changes.flatMap(ServicesKey.keys), in: world)
        }
        if !scope.isDisjoint(with: [.tasks, .instances]) { placement.ring(in: world) }
        // Every daemon is looked at: which changes matter to which is a matter of speed only.
        if !scope.isDisjoint(with: [.daemons, .definitions, .tasks, .instances]) { daemons.postResync(in: world) }
        if scope.contains(.instances) { lostHosts.ring(in: world) }
        events.take(scope, in: world)
    }

    // MARK: Writing

    enum Outcome { case written, outdated, unavailable }

    func write(
        _ expected: AggregateVersions, in world: World, _ body: @escaping @Sendable (inout Transaction) -> Void,
        then: @escaping (Outcome) -> Void
    ) {
        let store = process.store
        world.start { () async -> Outcome in
            do throws(CommitError<Never>) {
                _ = try await store.commit(expecting: expected, body)
                return .written
            } catch {
                switch error {
                case .conflict: return .outdated
                case .unavailable: return .unavailable
                }
            }
        } then: {
            then($0)
        }
    }

    func pause(in world: World, _ event: @escaping (World) -> Void) {
        process.after(backoff.next(), in: world, event)
    }

    // MARK: Services

    private func planServices(_ world: World, _ keys: Set<ServicesKey>?, _ done: @escaping Done) {
        let state = process.store.committed()
        let commits = servicesStep.step(keys, world.seenByServices(state), now: world.clock.wall, ids: world.ids)
            .map { world.planted($0, state) }
        write(commits[...], world, done)
    }

    /// Services written at once, as the services controller does it.
    private static let together = 64

    private func write(_ commits: ArraySlice<ServiceCommit>, _ world: World, _ done: @escaping Done) {
        let batch = commits.prefix(Self.together)
        var open = batch.count
        guard open > 0 else {
            let ignoresTime = world.options.mutation == .ignoresTimers
            return done(world, ignoresTime ? nil : servicesStep.wakeAt.map { world.clock.wall.time(to: $0) })
        }
        var isUnavailable = false
        for commit in batch {
            write(commit.expected, in: world) {
                commit.write(to: &$0)
            } then: { [self] outcome in
                if outcome == .outdated { services.post([.service(commit.service.id)], in: world) }
                if outcome == .unavailable { isUnavailable = true }
                open -= 1
                guard open == 0 else { return }
                guard isUnavailable else {
                    backoff.reset()
                    return write(commits.dropFirst(Self.together), world, done)
                }
                services.postResync(in: world)
                pause(in: world) { done($0, nil) }
            }
        }
    }

    // MARK: Placement

    private func place(_ world: World, _ keys: Set<Bool>?, _ done: @escaping Done) {
        let snapshot = process.store.committed()
        let retry: Duration? = snapshot.unplacedTasks.count > 0 ? .seconds(5) : nil
        let planned = placementStep.step(
            world.seenByPlacement(snapshot), connected: process.presence.connected(), now: world.clock.wall,
            using: &placementRandom)
        guard let commit = planned else { return done(world, retry) }
        let (ids, now) = (world.ids, world.clock.wall)
        let isBlind = world.options.mutation == .placesOnStaleState
        write(isBlind ? AggregateVersions() : commit.expected, in: world) {
            commit.write(to: &$0, ids: ids, now: now)
        } then: { [self] outcome in
            placement.ring(in: world)
            guard outcome == .unavailable else {
                backoff.reset()
                return done(world, retry)
            }
            pause(in: world) { done($0, retry) }
        }
    }

    // MARK: Daemons

    private func planDaemons(_ world: World, _ keys: Set<Bool>?, _ done: @escaping Done) {
        let commits = daemonsStep.step(
            nil, process.store.committed(), connected: process.presence.connected(), now: world.clock.wall,
            ids: world.ids)
        write(commits[...], world, done)
    }

    private func write(_ commits: ArraySlice<DaemonCommit>, _ world: World, _ done: @escaping Done) {
        guard let commit = commits.first else {
            return done(world, daemonsStep.wakeAt.map { world.clock.wall.time(to: $0) })
        }
        write(commit.expected, in: world) {
            commit.write(to: &$0)
        } then: { [self] outcome in
            switch outcome {
            case .written: backoff.reset()
            case .outdated: daemons.ring(in: world)
            case .unavailable:
                daemons.postResync(in: world)
                return pause(in: world) { done($0, nil) }
            }
            write(commits.dropFirst(), world, done)
        }
    }

    // MARK: Lost hosts

    private func judgeHosts(_ world: World, _ keys: Set<Bool>?, _ done: @escaping Done) {
        let commits = lostHostsStep.step(
            process.store.committed(), silentSince: process.presence.silentSince, monotonic: world.now,
            now: world.clock.wall
        ).compactMap { world.planted($0) }
        write(commits[...], world, done)
    }

    private func write(_ commits: ArraySlice<HostCommit>, _ world: World, _ done: @escaping Done) {
        guard let commit = commits.first else {
            return done(world, lostHostsStep.wakeAt.map { $0.since(world.now) })
        }
        lostHosts.ring(in: world)
        write(commit.expected, in: world) { transaction in
            transaction.put(commit.instance)
            for task in commit.tasks { transaction.put(task) }
        } then: { [self] outcome in
            if outcome == .written { backoff.reset() }
            guard outcome == .unavailable else { return write(commits.dropFirst(), world, done) }
            pause(in: world) { done($0, .zero) }
        }
    }

    // MARK: Retention

    private func sweep(in world: World) {
        sweep(RetentionStep().step(process.store.committed(), now: world.clock.wall)[...], in: world)
        process.after(.seconds(60), in: world) { [unowned self] world in sweep(in: world) }
    }

    private func sweep(_ chunks: ArraySlice<[Record]>, in world: World) {
        guard let chunk = chunks.first else { return }
        write(AggregateVersions(), in: world) { transaction in
            for record in chunk where transaction.state.record(record.key) == record { transaction.delete(record.key) }
        } then: { [self] outcome in
            if outcome == .written { sweep(chunks.dropFirst(), in: world) }
        }
    }
}

extension Timestamp {
    /// The time from this moment until `other`.
    func time(to other: Timestamp) -> Duration { .milliseconds(other.milliseconds &- milliseconds) }
}
