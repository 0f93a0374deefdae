import AWSWire
import Deployments
import Domain
import ECSShapes
import Identifiers

extension DeploymentStrategy {
    init?(wire: String) {
        guard let found = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = found
    }

    var wire: String {
        switch self {
        case .rolling: "ROLLING"
        case .blueGreen: "BLUE_GREEN"
        case .linear: "LINEAR"
        case .canary: "CANARY"
        }
    }
}

extension LifecycleStage {
    init?(wire: String) {
        guard let found = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = found
    }

    var wire: String {
        switch self {
        case .reconcileService: "RECONCILE_SERVICE"
        case .preScaleUp: "PRE_SCALE_UP"
        case .scaleUp: "SCALE_UP"
        case .postScaleUp: "POST_SCALE_UP"
        case .testTrafficShift: "TEST_TRAFFIC_SHIFT"
        case .postTestTrafficShift: "POST_TEST_TRAFFIC_SHIFT"
        case .preProductionTrafficShift: "PRE_PRODUCTION_TRAFFIC_SHIFT"
        case .productionTrafficShift: "PRODUCTION_TRAFFIC_SHIFT"
        case .postProductionTrafficShift: "POST_PRODUCTION_TRAFFIC_SHIFT"
        case .bakeTime: "BAKE_TIME"
        case .cleanUp: "CLEAN_UP"
        }
    }

    /// As `ServiceDeployment.lifecycleStage` names it, which does not know every stage that hooks know.
    var shown: String { self == .preProductionTrafficShift ? Self.postTestTrafficShift.wire : wire }
}

extension LifecycleHook.Action {
    init(wire: String?, standard: Self) {
        switch wire {
        case "CONTINUE": self = .proceed
        case "ROLLBACK": self = .rollBack
        default: self = standard
        }
    }

    var wire: String {
        switch self {
        case .proceed: "CONTINUE"
        case .rollBack: "ROLLBACK"
        }
    }
}

extension LifecycleHookRun.Status {
    var wire: String {
        switch self {
        case .awaitingAction: "AWAITING_ACTION"
        case .succeeded: "SUCCEEDED"
        case .failed: "FAILED"
        case .timedOut: "TIMED_OUT"
        }
    }
}

extension LifecycleHook {
    /// Stages that come again when a deployment is rolled back: a pause there would hold the rollback up.
    /// - Source: Amazon ECS Developer Guide, "Pause hooks for Amazon ECS service deployments", constraints
    private static let stagesOfRollback: Set<LifecycleStage> = [.testTrafficShift, .productionTrafficShift]

    /// - Throws: `UnsupportedFeatureException` for a hook that is a Lambda function, as one without a type is;
    ///   `InvalidParameterException` without a stage, for one at which nothing may pause, and for a time that ECS does not
    ///   know.
    init(_ shape: ECSShapes.DeploymentLifecycleHook) throws(APIFault) {
        guard shape.targetType == "PAUSE" else {
            throw .unsupportedFeature(
                "deploymentConfiguration.lifecycleHooks[].targetType AWS_LAMBDA is not supported: there are no Lambda "
                    + "functions to invoke. A hook of the type PAUSE waits for ContinueServiceDeployment.")
        }
        let named = shape.lifecycleStages ?? []
        guard !named.isEmpty else {
            throw .invalidParameter("deploymentConfiguration.lifecycleHooks[].lifecycleStages cannot be empty.")
        }
        var stages: [LifecycleStage] = []
        for name in named {
            guard let stage = LifecycleStage(wire: name), ![.scaleUp, .bakeTime, .cleanUp].contains(stage) else {
                throw .invalidParameter(
                    "deploymentConfiguration.lifecycleHooks[].lifecycleStages has no stage '\(name)'.")
            }
            if Self.stagesOfRollback.contains(stage) {
                throw .invalidParameter(
                    "deploymentConfiguration.lifecycleHooks[].lifecycleStages can not have '\(name)' for a hook of the "
                        + "type PAUSE.")
            }
            if !stages.contains(stage) { stages.append(stage) }
        }
        let minutes = shape.timeoutConfiguration?.timeoutInMinutes
        if let minutes, !(1...20_160).contains(minutes) {
            throw .invalidParameter(
                "deploymentConfiguration.lifecycleHooks[].timeoutConfiguration.timeoutInMinutes must be between 1 and "
                    + "20160, got \(minutes).")
        }
        self.init(
            stages: stages, timeoutInMinutes: minutes,
            timeoutAction: shape.timeoutConfiguration?.action.map { Action(wire: $0, standard: .rollBack) })
    }
}

extension ECSShapes.DeploymentLifecycleHook {
    init(_ hook: LifecycleHook) {
        self.init(targetType: "PAUSE", lifecycleStages: hook.stages.map(\.wire))
        guard hook.timeoutInMinutes != nil || hook.timeoutAction != nil else { return }
        timeoutConfiguration = ECSShapes.DeploymentLifecycleHookTimeoutConfiguration(
            timeoutInMinutes: hook.timeoutInMinutes, action: hook.timeoutAction?.wire)
    }
}

extension ECSShapes.DeploymentLifecycleHookDetail {
    init(_ run: LifecycleHookRun) {
        self.init(
            hookId: run.id, targetType: "PAUSE", status: run.status.wire, expiresAt: run.expiresAt.wire,
            timeoutAction: run.timeoutAction.wire)
    }
}
