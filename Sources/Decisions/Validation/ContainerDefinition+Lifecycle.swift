import Domain
import ECSShapes

extension ContainerDefinition {
    /// Order, timeouts, restarts and health.
    mutating func readLifecycle(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        dependsOn = try (shape.dependsOn ?? []).map { dependency throws(ValidationFault) in
            guard let other = dependency.containerName, !other.isEmpty else {
                throw .client("dependsOn of container '\(name)' needs a containerName.")
            }
            let text = dependency.condition ?? ""
            guard let condition = ContainerDependency.Condition(rawValue: text.lowercased()), text == text.uppercased()
            else {
                throw .client(
                    "Invalid dependsOn condition '\(text)' for container '\(name)'. "
                        + "Valid values are [START, COMPLETE, SUCCESS, HEALTHY].")
            }
            return ContainerDependency(container: other, condition: condition)
        }
        startTimeout = try Self.checked(shape.startTimeout, "startTimeout", 2...3600, of: name)
        stopTimeout = try Self.checked(shape.stopTimeout, "stopTimeout", 0...3600, of: name)
        restartPolicy = try shape.restartPolicy.map { policy throws(ValidationFault) in
            guard let enabled = policy.enabled else {
                throw .client("restartPolicy.enabled of container '\(name)' cannot be empty.")
            }
            let ignored = policy.ignoredExitCodes ?? []
            guard ignored.count <= 50 else {
                throw .client("restartPolicy.ignoredExitCodes of container '\(name)' are limited to 50.")
            }
            let period = try Self.checked(
                policy.restartAttemptPeriod, "restartPolicy.restartAttemptPeriod", 60...1800, of: name)
            return RestartPolicy(enabled: enabled, ignoredExitCodes: ignored, attemptPeriod: period ?? 300)
        }
        healthCheck = try shape.healthCheck.map { check throws(ValidationFault) in
            let command = check.command ?? []
            guard !command.isEmpty, command != ["CMD"], command != ["CMD-SHELL"] else {
                throw .client("healthCheck.command of container '\(name)' cannot be empty.")
            }
            return HealthCheck(
                command: ["CMD", "CMD-SHELL", "NONE"].contains(command[0]) ? command : ["CMD"] + command,
                interval: try Self.checked(check.interval, "healthCheck.interval", 5...300, of: name) ?? 30,
                timeout: try Self.checked(check.timeout, "healthCheck.timeout", 2...60, of: name) ?? 5,
                retries: try Self.checked(check.retries, "healthCheck.retries", 1...10, of: name) ?? 3,
                startPeriod: try Self.checked(check.startPeriod, "healthCheck.startPeriod", 0...300, of: name))
        }
        if healthCheck?.command.first == "NONE" { healthCheck = nil }
    }

    private static func checked(
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
