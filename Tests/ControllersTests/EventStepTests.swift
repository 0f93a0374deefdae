import Controllers
import Domain
import EventRules
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

/// A world of rules for the steps: events are the names of clusters that commits put.
struct EventWorld {
    var state = StateSnapshot()
    var log: [CommitBatch] = []

    static func events(of batch: CommitBatch, in state: StateSnapshot) -> [StreamedEvent] {
        batch.changes.compactMap { change in
            guard case .cluster(let cluster)? = change.after else { return nil }
            let name = cluster.id.name
            return StreamedEvent(id: "e-\(name)", scope: .test, source: "test", detailType: "Made") {
                ["source": "test", "detail-type": "Made", "detail": ["name": .string(name)]]
            }
        }
    }

    /// One commit, at a time in seconds.
    mutating func commit(at seconds: Int = 10, _ body: (inout Transaction) -> Void) {
        var changes: [Change] = []
        let next = state.applying { transaction in
            body(&transaction)
            changes = transaction.changes
        }
        guard !changes.isEmpty else { return }
        state = next
        log.append(CommitBatch(revision: state.revision, time: .test(seconds), changes: changes))
    }

    mutating func happen(_ names: [String], at seconds: Int = 10) {
        commit(at: seconds) { transaction in
            for name in names {
                transaction.put(
                    ClusterRecord(id: ClusterID(scope: .test, name: name), createdAt: .test(seconds)))
            }
        }
    }

    mutating func rule(_ name: String, _ pattern: String? = nil, schedule: String? = nil, to targets: [String] = ["t"])
    {
        commit(at: 0) { $0.put(Self.rule(name, pattern, schedule: schedule, to: targets)) }
    }

    static func rule(
        _ name: String, _ pattern: String? = nil, schedule: String? = nil, to targets: [String] = ["t"]
    ) -> EventRuleRecord {
        var rule = EventRuleRecord(id: EventRuleID(scope: .test, name: name), createdAt: .test())
        rule.pattern = pattern
        rule.schedule = schedule
        rule.targets = targets.map { EventTarget(id: $0, arn: "http://\($0)") }
        return rule
    }

    static func target(_ rule: String, _ target: String = "t") -> EventTargetID {
        EventTargetID(rule: EventRuleID(scope: .test, name: rule), id: target)
    }

    /// Reads until everything is handed on, and writes what comes of it.
    @discardableResult
    mutating func run(_ step: inout EventMatchingStep, limit: Int = 25) -> [EventNote] {
        var notes: [EventNote] = []
        while let reading = step.reading(state) {
            let batches = log.filter { $0.revision > reading.after }.prefix(limit)
            let plan = step.match(
                Array(batches), for: reading, state, now: .test(100), ingestedAt: "now")
            notes += plan.notes
            write(plan)
        }
        return notes
    }

    mutating func write(_ plan: EventPlan) {
        commit { transaction in
            for delivery in plan.deliveries { transaction.put(delivery) }
            if let cursor = plan.cursor { transaction.put(cursor) }
            for (id, time) in plan.fired {
                guard var rule = transaction.state.eventRules[id] else { continue }
                rule.firedAt = time
                transaction.put(rule)
            }
        }
    }

    /// What waits for a target, by its events.
    func waiting(_ rule: String, _ target: String = "t") -> [String] {
        state.eventDeliveries(to: Self.target(rule, target)).map { String($0.id.event.dropFirst(2)) }.sorted()
    }

    mutating func deliver(_ rule: String, _ target: String = "t") -> [String] {
        let ids = Array(state.eventDeliveries(to: Self.target(rule, target)).map(\.id))
        commit { transaction in for id in ids { transaction.delete(.eventDelivery(id)) } }
        return ids.map { String($0.event.dropFirst(2)) }
    }
}

@Suite("Matching of events")
struct EventMatchingStepTests {
    static func step() -> EventMatchingStep { EventMatchingStep(events: EventWorld.events) }
    static let all = #"{"source":["test"]}"#

