import AWSWire
import Domain
import ECSShapes

/// The settings of clusters by name; `containerInsights` is the only one, with what the account says as its default.
enum ClusterSettings {
    /// `settings` with those of a request in their place, sorted by name.
    ///
    /// - Throws: `InvalidParameterException` for a value that ECS does not have.
    static func merged(
        _ settings: [KeyValue], _ changes: [ECSShapes.ClusterSetting]?
    ) throws(APIFault) -> [KeyValue] {
        var merged = settings
        for change in changes ?? [] {
            let setting = KeyValue(key: change.name ?? "", value: change.value ?? "")
            guard ["enabled", "disabled", "enhanced"].contains(setting.value) else {
                throw .invalidParameter(
                    "Invalid value '\(setting.value.prefix(100))' for the cluster setting \(setting.key): it must be "
                        + "enabled, disabled or enhanced.")
            }
            merged.removeAll { $0.key == setting.key }
            merged.append(setting)
        }
        return merged.sorted { $0.key < $1.key }
    }
}
