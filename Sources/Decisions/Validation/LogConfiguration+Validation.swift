import Domain
import ECSShapes

extension LogConfiguration {
    /// Options without which a driver does not work.
    private static let requiredOptions = [
        "awslogs": ["awslogs-region", "awslogs-group"], "splunk": ["splunk-url", "splunk-token"],
    ]

    init(validating shape: ECSShapes.LogConfiguration, container: String) throws(ValidationFault) {
        let driver = shape.logDriver ?? ""
        let options = shape.options ?? [:]
        let secret = Set((shape.secretOptions ?? []).compactMap(\.name))
        let missing = (Self.requiredOptions[driver] ?? []).filter { options[$0] == nil && !secret.contains($0) }
        guard missing.isEmpty else {
            throw .client("Log driver \(driver) requires options: \(missing.joined(separator: ", "))")
        }
        try Self.check(options, container: container)
        self.init(
            driver: driver, options: options.sorted { $0.key < $1.key }.map { KeyValue(key: $0, value: $1) })
    }

    private static func check(_ options: [String: String], container: String) throws(ValidationFault) {
        let choices = [("awslogs-create-group", ["true", "false"]), ("mode", ["blocking", "non-blocking"])]
        for (name, values) in choices {
            guard let value = options[name], !values.contains(value) else { continue }
            throw .client(
                "Invalid '\(name)' log option for container '\(container)': '\(value.prefix(100))'. Valid values are "
                    + "[\(values.joined(separator: ", "))].")
        }
        if options["awslogs-datetime-format"] != nil, options["awslogs-multiline-pattern"] != nil {
            throw .client(
                "Invalid log options for container '\(container)': awslogs-datetime-format and awslogs-multiline-pattern "
                    + "cannot be used together.")
        }
    }
}

/// The log router of a task.
enum FirelensConfiguration {
    private static let options: Set<String> = ["enable-ecs-log-metadata", "config-file-type", "config-file-value"]

    static func check(_ shape: ECSShapes.FirelensConfiguration, of name: String) throws(ValidationFault) {
        let options = shape.options ?? [:]
        if let unknown = options.keys.sorted().first(where: { !Self.options.contains($0) }) {
            throw invalid(unknown, options[unknown] ?? "", of: name)
        }
        if let value = options["enable-ecs-log-metadata"], !["true", "false"].contains(value) {
            throw invalid("enable-ecs-log-metadata", value, of: name)
        }
        let file = options["config-file-value"] ?? ""
        switch options["config-file-type"] {
        case nil where file.isEmpty: return
        case "file" where !file.isEmpty: return
        case "s3": try AmazonResourceName.check(file, services: ["s3"])
        case let type: throw invalid("config-file-type", type ?? "absent", of: name)
        }
    }

    private static func invalid(_ option: String, _ value: String, of name: String) -> ValidationFault {
        .client(
            "Invalid 'firelensConfiguration' setting for container '\(name)': option '\(option.prefix(100))' may not be "
                + "'\(value.prefix(100))'.")
    }
}
