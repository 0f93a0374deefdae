import ECSShapes

/// Refuses what would change a task's correctness or security if it were ignored.
///
/// This is the closed list for task definitions; what is not on it is acted on, or inert and reported
/// (`AcceptedSettings` in the front).
func refuseUnsupported(_ request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
    let task = [
        ("proxyConfiguration", request.proxyConfiguration != nil),
        ("inferenceAccelerators", request.inferenceAccelerators?.isEmpty == false),
        ("pidMode", request.pidMode != nil),
        ("ipcMode", request.ipcMode != nil),
        ("enableFaultInjection", request.enableFaultInjection == true),
    ]
    if let first = task.first(where: \.1) {
        throw ValidationFault(.unsupported, "\(first.0) is not built yet.")
    }
    if let family = request.runtimePlatform?.operatingSystemFamily, family != "LINUX" {
        throw ValidationFault(
            .unsupported, "runtimePlatform.operatingSystemFamily '\(family)' is not built yet: LINUX is.")
    }
    for container in request.containerDefinitions ?? [] {
        let settings = [
            ("repositoryCredentials", container.repositoryCredentials != nil),
            ("links", container.links?.isEmpty == false),
            ("environmentFiles", container.environmentFiles?.isEmpty == false),
            ("volumesFrom", container.volumesFrom?.isEmpty == false),
            ("linuxParameters.devices", container.linuxParameters?.devices?.isEmpty == false),
            ("linuxParameters.maxSwap", container.linuxParameters?.maxSwap != nil),
            ("linuxParameters.swappiness", container.linuxParameters?.swappiness != nil),
            ("interactive", container.interactive == true),
            ("secrets", container.secrets?.isEmpty == false),
            ("disableNetworking", container.disableNetworking == true),
            ("dockerSecurityOptions", container.dockerSecurityOptions?.isEmpty == false),
            ("resourceRequirements", container.resourceRequirements?.isEmpty == false),
            ("firelensConfiguration", container.firelensConfiguration != nil),
            ("credentialSpecs", container.credentialSpecs?.isEmpty == false),
            (
                "portMappings.containerPortRange",
                container.portMappings?.contains { $0.containerPortRange != nil } == true
            ),
        ]
        if let first = settings.first(where: \.1) {
            throw ValidationFault(
                .unsupported, "\(first.0) of container '\(container.name ?? "")' is not built yet.")
        }
    }
}
