import Domain
import Identifiers

/// What the stages of a deployment look at.
struct LifecycleView {
    /// As it was when the deployment began.
    var configuration: DeploymentConfiguration
    var answers: [LifecycleHookAnswer] = []
    /// Whether there is a revision that traffic moves away from.
    var hasBlue: Bool
    /// Whether nothing is left of deployments that were interrupted, beside what the old revision lacks.
    var isReconciled = true
    /// Whether the new revision has all its tasks, and all are healthy.
    var isGreenWhole: Bool
    /// Whether no task of another revision is meant to run.
    var isClean = false
    var now: Timestamp
}

/// Why a hook takes a deployment back.
enum HookFailure: Hashable { case answered(String), timedOut(String) }

/// What became of a deployment's stages for now.
enum LifecycleOutcome: Hashable {
    /// - Parameter until: when something is due by itself; nil when only a change moves it on.
    case waits(until: Timestamp?)
    case fails(HookFailure)
    /// The last stage is over.
    case ends
}

extension DeploymentLifecycle {
    /// Begins a stage, with the hooks that wait at it. A stage waits for its hooks first and does its work then.
    mutating func enter(_ stage: LifecycleStage, _ view: LifecycleView) {
        self.stage = stage
        since = view.now
        beginHooks(of: stage, view)
    }

    /// - Parameter move: the move of traffic that they precede, if it is not the first.
    private mutating func beginHooks(of stage: LifecycleStage, move: Int? = nil, _ view: LifecycleView) {
        let own = view.configuration.hooks.filter { $0.stages.contains(stage) }
        let name = ([stage.rawValue] + (move.map { ["\($0)"] } ?? [])).joined(separator: "-")
        for (number, hook) in own.enumerated() {
            var run = LifecycleHookRun(id: "\(name)-\(number + 1)", stage: stage, of: hook, at: view.now)
            run.move = move
            hooks.append(run)
        }
    }

    /// The stage before production traffic moves comes again before each move. Its hooks for the first waited before this one.
    /// - Source: Amazon ECS Developer Guide, "Lifecycle hooks for Amazon ECS service deployments", recurring invocation stages
    mutating func beginHooks(beforeMove move: Int, _ view: LifecycleView) {
        guard !hooks.contains(where: { $0.move == move }) else { return }
        beginHooks(of: .preProductionTrafficShift, move: move, view)
    }

    /// Goes through as many stages as nothing holds up.
    mutating func advance(_ view: LifecycleView) -> LifecycleOutcome {
        // Times to come are of a clock that was set back since: nothing waits for that clock.
        since = min(since, view.now)
        shiftedAt = shiftedAt.map { min($0, view.now) }
        while true {
            if let failure = settleHooks(view) { return .fails(failure) }
            if let due = awaited.map(\.expiresAt).min() { return .waits(until: due) }
            if let wait = work(view) { return wait }
            guard let next = stage.next else { return .ends }
            enter(next, view)
        }
    }

    /// Takes answers and times that ran out.
    private mutating func settleHooks(_ view: LifecycleView) -> HookFailure? {
        var failure: HookFailure?
        for index in hooks.indices where hooks[index].status == .awaitingAction {
            hooks[index].startedAt = min(hooks[index].startedAt, view.now)
            let id = hooks[index].id
            if let answer = view.answers.first(where: { $0.hook == id }) {
                hooks[index].status = answer.action == .proceed ? .succeeded : .failed
                if answer.action == .rollBack { failure = failure ?? .answered(id) }
            } else if hooks[index].expiresAt <= view.now {
                hooks[index].status = .timedOut
                if hooks[index].timeoutAction == .rollBack { failure = failure ?? .timedOut(id) }
            }
        }
        return failure
    }

    /// Does what the stage is for.
    /// - Returns: what it waits for; nil when it is over.
    private mutating func work(_ view: LifecycleView) -> LifecycleOutcome? {
        switch stage {
        case .reconcileService: return view.isReconciled ? nil : .waits(until: nil)
        case .preScaleUp, .postScaleUp, .postTestTrafficShift, .preProductionTrafficShift,
            .postProductionTrafficShift:
            return nil
        case .scaleUp: return view.isGreenWhole ? nil : .waits(until: nil)
        case .testTrafficShift:
            guard view.isGreenWhole else { return .waits(until: nil) }
            test = .all
            return nil
        case .productionTrafficShift:
            let due = shift(view)
            return production == .all ? nil : .waits(until: due)
        case .bakeTime:
            let until = since.adding(view.configuration.bakeTime)
            if view.hasBlue, until > view.now { return .waits(until: until) }
            // The old revision stays for as long as the new one is not well.
            guard view.isGreenWhole else { return .waits(until: nil) }
            test = .none
            return nil
        case .cleanUp: return view.isClean ? nil : .waits(until: nil)
        }
    }

    /// The deployment failed: the old revision serves again at once, and no hook waits any more.
    mutating func takeBack(hasBlue: Bool) {
        if hasBlue {
            production = .none
            test = .none
        }
        for index in hooks.indices where hooks[index].status == .awaitingAction { hooks[index].status = .failed }
    }
}
