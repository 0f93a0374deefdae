import AWSWire
import Domain
import ECSShapes
import Identifiers

extension ClusterConfiguration {
    /// Replaces the parts that the request has.
    ///
    /// - Throws: `InvalidParameterException` when the log configuration and the way of logging do not fit.
    mutating func apply(_ shape: ECSShapes.ClusterConfiguration) throws(APIFault) {
        if let command = shape.executeCommandConfiguration {
            executeCommand = try ExecuteCommandConfiguration(command)
        }
        if let storage = shape.managedStorageConfiguration { storageKMSKey = storage.kmsKeyId?.nonEmpty }
    }
}

extension ExecuteCommandConfiguration {
    fileprivate init(_ shape: ECSShapes.ExecuteCommandConfiguration) throws(APIFault) {
        self.init()
        kmsKey = shape.kmsKeyId?.nonEmpty
        if let word = shape.logging, let wanted = Logging(wire: word) { logging = wanted }
        log = shape.logConfiguration.map(Log.init)
        guard (logging == .override) == (log != nil) else {
            throw .invalidParameter(
                "executeCommandConfiguration: logConfiguration must be specified with logging OVERRIDE and only with it."
            )
        }
    }
}

extension ExecuteCommandConfiguration.Log {
    fileprivate init(_ shape: ECSShapes.ExecuteCommandLogConfiguration) {
        self.init()
        group = shape.cloudWatchLogGroupName
        isGroupEncrypted = shape.cloudWatchEncryptionEnabled ?? false
        bucket = shape.s3BucketName
        isBucketEncrypted = shape.s3EncryptionEnabled ?? false
        keyPrefix = shape.s3KeyPrefix
    }
}

extension ExecuteCommandConfiguration.Logging {
    fileprivate init?(wire: String) {
        switch wire {
        case "NONE": self = .none
        case "DEFAULT": self = .standard
        case "OVERRIDE": self = .override
        default: return nil
        }
    }

    fileprivate var wire: String {
        switch self {
        case .none: "NONE"
        case .standard: "DEFAULT"
        case .override: "OVERRIDE"
        }
    }
}

extension ECSShapes.ClusterConfiguration {
    init(_ configuration: ClusterConfiguration) {
        self.init(
            executeCommandConfiguration: configuration.executeCommand.map(ECSShapes.ExecuteCommandConfiguration.init),
            managedStorageConfiguration: configuration.storageKMSKey.map {
                ECSShapes.ManagedStorageConfiguration(kmsKeyId: $0)
            })
    }
}

extension ECSShapes.ExecuteCommandConfiguration {
    fileprivate init(_ configuration: ExecuteCommandConfiguration) {
        self.init(
            kmsKeyId: configuration.kmsKey, logging: configuration.logging.wire,
            logConfiguration: configuration.log.map { log in
                ECSShapes.ExecuteCommandLogConfiguration(
                    cloudWatchLogGroupName: log.group, cloudWatchEncryptionEnabled: log.isGroupEncrypted,
                    s3BucketName: log.bucket, s3EncryptionEnabled: log.isBucketEncrypted, s3KeyPrefix: log.keyPrefix)
            })
    }
}

/// The default namespace of Service Connect, as requests name it.
enum ServiceConnectNamespace {
    /// - Returns: nil for the empty name, which takes the default away.
    /// - Throws: `InvalidParameterException` for a name that Cloud Map would not take.
    static func checked(_ text: String) throws(APIFault) -> String? {
        guard !text.isEmpty else { return nil }
        let isARN = text.hasPrefix("arn:")
        guard text.unicodeScalars.count <= 1024, isARN || !text.contains(where: { "<>\"/".contains($0) }) else {
            throw .invalidParameter(
                "Invalid namespace '\(text.prefix(100))': a name can have up to 1024 characters and none of < > \" /.")
        }
        return text
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
