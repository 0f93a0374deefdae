import Domain
import ECSShapes

extension ContainerDefinition {
    /// Order, timeouts, restarts and health.
    mutating func readLifecycle(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        dependsOn = try (shape.dependsOn ?? []).map { dependency throws(ValidationFault) in
            guard let other = dependency.containerName, !other.isEmpty else {
                throw .client("Invalid 'dependsOn' setting for container '\(name)': a containerName is needed.")
            }
            let text = dependency.condition ?? ""
            guard let condition = ContainerDependency.Condition(rawValue: text.lowercased()), text == text.uppercased()
            else {
                throw .client(
                    "Invalid 'dependsOn' setting for container '\(name)': condition '\(text)'. "
                        + "Valid values are [START, COMPLETE, SUCCESS, HEALTHY].")
            }
            return ContainerDependency(container: other, condition: condition)
        }
        startTimeout = try Self.checked(shape.startTimeout, "startTimeout", 2...3600, of: name)
        stopTimeout = try Self.checked(shape.stopTimeout, "stopTimeout", 0...3600, of: name)
        restartPolicy = try shape.restartPolicy.map { policy throws(ValidationFault) in
            try Self.restartPolicy(policy, of: name)
        }
        healthCheck = try shape.healthCheck.map { check throws(ValidationFault) in
            try Self.healthCheck(check, of: name)
        }
        if healthCheck?.command.first == "NONE" { healthCheck = nil }
    }

    private static func restartPolicy(
        _ shape: ECSShapes.ContainerRestartPolicy, of name: String
    ) throws(ValidationFault) -> RestartPolicy {
        guard let enabled = shape.enabled else {
            throw .client("Invalid 'restartPolicy' setting for container '\(name)': 'enabled' is needed.")
        }
        let ignored = shape.ignoredExitCodes ?? []
        guard ignored.count <= 50 else {
            throw .client(
                "Invalid 'ignoredExitCodes' setting for container '\(name)': \(ignored.count) codes; at most 50 are "
                    + "allowed.")
        }
        if let period = shape.restartAttemptPeriod, !(60...1800).contains(period) {
            throw .client(
                "Invalid 'restartAttemptPeriod' setting: the 'restartAttemptPeriod' setting for container '\(name)' must "
                    + "be between 60 and 1800, got \(period).")
        }
        return RestartPolicy(
            enabled: enabled, ignoredExitCodes: ignored, attemptPeriod: shape.restartAttemptPeriod ?? 300)
    }

    private static func healthCheck(
        _ shape: ECSShapes.HealthCheck, of name: String
    ) throws(ValidationFault) -> HealthCheck {
        let command = shape.command ?? []
        guard !command.isEmpty, command != ["CMD"], command != ["CMD-SHELL"] else {
            throw .client("Invalid 'healthCheck.command' setting for container '\(name)': a command is needed.")
        }
        return HealthCheck(
            command: ["CMD", "CMD-SHELL", "NONE"].contains(command[0]) ? command : ["CMD"] + command,
            interval: try checked(shape.interval, "healthCheck.interval", 5...300, of: name) ?? 30,
            timeout: try checked(shape.timeout, "healthCheck.timeout", 2...60, of: name) ?? 5,
            retries: try checked(shape.retries, "healthCheck.retries", 1...10, of: name) ?? 3,
            startPeriod: try checked(shape.startPeriod, "healthCheck.startPeriod", 0...300, of: name))
    }

    static func checked(
        _ value: Int?, _ member: String, _ range: ClosedRange<Int>, of name: String
    ) throws(ValidationFault) -> Int? {
        guard let value else { return nil }
        guard range.contains(value) else {
            throw .client(
                "Invalid '\(member)' setting for container '\(name)': \(value). "
                    + "It must be between \(range.lowerBound) and \(range.upperBound).")
        }
        return value
    }
}
