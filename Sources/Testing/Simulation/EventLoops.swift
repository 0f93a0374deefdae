import Controllers
import Domain
import EventRules
import Front
import Identifiers
import JSONBytes
import StateStore
import TestKit

/// The loops of EventBridge's rules: the product's steps in models of their shells, and a receiver that may be out of reach.
final class EventLoops {
    private unowned let process: ControlPlaneProcess
    private unowned let loops: ControllerLoops
    private var matching: EventMatchingStep
    private var schedules = EventScheduleStep()
    private var deliveries = EventDeliveryStep()
    private var ended: [EventDeliveryID] = []
    private lazy var events = ControllerModel<Bool>(process) { [unowned self] in match($0, $2) }
    private lazy var delivery = ControllerModel<Bool>(process) { [unowned self] in deliver($0, $2) }

    private typealias Done = (World, Duration?) -> Void

    /// Commits of one reading, as the events controller has it.
    private static let page = 25
    /// The form is of no matter here: nobody reads times.
    private static let text: @Sendable (Timestamp) -> String = { "\($0.milliseconds)" }

    init(_ process: ControlPlaneProcess, _ loops: ControllerLoops) {
        self.process = process
        self.loops = loops
        matching = EventMatchingStep(events: EventStream.events)
    }

    func resync(in world: World) {
        events.postResync(in: world)
        delivery.postResync(in: world)
    }

    func take(_ scope: WatchScope, in world: World) {
        if !scope.isDisjoint(with: [.tasks, .instances, .services, .eventRules, .eventDeliveries]) {
            events.ring(in: world)
        }
        if !scope.isDisjoint(with: [.eventRules, .eventDeliveries]) { delivery.ring(in: world) }
    }

    // MARK: Matching

    private func match(_ world: World, _ done: @escaping Done) {
        let before = matching
        let state = process.store.committed()
        guard let reading = matching.reading(state) else { return fire(world, done) }
        let batches = process.store.history(after: reading.after, limit: Self.page)
        // Commits that are not visible yet wake this loop when they are.
        guard batches.first.map({ $0.revision <= state.revision }) ?? true else { return fire(world, done) }
        let now = world.clock.wall
        let plan = world.planted(
            matching.match(batches, for: reading, state, now: now, ingestedAt: Self.text(now)))
        write(plan, in: world) { [self] isWritten in
            if isWritten { return match(world, done) }
            matching = before
            again(world, done)
        }
    }

    private func fire(_ world: World, _ done: @escaping Done) {
        let before = schedules
        let (plan, next) = schedules.step(
            process.store.committed(), now: world.clock.wall, ids: world.ids, text: Self.text)
        guard !plan.fired.isEmpty else { return done(world, next.map { world.clock.wall.time(to: $0) }) }
        write(plan, in: world) { [self] isWritten in
            if isWritten { return fire(world, done) }
            schedules = before
            again(world, done)
        }
    }

    private func again(_ world: World, _ done: @escaping Done) {
        loops.pause(in: world) { done($0, .zero) }
    }

    private func write(_ plan: EventPlan, in world: World, then: @escaping (Bool) -> Void) {
        guard !plan.isEmpty else { return then(true) }
        loops.write(AggregateVersions(), in: world) {
            $0.put(plan)
        } then: {
            then($0 == .written)
        }
    }

    // MARK: Delivery

    private func deliver(_ world: World, _ done: @escaping Done) {
        for id in ended { deliveries.ended(id) }
        ended = []
        let (starts, next) = deliveries.step(process.store.committed(), now: world.clock.wall)
        for start in starts { attempt(start, in: world) }
        done(world, next.map { world.clock.wall.time(to: $0) })
    }

    private func attempt(_ start: EventDeliveryStep.Start, in world: World) {
        guard start.target.isHTTP else {
            let tasks = process.tasks
            return world.start {
                await tasks.deliver(start.delivery, to: start.target)
            } then: { [self] outcome in
                finish(start, outcome, in: world)
            }
        }
        process.after(world.milliseconds(1...40), in: world) { [self] world in
            if world.strikes(.receiverDown, oneIn: 4) { return failed(start, in: world) }
            world.invariants.received(start.delivery)
            // It came through, and the sender does not hear of it.
            if world.strikes(.receiptLost, oneIn: 6) { return failed(start, in: world) }
            finish(start, .delivered, in: world)
        }
    }

    private func failed(_ start: EventDeliveryStep.Start, in world: World) {
        finish(start, world.options.mutation == .neverRedelivers ? .delivered : .failed("no answer"), in: world)
    }

    private func finish(_ start: EventDeliveryStep.Start, _ outcome: DeliveryOutcome, in world: World) {
        let verdict = EventDeliveryVerdict(outcome, of: start, now: world.clock.wall, random: world.ids.bits())
        loops.write(AggregateVersions(), in: world) {
            $0.put(verdict)
        } then: { [self] written in
            guard written == .written else {
                return loops.pause(in: world) { [self] in finish(start, outcome, in: $0) }
            }
            ended.append(start.delivery.id)
            delivery.ring(in: world)
        }
    }
}
