import Domain
import Identifiers
import TestKit
import Testing

@testable import Deployments

@Suite("The stages of a deployment")
struct StageMovesTests {
    static let start = Timestamp.test()

    private func configuration(_ strategy: DeploymentStrategy, bake: Int = 2) -> DeploymentConfiguration {
        var configuration = DeploymentConfiguration()
        configuration.strategy = strategy
        configuration.bakeTimeInMinutes = bake
        return configuration
    }

    private func view(_ configuration: DeploymentConfiguration, minute: Int, whole: Bool = true) -> LifecycleView {
        LifecycleView(
            configuration: configuration, hasBlue: true, isGreenWhole: whole,
            now: Self.start.adding(.seconds(60 * Int64(minute))))
    }

    private func begun(_ view: LifecycleView) -> DeploymentLifecycle {
        var lifecycle = DeploymentLifecycle(
            stage: .reconcileService, since: view.now, blue: DeploymentID(rawValue: "ecs-svc/1"))
        lifecycle.enter(.preScaleUp, view)
        return lifecycle
    }

    /// The new revision's share of production traffic at each minute, in percent, until the old one goes.
    @Test(
        "traffic moves as the strategy says",
        arguments: [
            (DeploymentStrategy.blueGreen, nil, nil, [100, 100]),
            (
                .linear, DeploymentConfiguration.Linear(step: TrafficWeight(tenths: 250), bakeTimeInMinutes: 2), nil,
                [25, 25, 50, 50, 75, 75, 100, 100]
            ),
            (
                .linear, DeploymentConfiguration.Linear(step: TrafficWeight(tenths: 400), bakeTimeInMinutes: 1), nil,
                [40, 80, 100, 100]
            ),
            (.linear, DeploymentConfiguration.Linear(step: .all, bakeTimeInMinutes: 9), nil, [100, 100]),
            (
                .canary, nil, DeploymentConfiguration.Canary(share: TrafficWeight(tenths: 55), bakeTimeInMinutes: 3),
                [5.5, 5.5, 5.5, 100, 100]
            ),
            (.canary, nil, nil, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 100, 100]),
        ] as [(DeploymentStrategy, DeploymentConfiguration.Linear?, DeploymentConfiguration.Canary?, [Double])])
    func weights(
        strategy: DeploymentStrategy, linear: DeploymentConfiguration.Linear?,
        canary: DeploymentConfiguration.Canary?, expected: [Double]
    ) {
        var configuration = configuration(strategy)
        configuration.linear = linear
        configuration.canary = canary
        var lifecycle = begun(view(configuration, minute: 0))
        var seen: [Double] = []
        for minute in 0... {
            _ = lifecycle.advance(view(configuration, minute: minute))
            if lifecycle.stage == .cleanUp { break }
            seen.append(lifecycle.production.percent)
        }
        #expect(seen == expected)
        #expect(lifecycle.production == .all && lifecycle.test == .none)
    }

    @Test("each stage waits for its work, and says when it is due")
    func stages() {
        let configuration = configuration(.blueGreen)
        var lifecycle = begun(view(configuration, minute: 0))
        #expect(lifecycle.advance(view(configuration, minute: 0, whole: false)) == .waits(until: nil))
        #expect(lifecycle.stage == .scaleUp)
        #expect(lifecycle.test == .none && lifecycle.production == .none)
        let until = Self.start.adding(.seconds(180))
        #expect(lifecycle.advance(view(configuration, minute: 1)) == .waits(until: until))
        #expect(lifecycle.stage == .bakeTime)
        #expect(lifecycle.test == .all && lifecycle.production == .all)
        // A new revision that is not well keeps the old one.
        #expect(lifecycle.advance(view(configuration, minute: 3, whole: false)) == .waits(until: nil))
        #expect(lifecycle.advance(view(configuration, minute: 4)) == .waits(until: nil))
        #expect(lifecycle.stage == .cleanUp)
        var clean = view(configuration, minute: 4)
        clean.isClean = true
        #expect(lifecycle.advance(clean) == .ends)
    }

    @Test("a clock that was set back holds nothing up longer")
    func clock() {
        let configuration = configuration(.blueGreen)
        var lifecycle = begun(view(configuration, minute: 600))
        _ = lifecycle.advance(view(configuration, minute: 600))
        #expect(lifecycle.stage == .bakeTime)
        #expect(
            lifecycle.advance(view(configuration, minute: 0)) == .waits(until: Self.start.adding(.seconds(120))))
    }

    @Test("a clock that was set back holds no step up longer")
    func clockOfSteps() {
        var configuration = configuration(.canary)
        configuration.canary = .init(bakeTimeInMinutes: 3)
        var lifecycle = begun(view(configuration, minute: 600))
        _ = lifecycle.advance(view(configuration, minute: 600))
        #expect(lifecycle.production.percent == 5)
        for minute in 0...2 {
            let due = Self.start.adding(.seconds(180))
            #expect(lifecycle.advance(view(configuration, minute: minute)) == .waits(until: due))
        }
        _ = lifecycle.advance(view(configuration, minute: 3))
        #expect(lifecycle.production == .all)
    }

    @Test(
        "every stage that knows hooks waits for them before its work",
        arguments: LifecycleStage.allCases.filter { ![.reconcileService, .scaleUp, .bakeTime, .cleanUp].contains($0) })
    func hooks(stage: LifecycleStage) {
        var configuration = configuration(.blueGreen)
        configuration.hooks = [LifecycleHook(stages: [stage]), LifecycleHook(stages: [stage, .reconcileService])]
        var lifecycle = begun(view(configuration, minute: 0))
        let day = Self.start.adding(.seconds(24 * 3_600))
        #expect(lifecycle.advance(view(configuration, minute: 0)) == .waits(until: day))
        #expect(lifecycle.stage == stage)
        #expect(lifecycle.test == (stage > .testTrafficShift ? .all : .none))
        #expect(lifecycle.production == (stage > .productionTrafficShift ? .all : .none))
        #expect(lifecycle.awaited.map(\.id) == ["\(stage.rawValue)-1", "\(stage.rawValue)-2"])
        var answered = view(configuration, minute: 1)
        answered.answers = [LifecycleHookAnswer(hook: "\(stage.rawValue)-2", action: .proceed)]
        #expect(lifecycle.advance(answered) == .waits(until: day))
        #expect(lifecycle.awaited.count == 1)
        answered.answers.append(LifecycleHookAnswer(hook: "\(stage.rawValue)-1", action: .rollBack))
        #expect(lifecycle.advance(answered) == .fails(.answered("\(stage.rawValue)-1")))
        #expect(lifecycle.hooks.map(\.status) == [.failed, .succeeded])
        lifecycle.takeBack(hasBlue: true)
        #expect(lifecycle.test == .none && lifecycle.production == .none)
    }

    private func stepwise(_ view: inout LifecycleView, minute: Int, answers: [(String, LifecycleHook.Action)]) {
        view.now = Self.start.adding(.seconds(60 * Int64(minute)))
        view.answers = answers.map { LifecycleHookAnswer(hook: $0.0, action: $0.1) }
    }

    @Test(
        "hooks before production traffic moves wait before every move, each under a name of its own",
        arguments: [(DeploymentStrategy.linear, [0, 40, 80]), (.canary, [0, 40])] as [(DeploymentStrategy, [Double])])
    func hooksOfMoves(strategy: DeploymentStrategy, shares: [Double]) {
        var configuration = configuration(strategy)
        configuration.linear = .init(step: TrafficWeight(tenths: 400), bakeTimeInMinutes: 3)
        configuration.canary = .init(share: TrafficWeight(tenths: 400), bakeTimeInMinutes: 3)
        configuration.hooks = [LifecycleHook(stages: [.preProductionTrafficShift], timeoutInMinutes: 60)]
        var view = view(configuration, minute: 0)
        var lifecycle = begun(view)
        var answers: [(String, LifecycleHook.Action)] = []
        var minute = 0
        for share in shares {
            stepwise(&view, minute: minute, answers: answers)
            let runsOut = view.now.adding(.seconds(3_600))
            #expect(lifecycle.advance(view) == .waits(until: runsOut))
            // Nothing moves and nothing is asked again while it waits, however long.
            stepwise(&view, minute: minute + 30, answers: answers)
            #expect(lifecycle.advance(view) == .waits(until: runsOut))
            #expect(lifecycle.production.percent == share)
            #expect(lifecycle.awaited.map(\.stage) == [.preProductionTrafficShift])
            answers += lifecycle.awaited.map { ($0.id, .proceed) }
            stepwise(&view, minute: minute + 30, answers: answers)
            _ = lifecycle.advance(view)
            #expect(lifecycle.awaited.isEmpty && lifecycle.production.percent > share)
            // The next is asked when its move is due, not before.
            minute += 33
        }
        #expect(lifecycle.production == .all && lifecycle.stage == .bakeTime)
        #expect(lifecycle.hooks.map(\.move) == [nil] + shares.indices.dropFirst().map { $0 + 1 })
        #expect(Set(lifecycle.hooks.map(\.id)).count == shares.count)
        #expect(lifecycle.hooks.allSatisfy { $0.status == .succeeded })
    }

    @Test("a word at a later move takes all traffic back; a record from before moves were counted waits as well")
    func backAtLaterMove() {
        var configuration = configuration(.linear)
        configuration.linear = .init(step: TrafficWeight(tenths: 400), bakeTimeInMinutes: 3)
        configuration.hooks = [LifecycleHook(stages: [.preProductionTrafficShift])]
        var view = view(configuration, minute: 0)
        var lifecycle = begun(view)
        _ = lifecycle.advance(view)
        let first = "preProductionTrafficShift-1"
        stepwise(&view, minute: 1, answers: [(first, .proceed)])
        _ = lifecycle.advance(view)
        lifecycle.moves = nil
        stepwise(&view, minute: 4, answers: [(first, .proceed)])
        _ = lifecycle.advance(view)
        #expect(lifecycle.awaited.map(\.id) == ["preProductionTrafficShift-2-1"])
        stepwise(&view, minute: 5, answers: [(first, .proceed), ("preProductionTrafficShift-2-1", .rollBack)])
        #expect(lifecycle.advance(view) == .fails(.answered("preProductionTrafficShift-2-1")))
        lifecycle.takeBack(hasBlue: true)
        #expect(lifecycle.production == .none && lifecycle.hooks.map(\.status) == [.succeeded, .failed])
    }

    @Test("a hook that nobody answers runs out as it says", arguments: [nil, LifecycleHook.Action.rollBack, .proceed])
    func timeout(action: LifecycleHook.Action?) {
        var configuration = configuration(.blueGreen)
        configuration.hooks = [LifecycleHook(stages: [.preScaleUp], timeoutInMinutes: 5, timeoutAction: action)]
        var lifecycle = begun(view(configuration, minute: 0))
        #expect(lifecycle.advance(view(configuration, minute: 4)) == .waits(until: Self.start.adding(.seconds(300))))
        let outcome = lifecycle.advance(view(configuration, minute: 5))
        #expect(lifecycle.hooks.map(\.status) == [.timedOut])
        if action == .proceed {
            #expect(lifecycle.stage == .bakeTime)
        } else {
            #expect(outcome == .fails(.timedOut("preScaleUp-1")))
        }
    }

    @Test("a first deployment has nothing to shift from or to wait beside")
    func first() {
        var configuration = configuration(.linear, bake: 60)
        configuration.linear = .init(step: TrafficWeight(tenths: 30), bakeTimeInMinutes: 60)
        var view = view(configuration, minute: 0)
        view.hasBlue = false
        view.isClean = true
        var lifecycle = begun(view)
        #expect(lifecycle.advance(view) == .ends)
        #expect(lifecycle.production == .all)
    }

    @Test("shares only grow, stay within bounds and arrive, whatever the steps", arguments: 1...200)
    func shares(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var configuration = configuration(seed % 2 == 0 ? .linear : .canary, bake: Int.random(in: 0...5, using: &dice))
        configuration.linear = .init(
            step: TrafficWeight(tenths: Int.random(in: 30...1000, using: &dice)),
            bakeTimeInMinutes: Int.random(in: 0...10, using: &dice))
        configuration.canary = .init(
            share: TrafficWeight(tenths: Int.random(in: 1...1000, using: &dice)),
            bakeTimeInMinutes: Int.random(in: 0...10, using: &dice))
        if Bool.random(using: &dice) { configuration.hooks = [LifecycleHook(stages: LifecycleStage.allCases)] }
        var lifecycle = begun(view(configuration, minute: 0))
        var minute = 0
        while lifecycle.stage != .cleanUp, minute < 2_000 {
            minute += Int.random(in: 0...4, using: &dice)
            let before = lifecycle
            var view = view(
                configuration, minute: minute, whole: !Int.random(in: 0..<4, using: &dice).isMultiple(of: 4))
            view.answers = lifecycle.awaited.map { LifecycleHookAnswer(hook: $0.id, action: .proceed) }
            _ = lifecycle.advance(view)
            #expect(lifecycle.production >= before.production && lifecycle.stage >= before.stage)
            if lifecycle.production > before.production { #expect(view.isGreenWhole) }
            #expect(lifecycle.production.tenths + lifecycle.production.rest.tenths == 1000)
        }
        #expect(lifecycle.stage == .cleanUp && lifecycle.production == .all)
    }
}
