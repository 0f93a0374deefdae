import AWSWire
import Domain
import ECSShapes

extension DeploymentConfiguration {
    /// What a service has that says nothing.
    static func standard(_ strategy: SchedulingStrategy) -> DeploymentConfiguration {
        switch strategy {
        case .replica: DeploymentConfiguration()
        case .daemon: DeploymentConfiguration(minimumHealthyPercent: 0, maximumPercent: 100)
        }
    }

    /// What a request changes of a configuration.
    ///
    /// - Throws: `InvalidParameterException` for percentages that ECS refuses.
    mutating func apply(
        _ shape: ECSShapes.DeploymentConfiguration?, _ scheduling: SchedulingStrategy = .replica
    ) throws(APIFault) {
        guard let shape else { return }
        if let minimum = shape.minimumHealthyPercent { minimumHealthyPercent = minimum }
        if let maximum = shape.maximumPercent { maximumPercent = maximum }
        if let breaker = shape.deploymentCircuitBreaker {
            circuitBreaker = CircuitBreaker(enable: breaker.enable ?? false, rollback: breaker.rollback ?? false)
        }
        if let shape = shape.alarms {
            alarms = Alarms(
                names: shape.alarmNames ?? [], rollback: shape.rollback ?? false, enable: shape.enable ?? false)
        }
        try applyStrategy(shape, scheduling)
        guard (0...100).contains(minimumHealthyPercent) else {
            throw .invalidParameter("minimumHealthyPercent must be between 0 and 100.")
        }
        // More than 10,000 percent means nothing, and keeps the count of tasks far from overflowing.
        guard (100...10_000).contains(maximumPercent) else {
            throw .invalidParameter("maximumPercent must be 100 or more, and at most 10000.")
        }
        if scheduling == .daemon, maximumPercent != 100 {
            throw .invalidParameter(
                "maximumPercent must be 100 for the DAEMON scheduling strategy, got \(maximumPercent).")
        }
        if minimumHealthyPercent == 100, maximumPercent == 100 {
            throw .invalidParameter(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
        }
    }
}
