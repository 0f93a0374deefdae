import Domain
import ECSShapes

/// The text of an ARN.
enum AmazonResourceName {
    /// - Parameter services: those it may belong to; nil is any.
    static func check(_ text: String, services: Set<String>? = nil) throws(ValidationFault) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let isRight =
            parts.count == 6 && parts[0] == "arn" && !parts[1].isEmpty && !parts[2].isEmpty && !parts[5].isEmpty
            && services?.contains(String(parts[2])) ?? true
        guard isRight else { throw .client("Invalid arn syntax. Got '\(text.prefix(300))'.") }
    }
}

/// Rules about what a definition only refers to: secrets, files, credentials, devices, the proxy.
extension TaskDefinition {
    func checkReferences(in request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        if request.inferenceAccelerators?.isEmpty == false {
            throw .client("Unsupported field 'inferenceAccelerators'.")
        }
        let shapes = request.containerDefinitions ?? []
        for shape in shapes { try check(shape, name: shape.name ?? "") }
        let routers = shapes.filter { $0.firelensConfiguration != nil }.compactMap(\.name)
        guard routers.count <= 1 else {
            throw .client(
                "Invalid 'firelensConfiguration' setting: one container may have it, got \(routers.joined(separator: ", "))."
            )
        }
        if let user = containers.first(where: { $0.logConfiguration?.driver == "awsfirelens" }), routers.isEmpty {
            throw .client(
                "Invalid 'logConfiguration' setting for container '\(user.name)': log driver awsfirelens requires a "
                    + "container with a firelensConfiguration.")
        }
        if let proxy = request.proxyConfiguration { try check(proxy) }
    }

    private func check(_ shape: ECSShapes.ContainerDefinition, name: String) throws(ValidationFault) {
        let secrets = shape.secrets ?? []
        for secret in secrets + (shape.logConfiguration?.secretOptions ?? []) { try Self.check(secret, of: name) }
        let variables = Set((shape.environment ?? []).compactMap(\.name))
        let secretNames = secrets.compactMap(\.name)
        if let double = secretNames.first(where: variables.contains) ?? Self.firstDouble(secretNames) {
            throw .client(
                "The secret name must be unique and not shared with any new or existing environment variables set on the "
                    + "container, such as '\(double)'.")
        }
        if !secrets.isEmpty, executionRoleARN == nil {
            throw .client(
                "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
        }
        if let credentials = shape.repositoryCredentials?.credentialsParameter {
            try AmazonResourceName.check(credentials, services: ["secretsmanager"])
        }
        try Self.check(environmentFiles: shape.environmentFiles ?? [], of: name)
        try Self.check(credentialSpecs: shape.credentialSpecs ?? [], of: name)
        for requirement in shape.resourceRequirements ?? [] {
            guard requirement.type == "GPU", let count = Int(requirement.value ?? ""), count > 0 else {
                throw .client(
                    "Invalid 'resourceRequirements' setting for container '\(name)': \(requirement.type ?? "") "
                        + "'\((requirement.value ?? "").prefix(100))'. A number of GPU above 0 is needed.")
            }
        }
        if let router = shape.firelensConfiguration { try FirelensConfiguration.check(router, of: name) }
    }

    private static func check(_ secret: ECSShapes.Secret, of name: String) throws(ValidationFault) {
        guard let key = secret.name, !key.isEmpty, let source = secret.valueFrom, !source.isEmpty else {
            throw .client("Invalid 'secrets' setting for container '\(name)': name and valueFrom are needed.")
        }
        if source.hasPrefix("arn:") { try AmazonResourceName.check(source, services: ["secretsmanager", "ssm"]) }
    }

    private static func check(
        environmentFiles files: [ECSShapes.EnvironmentFile], of name: String
    ) throws(ValidationFault) {
        guard files.count <= 10 else {
            throw .client(
                "The maximum number of environment files was exceeded. Specify ten or less and try again: container "
                    + "'\(name)', \(files.count) files.")
        }
        for file in files {
            let value = file.value ?? ""
            try AmazonResourceName.check(value, services: ["s3"])
            guard value.hasSuffix(".env") else {
                throw .client(
                    "Invalid 'environmentFiles' setting for container '\(name)': '\(value.prefix(300))' does not end in "
                        + ".env.")
            }
        }
    }

    private static func check(credentialSpecs specs: [String], of name: String) throws(ValidationFault) {
        let prefixes = ["credentialspec:", "credentialspecdomainless:"]
        guard specs.count <= 1 else {
            throw .client("Invalid 'credentialSpecs' setting for container '\(name)': \(specs.count); one is allowed.")
        }
        for spec in specs {
            guard let prefix = prefixes.first(where: spec.hasPrefix) else {
                throw .client("Invalid 'credentialSpecs' setting for container '\(name)': '\(spec.prefix(300))'.")
            }
            try AmazonResourceName.check(String(spec.dropFirst(prefix.count)), services: ["s3", "ssm"])
        }
    }

    private func check(_ proxy: ECSShapes.ProxyConfiguration) throws(ValidationFault) {
        guard effectiveNetworkMode == .awsvpc else {
            throw .client("APPMESH proxy configuration is only supported in networkMode=awsvpc.")
        }
        let name = proxy.containerName ?? ""
        guard containers.contains(where: { $0.name == name }) else {
            throw .client("Proxy container [\(name.prefix(255))] does not exist.")
        }
        let properties = Set((proxy.properties ?? []).filter { $0.value?.isEmpty == false }.compactMap(\.name))
        let required = [
            ("ProxyIngressPort", "Ingress port"), ("ProxyEgressPort", "Egress port"), ("AppPorts", "App ports"),
            ("EgressIgnoredIPs", "Egress ignored IPs"),
        ]
        for (property, words) in required where !properties.contains(property) {
            throw .client("\(words) not found: 'proxyConfiguration.properties' needs \(property).")
        }
        guard properties.contains("IgnoredUID") || properties.contains("IgnoredGID") else {
            throw .client(
                "Ignored UID or GID not found: 'proxyConfiguration.properties' needs IgnoredUID or IgnoredGID.")
        }
    }
}
