public import Domain
public import ECSShapes
import JSONBytes

extension TaskDefinition {
    /// Most containers of one task definition.
    /// - Source: Amazon ECS service quotas.
    static let containerLimit = 10
    /// Most bytes of a definition as JSON.
    /// - Source: Amazon ECS service quotas, "Task definition size limit".
    static let sizeLimit = 65_536
    /// Most placement constraints of a task, those of its definition included.
    static let constraintLimit = 10

    /// Checks a registration and fills in what ECS fills in.
    ///
    /// - Parameter request: one that already passed the service model's own constraints.
    /// - Throws: the first fault, as ECS words it; then, for what AWS would take, `.unsupported` for what Berth would
    ///   otherwise have to ignore.
    public init(validating request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        try FamilyName.check(request.family)
        let mode = try NetworkMode(validating: request.networkMode)
        try Self.checkSize(request)
        let shapes = request.containerDefinitions ?? []
        var containers: [ContainerDefinition] = []
        for shape in shapes {
            containers.append(try ContainerDefinition(validating: shape, mode: mode ?? .bridge))
        }
        self.init(containers: containers)
        networkMode = mode
        cpu = try TaskSize.cpu(request.cpu)
        memory = try TaskSize.memory(request.memory)
        volumes = try (request.volumes ?? []).map { shape throws(ValidationFault) in
            try VolumeDefinition(validating: shape)
        }
        placementConstraints = try Self.constraints(request.placementConstraints ?? [])
        taskRoleARN = try RoleName.check(request.taskRoleArn)
        executionRoleARN = try RoleName.check(request.executionRoleArn)
        cpuArchitecture = request.runtimePlatform?.cpuArchitecture
        operatingSystemFamily = request.runtimePlatform?.operatingSystemFamily
        ephemeralStorageGiB = request.ephemeralStorage?.sizeInGiB
        enableFaultInjection = request.enableFaultInjection
        pidMode = request.pidMode.flatMap(PIDMode.init(rawValue:))
        ipcMode = request.ipcMode.flatMap(IPCMode.init(rawValue:))
        try checkContainersTogether(request)
        try checkSizes()
        try checkReferences(in: request)
        try checkLaunchTypes(request)
        try UnsupportedSettings.refuse(request)
        try UnsupportedSettings.refuseLargeRanges(self)
        requiresCompatibilities = (request.requiresCompatibilities ?? []).compactMap(LaunchType.init(compatibility:))
        compatibilities = computedCompatibilities(request)
        requiresAttributes = computedAttributes()
    }

    private static func checkSize(_ request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        let count = request.containerDefinitions?.count ?? 0
        guard count > 0 else { throw .client("Container list cannot be empty.") }
        guard count <= containerLimit else {
            throw .client("Too many containers: \(count). A task definition may have at most \(containerLimit).")
        }
        let bytes = request.jsonBytes().count
        guard bytes <= sizeLimit else {
            throw .client("Actual length: '\(bytes)'. Max allowed length is '\(sizeLimit)' bytes.")
        }
    }

    private static func constraints(
        _ shapes: [ECSShapes.TaskDefinitionPlacementConstraint]
    ) throws(ValidationFault) -> [PlacementConstraint] {
        guard shapes.count <= constraintLimit else {
            throw .client("Too many placementConstraints: \(shapes.count). At most \(constraintLimit) are allowed.")
        }
        return try shapes.map { shape throws(ValidationFault) in
            guard shape.type == "memberOf", let expression = shape.expression, !expression.isEmpty else {
                throw .client(
                    "Invalid 'placementConstraints' setting: a task definition takes type memberOf with an expression.")
            }
            return .memberOf(expression)
        }
    }
}

extension NetworkMode {
    init?(validating text: String?) throws(ValidationFault) {
        guard let text else { return nil }
        guard let mode = NetworkMode(rawValue: text) else {
            throw .client("Invalid 'networkMode' setting: '\(text)'. Valid values are [awsvpc, bridge, host, none].")
        }
        self = mode
    }
}

extension LaunchType {
    /// A value of `requiresCompatibilities`; nil for one that Berth does not have.
    init?(compatibility text: String) {
        switch text {
        case "EC2": self = .ec2
        case "FARGATE": self = .fargate
        case "EXTERNAL": self = .external
        default: return nil
        }
    }
}

enum FamilyName {
    /// Up to 255 letters, digits, hyphens and underscores.
    static func check(_ family: String?) throws(ValidationFault) {
        guard let family, !family.isEmpty else { throw .client("Family cannot be empty.") }
        guard isName(family) else {
            throw .client("Family contains invalid characters: '\(family.prefix(300))'.")
        }
    }
}

enum RoleName {
    /// A short role name or a role's full ARN.
    static func check(_ role: String?) throws(ValidationFault) -> String? {
        guard let role, !role.isEmpty else { return nil }
        let parts = role.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1, role.utf8.count <= 64 { return role }
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[5].hasPrefix("role/") else {
            throw .client("Role is not valid: '\(role.prefix(300))'.")
        }
        return role
    }
}

/// Whether `text` is 1 to 255 characters of `A-Z a-z 0-9 _ -`.
func isName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
}
