import Domain
import ECSShapes

/// For which launch types a definition is valid.
extension TaskDefinition {
    /// - Throws: why the definition is not valid for a launch type that the caller requires.
    func checkLaunchTypes(_ request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        for name in request.requiresCompatibilities ?? [] {
            if let type = LaunchType(compatibility: name) {
                if let fault = fault(on: type, request) { throw fault }
            } else if name != "MANAGED_INSTANCES" {
                throw .client(
                    "Invalid 'requiresCompatibilities' setting: '\(name.prefix(100))'. "
                        + "Valid values are [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES].")
            }
        }
    }

    func computedCompatibilities(_ request: ECSShapes.RegisterTaskDefinitionRequest) -> [LaunchType] {
        [.external, .ec2, .fargate].filter { fault(on: $0, request) == nil }
    }

    private func fault(
        on type: LaunchType, _ request: ECSShapes.RegisterTaskDefinitionRequest
    ) -> ValidationFault? {
        switch type {
        case .ec2: nil
        case .external: externalFault(request)
        case .fargate: fargateSizeFault() ?? fargateTaskFault(request) ?? fargateContainerFault(request)
        }
    }

    private func externalFault(_ request: ECSShapes.RegisterTaskDefinitionRequest) -> ValidationFault? {
        if effectiveNetworkMode == .awsvpc {
            return .client("Tasks using the EXTERNAL launch type do not support network mode 'awsvpc'.")
        }
        if let volume = request.volumes?.first(where: { $0.efsVolumeConfiguration != nil }) {
            return .client(
                "Tasks using the EXTERNAL launch type do not support efsVolumeConfiguration of volume "
                    + "'\(volume.name ?? "")'.")
        }
        return nil
    }

    private func fargateSizeFault() -> ValidationFault? {
        guard networkMode == .awsvpc else {
            return .client("Fargate only supports network mode \u{2018}awsvpc\u{2019}.")
        }
        guard let cpu else { return .client("Fargate requires that 'cpu' be defined at the task level.") }
        guard let memory else { return .client("Fargate requires that 'memory' be defined at the task level.") }
        let isWindows = operatingSystemFamily?.hasPrefix("WINDOWS") ?? false
        guard FargateSize.admits(cpu: cpu, memory: memory), !isWindows || cpu.value >= 1024 else {
            return .client(
                "No Fargate configuration exists for given values: \(cpu.value) CPU, \(memory.value) memory. "
                    + "See the Amazon ECS documentation for the valid values.")
        }
        return nil
    }

    private func fargateTaskFault(_ request: ECSShapes.RegisterTaskDefinitionRequest) -> ValidationFault? {
        if pidMode == .host {
            return .client(
                "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is "
                    + "'task'.")
        }
        if ipcMode != nil { return .client("Tasks using the Fargate launch type do not support ipcMode.") }
        let members = [
            ("constraints", !placementConstraints.isEmpty),
            ("sourcePath", volumes.contains { $0.sourcePath != nil }),
            ("dockerVolumeConfiguration", volumes.contains { $0.docker != nil }),
            (
                "fsxWindowsFileServerVolumeConfiguration",
                request.volumes?.contains { $0.fsxWindowsFileServerVolumeConfiguration != nil } == true
            ),
        ]
        return members.first(where: \.1).map { Self.notOnFargate($0.0) }
    }

    private func fargateContainerFault(_ request: ECSShapes.RegisterTaskDefinitionRequest) -> ValidationFault? {
        for container in containers {
            if let fault = container.fargateFault() ?? fargateLogFault(container) { return fault }
        }
        for shape in request.containerDefinitions ?? [] {
            if shape.resourceRequirements?.isEmpty == false {
                return .client("Tasks using the Fargate launch type do not support GPU resource requirements.")
            }
            if shape.credentialSpecs?.isEmpty == false { return Self.notOnFargate("credentialSpecs") }
            if shape.firelensConfiguration?.options?["config-file-type"] == "s3" {
                return .client("Fargate launch type does not support FirelensConfiguration config file from 's3'")
            }
            if shape.repositoryCredentials != nil, executionRoleARN == nil {
                return .client(
                    "Fargate requires task definition to have execution role ARN to support private registry "
                        + "authentication.")
            }
        }
        if executionRoleARN == nil, containers.contains(where: \.isFromECR) {
            return .client("Fargate requires task definition to have execution role ARN to support ECR images.")
        }
        return nil
    }

    private func fargateLogFault(_ container: ContainerDefinition) -> ValidationFault? {
        guard let log = container.logConfiguration else { return nil }
        guard ["awslogs", "splunk", "awsfirelens"].contains(log.driver) else {
            return .client("Fargate does not support log driver '\(log.driver)'.")
        }
        guard log.driver == "awslogs" else { return nil }
        guard log.options.contains(where: { $0.key == "awslogs-stream-prefix" }) else {
            return .client("Log driver awslogs requires options: awslogs-stream-prefix")
        }
        return executionRoleARN == nil
            ? .client("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
            : nil
    }

    fileprivate static func notOnFargate(_ member: String) -> ValidationFault {
        .client("Fargate compatible task definitions do not support \(member).")
    }
}

extension ContainerDefinition {
    /// Whether the image lies in a private registry of Amazon ECR: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/…`.
    var isFromECR: Bool {
        let host = image.split(separator: "/").first ?? ""
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 6 && parts[1] == "dkr" && parts[2] == "ecr" && parts[4] == "amazonaws"
            && image.contains("/")
    }

    fileprivate func fargateFault() -> ValidationFault? {
        let members = [
            ("privileged", privileged == true), ("devices", !devices.isEmpty),
            ("sharedMemorySize", sharedMemorySize != nil), ("maxSwap", maxSwap != nil),
            ("swappiness", swappiness != nil), ("dockerSecurityOptions", !dockerSecurityOptions.isEmpty),
        ]
        if let first = members.first(where: \.1) { return TaskDefinition.notOnFargate(first.0) }
        if let capability = addCapabilities.first(where: { $0 != "SYS_PTRACE" }) {
            return .client("\(capability) is not allowed on Fargate.")
        }
        if let limit = ulimits.first(where: { $0.name != "nofile" }) {
            return TaskDefinition.notOnFargate("ulimit \(limit.name)")
        }
        for (member, value) in [("startTimeout", startTimeout), ("stopTimeout", stopTimeout)] {
            if let value, !(2...120).contains(value) {
                return .client(
                    "Invalid '\(member)' setting for container '\(name)': \(value). Fargate takes 2 to 120.")
            }
        }
        return nil
    }
}
