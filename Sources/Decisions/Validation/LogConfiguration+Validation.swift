import Domain
import ECSShapes

extension LogConfiguration {
    /// Drivers whose output Berth keeps itself; any other would lose lines that someone waits for elsewhere.
    private static let kept: Set<String> = ["awslogs", "json-file"]

    init(validating shape: ECSShapes.LogConfiguration) throws(ValidationFault) {
        let driver = shape.logDriver ?? ""
        guard Self.kept.contains(driver) else {
            throw ValidationFault(
                .unsupported,
                "Log driver '\(driver)' is not built yet: use awslogs or json-file, or name none. "
                    + "Berth keeps the output on the host either way; 'berth logs TASK' shows it.")
        }
        if shape.secretOptions?.isEmpty == false {
            throw ValidationFault(.unsupported, "logConfiguration.secretOptions is not built yet.")
        }
        let options = shape.options ?? [:]
        if driver == "awslogs" {
            let missing = ["awslogs-region", "awslogs-group"].filter { options[$0] == nil }
            guard missing.isEmpty else {
                throw .client("Log driver awslogs requires options: \(missing.joined(separator: ", "))")
            }
        }
        self.init(
            driver: driver, options: options.sorted { $0.key < $1.key }.map { KeyValue(key: $0, value: $1) })
    }
}

extension VolumeDefinition {
    init(validating shape: ECSShapes.Volume) throws(ValidationFault) {
        guard let name = shape.name, isName(name) else {
            throw .client("Volume.name should be 1 to 255 letters, digits, hyphens or underscores.")
        }
        let unsupported = [
            ("dockerVolumeConfiguration", shape.dockerVolumeConfiguration != nil),
            ("efsVolumeConfiguration", shape.efsVolumeConfiguration != nil),
            ("s3filesVolumeConfiguration", shape.s3filesVolumeConfiguration != nil),
            ("fsxWindowsFileServerVolumeConfiguration", shape.fsxWindowsFileServerVolumeConfiguration != nil),
            ("configuredAtLaunch", shape.configuredAtLaunch == true),
        ]
        if let first = unsupported.first(where: \.1) {
            throw ValidationFault(.unsupported, "Volume '\(name)': \(first.0) is not built yet.")
        }
        let source = shape.host?.sourcePath.flatMap { $0.isEmpty ? nil : $0 }
        if let source, !source.hasPrefix("/") {
            throw .client("Volume '\(name)': host.sourcePath must be absolute, got '\(source.prefix(300))'.")
        }
        self.init(name: name, sourcePath: source)
    }
}
