import AWSWire
import Domain
import ECSShapes
import Identifiers

/// On what kind of capacity tasks run: what RunTask and services share.
struct LaunchTarget: Hashable, Sendable {
    var launchType: LaunchType
    /// Empty when a launch type was asked for.
    var strategy: [CapacityProviderItem]
    /// `LATEST` when the caller named none; nil on own capacity.
    var platformVersion: String?

    /// - Throws: `InvalidParameterException` for both a launch type and a strategy, or a definition that cannot run there;
    ///   `PlatformUnknownException`; `UnsupportedFeatureException` for Managed Instances.
    init(
        launchType: String?, strategy: [ECSShapes.CapacityProviderStrategyItem]?, platformVersion: String?,
        cluster: ClusterRecord, definition: TaskDefinition
    ) throws(APIFault) {
        if launchType != nil, strategy?.isEmpty == false {
            throw .invalidParameter(
                "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
            )
        }
        if let name = launchType {
            guard let type = LaunchType(wire: name) else {
                throw .unsupportedFeature("The launch type \(name) is not built yet.")
            }
            self.launchType = type
            self.strategy = []
        } else {
            let asked = try CapacityStrategy.checked(
                strategy, associated: cluster.capacityProviders, cluster.id.scope)
            self.strategy = asked.isEmpty ? cluster.defaultStrategy : asked
            self.launchType = self.strategy.launchType
        }
        try Self.check(definition, supports: self.launchType)
        try setPlatform(platformVersion)
    }

    static func check(_ definition: TaskDefinition, supports type: LaunchType) throws(APIFault) {
        if definition.compatibilities.contains(type) { return }
        throw .invalidParameter("Task definition does not support launch_type \(type.wireName).")
    }

    mutating func setPlatform(_ version: String?) throws(APIFault) {
        guard launchType.isManaged else {
            if version != nil {
                throw .invalidParameter("The platform version must be null when specifying an EC2 launch type.")
            }
            platformVersion = nil
            return
        }
        if let version, !["LATEST", "1.4.0"].contains(version) {
            throw .platformUnknown("The specified platform does not exist.")
        }
        platformVersion = version ?? "LATEST"
    }
}
