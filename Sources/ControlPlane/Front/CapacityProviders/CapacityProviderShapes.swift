import Domain
import ECSShapes
import Identifiers

extension ECSShapes.CapacityProvider {
    /// A stored provider as the API shows it.
    init(_ record: CapacityProviderRecord, showsTags: Bool) {
        self.init(
            capacityProviderArn: record.id.arn, name: record.id.name, status: record.status.wire,
            autoScalingGroupProvider: ECSShapes.AutoScalingGroupProvider(record),
            updateStatus: record.update?.wire, updateStatusReason: record.updateReason,
            tags: showsTags ? record.tags.tagShapes : [], type: "EC2_AUTOSCALING")
    }

    /// A built-in provider.
    init(_ provider: FargateProvider, _ scope: Scope) {
        self.init(
            capacityProviderArn: CapacityProviderID(scope: scope, name: provider.rawValue).arn,
            name: provider.rawValue, status: CapacityProviderStatus.active.wire, tags: [], type: provider.rawValue)
    }
}

extension ECSShapes.AutoScalingGroupProvider {
    fileprivate init(_ record: CapacityProviderRecord) {
        let scaling = record.managedScaling
        self.init(
            autoScalingGroupArn: record.autoScalingGroup,
            managedScaling: ECSShapes.ManagedScaling(
                status: scaling.isEnabled ? "ENABLED" : "DISABLED", targetCapacity: scaling.targetCapacity,
                minimumScalingStepSize: scaling.minimumStepSize, maximumScalingStepSize: scaling.maximumStepSize,
                instanceWarmupPeriod: scaling.instanceWarmupPeriod),
            managedTerminationProtection: record.isProtectedFromTermination ? "ENABLED" : "DISABLED",
            managedDraining: record.isDrained ? "ENABLED" : "DISABLED")
    }
}

extension CapacityProviderStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .inactive: "INACTIVE"
        }
    }
}

extension CapacityProviderUpdate {
    var wire: String {
        switch self {
        case .updateComplete: "UPDATE_COMPLETE"
        case .deleteComplete: "DELETE_COMPLETE"
        case .deleteFailed: "DELETE_FAILED"
        }
    }
}
