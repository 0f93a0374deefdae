import Domain

/// What hosts must offer for a definition.
extension TaskDefinition {
    /// Names of the agent attributes that the definition's features need, sorted.
    /// - Source: amazon-ecs-agent, `agent/app/agent_capability.go`: what agents register.
    func computedAttributes() -> [String] {
        var names: Set<String> = []
        if effectiveNetworkMode == .awsvpc { names.insert("ecs.capability.task-eni") }
        if cpu != nil || memory != nil { names.insert("ecs.capability.task-cpu-mem-limit") }
        if taskRoleARN != nil {
            names.insert(Self.docker + "task-iam-role" + (networkMode == .host ? "-network-host" : ""))
        }
        if pidMode != nil || ipcMode != nil { names.insert("ecs.capability.pid-ipc-namespace-sharing") }
        for volume in volumes {
            guard let docker = volume.docker else { continue }
            names.insert("ecs.capability.docker-plugin.\(docker.driver ?? "local")")
        }
        for container in containers {
            names.formUnion(container.requiredFeatures)
            names.formUnion(container.requiredDockerVersions)
            if container.isFromECR {
                names.insert(Self.docker + "ecr-auth")
                if executionRoleARN != nil { names.insert("ecs.capability.execution-role-ecr-pull") }
            }
            if container.logConfiguration?.driver == "awslogs", executionRoleARN != nil {
                names.insert("ecs.capability.execution-role-awslogs")
            }
        }
        return names.sorted()
    }

    fileprivate static let docker = "com.amazonaws.ecs.capability."
}

extension ContainerDefinition {
    fileprivate var requiredFeatures: [String] {
        [
            (healthCheck != nil, "ecs.capability.container-health-check"),
            (!dependsOn.isEmpty, "ecs.capability.container-ordering"),
            (restartPolicy?.enabled == true, "ecs.capability.container-restart-policy"),
            (
                portMappings.contains { $0.containerPortRange != nil },
                "ecs.capability.network.container-port-range"
            ),
            (privileged == true, TaskDefinition.docker + "privileged-container"),
            (logConfiguration != nil, TaskDefinition.docker + "logging-driver.\(logConfiguration?.driver ?? "")"),
        ].filter(\.0).map(\.1)
    }

    /// The versions of Docker's API in which a setting came.
    fileprivate var requiredDockerVersions: [String] {
        [
            (!ulimits.isEmpty || !dockerLabels.isEmpty || logConfiguration != nil, "1.18"),
            (logConfiguration?.options.isEmpty == false, "1.19"),
            (sharedMemorySize != nil || !tmpfs.isEmpty, "1.22"),
            (healthCheck != nil || !systemControls.isEmpty, "1.24"),
            (initProcessEnabled == true, "1.25"),
        ].filter(\.0).map { TaskDefinition.docker + "docker-remote-api." + $0.1 }
    }
}
