import AWSWire
import Domain
import ECSShapes
import Identifiers

// What ECS asks of the strategy of a service's deployments and of what belongs to it.

extension DeploymentConfiguration {
    private static let longestBake = 1440
    /// Of the type PAUSE, the only one that is taken.
    /// - Source: Amazon ECS Developer Guide, "Pause hooks for Amazon ECS service deployments", constraints
    private static let mostHooks = 10

    /// What a request changes of the strategy. What belongs to another strategy than the one it leaves is dropped.
    mutating func applyStrategy(
        _ shape: ECSShapes.DeploymentConfiguration, _ scheduling: SchedulingStrategy
    ) throws(APIFault) {
        if let name = shape.strategy {
            guard let named = DeploymentStrategy(wire: name) else {
                throw .invalidParameter("deploymentConfiguration.strategy has no value '\(name)'.")
            }
            strategy = named
        }
        if strategy != .rolling, scheduling == .daemon {
            throw .invalidParameter(
                "deploymentConfiguration.strategy \(strategy.wire) cannot be used with the DAEMON scheduling strategy.")
        }
        try applySteps(shape)
        if let minutes = shape.bakeTimeInMinutes {
            bakeTimeInMinutes = try Self.minutes(minutes, "bakeTimeInMinutes")
        }
        if let shapes = shape.lifecycleHooks {
            guard shapes.count <= Self.mostHooks else {
                throw .invalidParameter(
                    "deploymentConfiguration.lifecycleHooks can not have more than \(Self.mostHooks) elements.")
            }
            var hooks: [LifecycleHook] = []
            for shape in shapes { hooks.append(try LifecycleHook(shape)) }
            self.hooks = hooks
        }
        switch strategy {
        case .rolling: try refuseWithRolling(shape)
        case .blueGreen where bakeTimeInMinutes == nil:
            throw .invalidParameter(
                "deploymentConfiguration.bakeTimeInMinutes must be specified with the BLUE_GREEN strategy.")
        default: break
        }
    }

    private mutating func applySteps(_ shape: ECSShapes.DeploymentConfiguration) throws(APIFault) {
        if let named = shape.linearConfiguration {
            guard strategy == .linear else { throw .onlyWith("linearConfiguration", .linear) }
            var steps = linear ?? Linear()
            if let percent = named.stepPercent {
                steps.step = try Self.share(percent, from: 30, "linearConfiguration.stepPercent")
            }
            if let minutes = named.stepBakeTimeInMinutes {
                steps.bakeTimeInMinutes = try Self.minutes(minutes, "linearConfiguration.stepBakeTimeInMinutes")
            }
            linear = steps
        }
        if let named = shape.canaryConfiguration {
            guard strategy == .canary else { throw .onlyWith("canaryConfiguration", .canary) }
            var first = canary ?? Canary()
            if let percent = named.canaryPercent {
                first.share = try Self.share(percent, from: 1, "canaryConfiguration.canaryPercent")
            }
            if let minutes = named.canaryBakeTimeInMinutes {
                first.bakeTimeInMinutes = try Self.minutes(minutes, "canaryConfiguration.canaryBakeTimeInMinutes")
            }
            canary = first
        }
        if strategy != .linear { linear = nil }
        if strategy != .canary { canary = nil }
    }

    /// A rolling deployment has no second revision that waits, and no stages.
    private mutating func refuseWithRolling(_ shape: ECSShapes.DeploymentConfiguration) throws(APIFault) {
        if let minutes = shape.bakeTimeInMinutes, minutes > 0 {
            throw .unsupportedFeature(
                "deploymentConfiguration.bakeTimeInMinutes is not supported: what a rolling deployment waits for "
                    + "follows from its alarms.")
        }
        if let hooks = shape.lifecycleHooks, !hooks.isEmpty {
            throw .unsupportedFeature(
                "deploymentConfiguration.lifecycleHooks is not supported: a rolling deployment has no stages to wait "
                    + "at.")
        }
        bakeTimeInMinutes = nil
        hooks = []
    }

    private static func minutes(_ minutes: Int, _ member: String) throws(APIFault) -> Int {
        guard (0...longestBake).contains(minutes) else {
            throw .invalidParameter(
                "deploymentConfiguration.\(member) must be between 0 and \(longestBake), got \(minutes).")
        }
        return minutes
    }

    /// - Parameter least: tenths of a percent.
    private static func share(_ percent: Double, from least: Int, _ member: String) throws(APIFault) -> TrafficWeight {
        guard let weight = TrafficWeight(percent: percent), weight.tenths >= least else {
            throw .invalidParameter(
                "deploymentConfiguration.\(member) must be a multiple of 0.1 from \(Double(least) / 10) to 100.0, got "
                    + "\(percent).")
        }
        return weight
    }

    /// - Parameters:
    ///   - ports: the service's, behind load balancers.
    ///   - shiftsTraffic: whether it has Service Connect.
    /// - Throws: `InvalidParameterException` when the strategy moves traffic in parts that nothing can divide.
    ///   Blue/green needs none.
    /// - Source: Amazon ECS Developer Guide, "Amazon ECS linear deployments" and "Amazon ECS canary deployments"
    func checkTraffic(_ ports: [ServiceLoadBalancer], shiftsTraffic: Bool) throws(APIFault) {
        if strategy != .rolling, let port = ports.first(where: { $0.shift == nil }) {
            throw .invalidParameter(
                "deploymentConfiguration.strategy \(strategy.wire) needs an advancedConfiguration for every entry of "
                    + "loadBalancers; that of \(port.targetGroup.arn) has none.")
        }
        guard !shiftsTraffic, ports.isEmpty, strategy == .linear || strategy == .canary else { return }
        throw .invalidParameter(
            "deploymentConfiguration.strategy \(strategy.wire) needs a load balancer or Service Connect, which "
                + "divide the service's traffic.")
    }

    /// - Throws: `InvalidParameterException` when somebody else carries the deployments out.
    func checkController(_ controller: DeploymentController) throws(APIFault) {
        guard controller != .ecs, strategy != .rolling else { return }
        throw .invalidParameter(
            "deploymentConfiguration.strategy \(strategy.wire) needs the ECS deployment controller.")
    }
}

extension APIFault {
    fileprivate static func onlyWith(_ member: String, _ strategy: DeploymentStrategy) -> APIFault {
        .invalidParameter(
            "deploymentConfiguration.\(member) can only be specified with the \(strategy.wire) strategy.")
    }
}
