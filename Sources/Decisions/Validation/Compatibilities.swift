import Domain

/// For which launch types a definition is valid, and what hosts must offer for it.
extension TaskDefinition {
    func checkRequiredCompatibilities() throws(ValidationFault) {
        for launchType in requiresCompatibilities {
            if let fault = fault(on: launchType) { throw fault }
        }
    }

    func computedCompatibilities() -> [LaunchType] {
        [.external, .ec2, .fargate].filter { fault(on: $0) == nil }
    }

    private func fault(on launchType: LaunchType) -> ValidationFault? {
        switch launchType {
        case .ec2: nil
        case .external:
            effectiveNetworkMode == .awsvpc
                ? .client("Tasks using the EXTERNAL launch type do not support network mode 'awsvpc'.") : nil
        case .fargate: fargateFault()
        }
    }

    private func fargateFault() -> ValidationFault? {
        guard networkMode == .awsvpc else {
            return .client("Fargate only supports network mode \u{2018}awsvpc\u{2019}.")
        }
        guard let cpu else { return .client("Fargate requires that 'cpu' be defined at the task level.") }
        guard let memory else { return .client("Fargate requires that 'memory' be defined at the task level.") }
        guard FargateSize.admits(cpu: cpu, memory: memory) else {
            return .client(
                "No Fargate configuration exists for given values: \(cpu.value) CPU, \(memory.value) memory. "
                    + "See the Amazon ECS documentation for the valid values.")
        }
        guard placementConstraints.isEmpty else {
            return .client("Fargate does not support placement constraints in a task definition.")
        }
        if let volume = volumes.first(where: { $0.sourcePath != nil }) {
            return .client("Fargate does not support host.sourcePath of volume '\(volume.name)'.")
        }
        for container in containers {
            if let fault = fargateFault(container) { return fault }
        }
        return nil
    }

    private func fargateFault(_ container: ContainerDefinition) -> ValidationFault? {
        if container.privileged == true {
            return .client("Fargate does not support privileged mode, asked for by container '\(container.name)'.")
        }
        if let capability = container.addCapabilities.first(where: { $0 != "SYS_PTRACE" }) {
            return .client("Fargate does not support adding capability '\(capability)'.")
        }
        if container.sharedMemorySize != nil || !container.tmpfs.isEmpty {
            return .client(
                "Fargate does not support sharedMemorySize and tmpfs, asked for by container '\(container.name)'.")
        }
        if let limit = container.ulimits.first(where: { $0.name != "nofile" }) {
            return .client("Fargate does not support ulimit '\(limit.name)'; only nofile may be changed.")
        }
        for (member, value) in [("startTimeout", container.startTimeout), ("stopTimeout", container.stopTimeout)] {
            if let value, !(2...120).contains(value) {
                return .client(
                    "Fargate requires '\(member)' of container '\(container.name)' to be 2 to 120: \(value).")
            }
        }
        guard let log = container.logConfiguration else { return nil }
        guard log.driver == "awslogs" else { return .client("Fargate does not support log driver '\(log.driver)'.") }
        guard log.options.contains(where: { $0.key == "awslogs-stream-prefix" }) else {
            return .client("Log driver awslogs requires options: awslogs-stream-prefix")
        }
        return executionRoleARN == nil
            ? .client("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
            : nil
    }

    /// Names of the agent attributes that the definition's features need, sorted.
    func computedAttributes() -> [String] {
        var names: Set<String> = []
        let docker = "com.amazonaws.ecs.capability."
        if effectiveNetworkMode == .awsvpc { names.insert("ecs.capability.task-eni") }
        if cpu != nil || memory != nil { names.insert("ecs.capability.task-cpu-mem-limit") }
        if taskRoleARN != nil { names.insert(docker + "task-iam-role") }
        for container in containers {
            if container.healthCheck != nil { names.insert("ecs.capability.container-health-check") }
            if !container.dependsOn.isEmpty { names.insert("ecs.capability.container-ordering") }
            if container.privileged == true { names.insert(docker + "privileged-container") }
            if container.restartPolicy?.enabled == true {
                names.insert("ecs.capability.container-restart-policy")
            }
            if let log = container.logConfiguration {
                names.insert(docker + "logging-driver.\(log.driver)")
                if log.driver == "awslogs", executionRoleARN != nil {
                    names.insert("ecs.capability.execution-role-awslogs")
                }
            }
        }
        return names.sorted()
    }
}
