import Domain
import ECSShapes

/// A shape that says where tasks run: by launch type or by strategy, never by both.
protocol CapacityShape {
    var launchType: String? { get set }
    var capacityProviderStrategy: [ECSShapes.CapacityProviderStrategyItem]? { get set }
    var platformVersion: String? { get set }
    var platformFamily: String? { get set }
}

extension ECSShapes.Service: CapacityShape {}
extension ECSShapes.Deployment: CapacityShape {}
extension ECSShapes.TaskSet: CapacityShape {}
extension ECSShapes.ServiceRevision: CapacityShape {}

extension CapacityShape {
    /// - Parameter platform: shown of tasks on managed capacity only.
    mutating func setCapacity(_ type: LaunchType, _ strategy: [CapacityProviderItem], platform: String) {
        if strategy.isEmpty {
            launchType = type.wireName
        } else {
            capacityProviderStrategy = strategy.map(ECSShapes.CapacityProviderStrategyItem.init)
        }
        guard type.isManaged else { return }
        platformVersion = platform
        platformFamily = "Linux"
    }
}

/// The platform version that a deployment runs on: `LATEST` is a name for the newest.
func resolvedPlatform(_ asked: String?) -> String { asked == nil || asked == "LATEST" ? "1.4.0" : asked ?? "1.4.0" }
