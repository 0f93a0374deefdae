import Domain
import ECSShapes

extension VolumeDefinition {
    init(validating shape: ECSShapes.Volume) throws(ValidationFault) {
        guard let name = shape.name, isName(name) else {
            throw .client(
                "Invalid 'volumes.name' setting: '\((shape.name ?? "").prefix(300))' should be 1 to 255 letters, digits, "
                    + "hyphens or underscores.")
        }
        self.init(name: name, sourcePath: try Self.sourcePath(shape.host, of: name))
        let kinds = [
            ("host.sourcePath", sourcePath != nil),
            ("dockerVolumeConfiguration", shape.dockerVolumeConfiguration != nil),
            ("efsVolumeConfiguration", shape.efsVolumeConfiguration != nil),
            ("s3filesVolumeConfiguration", shape.s3filesVolumeConfiguration != nil),
            ("fsxWindowsFileServerVolumeConfiguration", shape.fsxWindowsFileServerVolumeConfiguration != nil),
            ("configuredAtLaunch", shape.configuredAtLaunch == true),
        ].filter(\.1).map(\.0)
        guard kinds.count <= 1 else {
            throw .client("Volume '\(name)' may be of one kind only, got \(kinds.joined(separator: " and ")).")
        }
        docker = try shape.dockerVolumeConfiguration.map { shape throws(ValidationFault) in
            try DockerVolume(validating: shape, of: name)
        }
        if let efs = shape.efsVolumeConfiguration { try Self.check(efs, of: name) }
        if let files = shape.s3filesVolumeConfiguration { try Self.check(files, of: name) }
        if let fsx = shape.fsxWindowsFileServerVolumeConfiguration {
            let credentials = fsx.authorizationConfig?.credentialsParameter ?? ""
            try AmazonResourceName.check(credentials, services: ["secretsmanager", "ssm"])
        }
    }

    private static func sourcePath(
        _ host: ECSShapes.HostVolumeProperties?, of name: String
    ) throws(ValidationFault) -> String? {
        guard let source = host?.sourcePath, !source.isEmpty else { return nil }
        guard source.hasPrefix("/") else {
            throw .client(
                "Invalid 'host.sourcePath' setting for volume '\(name)': '\(source.prefix(300))' is not absolute.")
        }
        return source
    }

    private static func check(
        _ efs: ECSShapes.EFSVolumeConfiguration, of name: String
    ) throws(ValidationFault) {
        let id = efs.fileSystemId ?? ""
        guard id.hasPrefix("fs-") || id.hasPrefix("arn:") else {
            throw .client("Invalid 'fileSystemId' setting for volume '\(name)': '\(id.prefix(100))'.")
        }
        let isEncrypted = efs.transitEncryption == "ENABLED"
        let accessPoint = efs.authorizationConfig?.accessPointId
        if efs.authorizationConfig?.iam == "ENABLED", !isEncrypted {
            throw .client("EFS IAM authorization requires TransitEncryption to be enabled: volume '\(name)'.")
        }
        if accessPoint != nil, !isEncrypted {
            throw .client("EFS access points require TransitEncryption to be enabled: volume '\(name)'.")
        }
        if let port = efs.transitEncryptionPort {
            guard isEncrypted else {
                throw .client("TransitEncryptionPort requires that TransitEncryption is enabled: volume '\(name)'.")
            }
            try check(port: port, of: name)
        }
        if accessPoint != nil, let root = efs.rootDirectory, !root.isEmpty, root != "/" {
            throw .client(
                "When using an EFS access point, the root directory must either be set to \"/\" or be omitted: volume "
                    + "'\(name)', '\(root.prefix(100))'.")
        }
    }

    private static func check(
        _ files: ECSShapes.S3FilesVolumeConfiguration, of name: String
    ) throws(ValidationFault) {
        try AmazonResourceName.check(files.fileSystemArn ?? "")
        if let accessPoint = files.accessPointArn { try AmazonResourceName.check(accessPoint) }
        if let port = files.transitEncryptionPort { try check(port: port, of: name) }
    }

    private static func check(port: Int, of name: String) throws(ValidationFault) {
        guard (0...65535).contains(port) else {
            throw .client("Invalid 'transitEncryptionPort' setting for volume '\(name)': \(port).")
        }
    }
}

extension DockerVolume {
    init(validating shape: ECSShapes.DockerVolumeConfiguration, of name: String) throws(ValidationFault) {
        let word = shape.scope ?? Scope.task.rawValue
        guard let scope = Scope(rawValue: word) else {
            throw .client("Invalid 'scope' setting for volume '\(name)': '\(word)'. Valid values are [task, shared].")
        }
        if shape.autoprovision == true, scope == .task {
            throw .client("Invalid 'autoprovision' setting for volume '\(name)': it is for the scope 'shared' only.")
        }
        self.init(
            scope: scope, autoprovision: shape.autoprovision, driver: shape.driver,
            labels: (shape.labels ?? [:]).sorted { $0.key < $1.key }.map { KeyValue(key: $0, value: $1) })
    }
}
