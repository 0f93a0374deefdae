import Domain
import ECSShapes

extension ECSShapes.ContainerDefinition {
    init(_ container: ContainerDefinition) {
        self.init()
        name = container.name
        image = container.image
        cpu = container.cpu.value
        memory = container.memory?.value
        memoryReservation = container.memoryReservation?.value
        essential = container.essential
        command = container.command
        entryPoint = container.entryPoint
        environment = container.environment.map { ECSShapes.KeyValuePair(name: $0.key, value: $0.value) }
        user = container.user
        workingDirectory = container.workingDirectory
        portMappings = container.portMappings.map { ECSShapes.PortMapping($0) }
        mountPoints = container.mountPoints.map {
            ECSShapes.MountPoint(
                sourceVolume: $0.volume, containerPath: $0.containerPath,
                readOnly: $0.isReadOnlySaid == false ? nil : $0.readOnly)
        }
        volumesFrom = container.volumesFrom.map {
            ECSShapes.VolumeFrom(sourceContainer: $0.container, readOnly: $0.readOnly)
        }
        links = container.links.nonEmpty?.map(\.text)
        systemControls = container.systemControls.map { ECSShapes.SystemControl(namespace: $0.key, value: $0.value) }
        dependsOn = container.dependsOn.nonEmpty?.map {
            ECSShapes.ContainerDependency(containerName: $0.container, condition: $0.condition.rawValue.uppercased())
        }
        startTimeout = container.startTimeout
        stopTimeout = container.stopTimeout
        restartPolicy = container.restartPolicy.map {
            ECSShapes.ContainerRestartPolicy(
                enabled: $0.enabled, ignoredExitCodes: $0.ignoredExitCodes, restartAttemptPeriod: $0.attemptPeriod)
        }
        healthCheck = container.healthCheck.map {
            ECSShapes.HealthCheck(
                command: $0.command, interval: $0.interval, timeout: $0.timeout, retries: $0.retries,
                startPeriod: $0.startPeriod)
        }
        setKernelSettings(container)
        setNames(container)
        logConfiguration = container.logConfiguration.map {
            ECSShapes.LogConfiguration(logDriver: $0.driver, options: $0.options.nonEmpty?.dictionary)
        }
    }

    private mutating func setKernelSettings(_ container: ContainerDefinition) {
        ulimits = container.ulimits.nonEmpty?.map {
            ECSShapes.Ulimit(name: $0.name, softLimit: $0.soft, hardLimit: $0.hard)
        }
        var linux = ECSShapes.LinuxParameters()
        if !container.addCapabilities.isEmpty || !container.dropCapabilities.isEmpty {
            linux.capabilities = ECSShapes.KernelCapabilities(
                add: container.addCapabilities.nonEmpty, drop: container.dropCapabilities.nonEmpty)
        }
        linux.tmpfs = container.tmpfs.nonEmpty?.map {
            ECSShapes.Tmpfs(containerPath: $0.containerPath, size: $0.size, mountOptions: $0.options.nonEmpty)
        }
        linux.devices = container.devices.nonEmpty?.map { device in
            ECSShapes.Device(
                hostPath: device.hostPath, containerPath: device.containerPath,
                permissions: device.permissions.nonEmpty?.map(\.rawValue))
        }
        linux.maxSwap = container.maxSwap
        linux.swappiness = container.swappiness
        linux.sharedMemorySize = container.sharedMemorySize
        linux.initProcessEnabled = container.initProcessEnabled
        linuxParameters = linux == ECSShapes.LinuxParameters() ? nil : linux
        dockerSecurityOptions = container.dockerSecurityOptions.nonEmpty
        privileged = container.privileged
        readonlyRootFilesystem = container.readonlyRootFilesystem
        pseudoTerminal = container.pseudoTerminal
        interactive = container.interactive
    }

    private mutating func setNames(_ container: ContainerDefinition) {
        hostname = container.hostname
        disableNetworking = container.disableNetworking
        extraHosts = container.extraHosts.nonEmpty?.map {
            ECSShapes.HostEntry(hostname: $0.key, ipAddress: $0.value)
        }
        dnsServers = container.dnsServers.nonEmpty
        dnsSearchDomains = container.dnsSearchDomains.nonEmpty
        dockerLabels = container.dockerLabels.nonEmpty?.dictionary
        versionConsistency = container.versionConsistency
    }
}

extension ECSShapes.PortMapping {
    init(_ mapping: PortMapping) {
        let isRange = mapping.containerPortRange != nil
        self.init(
            containerPort: isRange ? nil : mapping.containerPort, hostPort: isRange ? nil : mapping.hostPort,
            protocol: mapping.transport.rawValue, name: mapping.name, appProtocol: mapping.appProtocol,
            containerPortRange: mapping.containerPortRange?.text)
    }
}

extension Array {
    /// nil for an empty list: for members that AWS leaves out then.
    var nonEmpty: [Element]? { isEmpty ? nil : self }
}

extension [KeyValue] {
    var dictionary: [String: String] { Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last }) }
}