    @Test("every event goes once to each target of each rule that it matches")
    func matches() {
        var world = EventWorld()
        world.rule("all", Self.all, to: ["t", "u"])
        world.rule("a", #"{"detail":{"name":["a"]}}"#)
        world.rule("other", #"{"source":["other"]}"#)
        world.happen(["a", "b"])
        var step = Self.step()
        #expect(world.run(&step).isEmpty)
        #expect(world.waiting("all") == ["a", "b"])
        #expect(world.waiting("all", "u") == ["a", "b"])
        #expect(world.waiting("a") == ["a"])
        #expect(world.waiting("other").isEmpty)
        let rested = world.state.revision
        world.run(&step)
        #expect(world.state.revision == rested, "its own writes wake it to nothing")
    }

    @Test("what happened before a rule was made, or while it was off, is not its own")
    func begins() {
        var world = EventWorld()
        world.rule("all", Self.all)
        world.commit(at: 0) { transaction in
            var rule = EventWorld.rule("late", Self.all)
            rule.matchesFrom = .test(20)
            transaction.put(rule)
            rule = EventWorld.rule("off", Self.all)
            rule.state = .disabled
            transaction.put(rule)
        }
        world.happen(["a"], at: 19)
        world.happen(["b"], at: 20)
        var step = Self.step()
        world.run(&step)
        #expect(world.waiting("all") == ["a", "b"])
        #expect(world.waiting("late") == ["b"])
        #expect(world.waiting("off").isEmpty)
    }

    @Test(
        "a new process goes on where the last one wrote; nothing is lost and nothing doubled", arguments: UInt64(1)...20
    )
    func restarts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var world = EventWorld()
        world.rule("all", Self.all, to: ["t", "u"])
        world.rule("odd", #"{"detail":{"name":[{"suffix":"1"},{"suffix":"3"}]}}"#)
        var step = Self.step()
        var delivered: [String: [String]] = [:]
        for number in 0..<60 {
            world.happen(["n\(number)"])
            switch Int.random(in: 0..<5, using: &random) {
            case 0: world.run(&step, limit: Int.random(in: 1...3, using: &random))
            case 1: step = Self.step()
            case 2:
                // Killed between reading and writing.
                if let reading = step.reading(world.state) {
                    _ = step.match(
                        world.log.filter { $0.revision > reading.after }, for: reading, world.state, now: .test(1),
                        ingestedAt: "")
                }
                step = Self.step()
            case 3: delivered["t", default: []] += world.deliver("all")
            default: delivered["odd", default: []] += world.deliver("odd")
            }
        }
        world.run(&step)
        let names = (0..<60).map { "n\($0)" }.sorted()
        #expect((delivered["t", default: []] + world.waiting("all")).sorted() == names)
        #expect(world.waiting("all", "u") == names)
        let odd = names.filter { $0.hasSuffix("1") || $0.hasSuffix("3") }
        #expect((delivered["odd", default: []] + world.waiting("odd")).sorted() == odd)
    }

    @Test("a target whose queue is full is left behind, keeps nobody waiting, and gets the rest when there is room")
    func lags() {
        var world = EventWorld()
        world.rule("slow", Self.all)
        world.rule("quick", Self.all)
        var step = Self.step()
        var got: [String] = []
        var notes: [EventNote] = []
        for number in 0..<60 {
            world.happen((0..<40).map { "n\(number)-\($0)" })
            notes += world.run(&step)
            got += world.deliver("quick")
        }
        #expect(got.count == 2_400, "the quick one has everything")
        #expect(world.waiting("slow").count == EventMatchingStep.queue)
        #expect(notes == [.lagging(EventWorld.target("slow"))])
        #expect(world.state.eventCursor?.lagging.map(\.target) == [EventWorld.target("slow")])
        // A new process knows where the slow one stands.
        step = Self.step()
        var slow: [String] = []
        while true {
            let some = world.deliver("slow")
            if some.isEmpty { break }
            slow += some
            world.run(&step)
        }
        #expect(slow.sorted() == got.sorted())
        #expect(world.state.eventCursor?.lagging.isEmpty == true)
    }

    @Test("forgotten commits are told of, where a rule was there for them")
    func gap() {
        var world = EventWorld()
        world.rule("all", Self.all)
        var step = Self.step()
        world.happen(["a"])
        world.run(&step)
        world.happen(["b"])
        let after = world.state.revision.value
        world.happen(["c"])
        world.log.removeAll { $0.revision.value <= after }
        let notes = world.run(&step)
        #expect(notes.count == 1)
        guard case .gap(_, let next)? = notes.first else { return }
        #expect(next == after + 1)
        #expect(world.waiting("all") == ["a", "c"])
    }

    @Test("without rules nothing is read and nothing written")
    func idle() {
        var world = EventWorld()
        var step = Self.step()
        world.happen(["a"])
        #expect(step.reading(world.state) == nil)
        world.commit(at: 11) { transaction in
            var rule = EventWorld.rule("all", Self.all)
            rule.matchesFrom = .test(11)
            transaction.put(rule)
        }
        world.happen(["b"], at: 12)
        #expect(world.run(&step).isEmpty)
        #expect(world.waiting("all") == ["b"])
    }

    @Test("an input path that names nothing is told of and delivers nothing")
    func noInput() {
        var world = EventWorld()
        world.commit(at: 0) { transaction in
            var rule = EventWorld.rule("all", Self.all)
            rule.targets[0].inputPath = "$.detail.nothing"
            transaction.put(rule)
        }
        world.happen(["a"])
        var step = Self.step()
        #expect(world.run(&step) == [.noInput(EventWorld.target("all"), event: "e-a")])
        #expect(world.waiting("all").isEmpty)
    }
}

@Suite("Schedules of rules")
struct EventScheduleStepTests {
    static func look(
        _ step: inout EventScheduleStep, _ world: inout EventWorld, at seconds: Int
    ) -> (fired: [Timestamp], notes: [EventNote], next: Timestamp?) {
        var fired: [Timestamp] = []
        var notes: [EventNote] = []
        while true {
            let (plan, next) = step.step(world.state, now: .test(seconds), ids: SeededIDSource(seed: UInt64(seconds))) {
                String($0.milliseconds)
            }
            notes += plan.notes
            guard !plan.fired.isEmpty else { return (fired, notes, next) }
            fired += plan.fired.values
            world.write(plan)
        }
    }

    @Test("each time fires once, over restarts too")
    func once() {
        var world = EventWorld()
        world.rule("every", schedule: "rate(5 minutes)", to: ["t", "u"])
        var step = EventScheduleStep()
        #expect(Self.look(&step, &world, at: 0).next == .test(300))
        #expect(Self.look(&step, &world, at: 299).fired.isEmpty)
        #expect(Self.look(&step, &world, at: 300).fired == [.test(300)])
        step = EventScheduleStep()
        let again = Self.look(&step, &world, at: 301)
        #expect(again.fired.isEmpty && again.next == .test(600))
        step = EventScheduleStep()
        #expect(Self.look(&step, &world, at: 659).fired == [.test(600)], "a minute late at most")
        #expect(world.state.eventDeliveryCount(to: EventWorld.target("every")) == 2)
        #expect(world.state.eventDeliveryCount(to: EventWorld.target("every", "u")) == 2)
        let delivery = world.state.eventDeliveries(to: EventWorld.target("every")).first { _ in true }
        let event = try? JSONValue(jsonBytes: Array((delivery?.input ?? "").utf8))
        #expect(event?["detail-type"] == "Scheduled Event")
        #expect(event?["time"] == .string(String(Timestamp.test(300).milliseconds)))
        #expect(event?["id"]?.string == delivery?.id.event)
        #expect(event?["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/every"])
    }

    @Test("what passed longer ago is told of and not made up")
    func missed() {
        var world = EventWorld()
        world.rule("every", schedule: "rate(5 minutes)")
        var step = EventScheduleStep()
        let look = Self.look(&step, &world, at: 3_000 - 1)
        #expect(look.fired.isEmpty)
        #expect(look.notes == [.missed(EventRuleID(scope: .test, name: "every"), first: .test(300))])
        #expect(look.next == .test(3_000))
        #expect(Self.look(&step, &world, at: 2_999).notes.isEmpty, "once")
        #expect(Self.look(&step, &world, at: 3_000).fired == [.test(3_000)])
    }

    @Test("a rule that is off, or has no targets, or a changed schedule, does not fire as before")
    func changes() {
        var world = EventWorld()
        world.rule("every", schedule: "rate(1 minute)", to: [])
        var step = EventScheduleStep()
        #expect(Self.look(&step, &world, at: 60).fired.isEmpty)
        world.rule("every", schedule: "rate(1 minute)")
        #expect(Self.look(&step, &world, at: 70).fired == [.test(60)])
        world.commit { transaction in
            var rule = EventWorld.rule("every", schedule: "rate(1 hour)")
            rule.firedAt = .test(60)
            rule.scheduledFrom = .test(80)
            transaction.put(rule)
        }
        let look = Self.look(&step, &world, at: 130)
        #expect(look.fired.isEmpty && look.next == .test(3_680))
        world.commit { transaction in
            var rule = EventWorld.rule("every", schedule: "rate(1 minute)")
            rule.state = .disabled
            transaction.put(rule)
        }
        #expect(Self.look(&step, &world, at: 3_680).next == nil)
    }

    @Test("looks at random times fire every time once, in order", arguments: UInt64(1)...10)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var world = EventWorld()
        world.rule("every", schedule: "rate(1 minute)")
        var step = EventScheduleStep()
        var fired: [Timestamp] = []
        var now = 0
        for _ in 0..<200 {
            now += Int.random(in: 0...59, using: &random)
            if Bool.random(using: &random) { step = EventScheduleStep() }
            fired += Self.look(&step, &world, at: now).fired
            _ = world.deliver("every")
        }
        #expect(fired == (1...(now / 60)).map { .test($0 * 60) })
    }
}
