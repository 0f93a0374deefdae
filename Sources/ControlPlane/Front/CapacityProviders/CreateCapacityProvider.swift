import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Stores a provider of an Auto Scaling group; hosts that join with its name are its capacity.
struct CreateCapacityProvider: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.CreateCapacityProviderRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateCapacityProviderResponse {
        try AcceptedSettings.check(.capacityProvider, request)
        let record = try Self.record(request, call)
        try await store.write { transaction throws(APIFault) in
            let active = transaction.state.capacityProviders.values().lazy.map { $0.1 }.filter {
                $0.status == .active && $0.id.scope == call.scope
            }
            if active.contains(where: { $0.id == record.id }) {
                throw .client(
                    "The specified capacity provider already exists. To change the configuration of an existing capacity "
                        + "provider, update the capacity provider.")
            }
            if active.contains(where: { $0.autoScalingGroup == record.autoScalingGroup }) {
                throw .client(
                    "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a "
                        + "unique Auto Scaling group ARN and try again.")
            }
            transaction.put(record)
        }
        return ECSShapes.CreateCapacityProviderResponse(
            capacityProvider: ECSShapes.CapacityProvider(record, showsTags: true))
    }

    private static func record(
        _ request: ECSShapes.CreateCapacityProviderRequest, _ call: APICall
    ) throws(APIFault) -> CapacityProviderRecord {
        let name = request.name ?? ""
        guard isFree(name) else {
            throw .client(
                "The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters "
                    + "(upper and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with "
                    + "\"aws\", \"ecs\", or \"fargate\". Specify a valid name and try again.")
        }
        guard let group = request.autoScalingGroupProvider else {
            throw .client("autoScalingGroupProvider must be specified for the capacity provider '\(name)'.")
        }
        if request.cluster != nil {
            throw .client("cluster can be specified only with managedInstancesProvider.")
        }
        guard let groupName = group.autoScalingGroupArn, !groupName.isEmpty else {
            throw .client("The specified Auto Scaling group ARN is not valid: it is empty.")
        }
        var record = CapacityProviderRecord(
            id: CapacityProviderID(scope: call.scope, name: name), createdAt: call.now, autoScalingGroup: groupName,
            tags: try Tags.checked(request.tags))
        try record.apply(group.managedScaling, group.managedTerminationProtection, group.managedDraining)
        return record
    }

    /// Whether callers may give a provider that name.
    static func isFree(_ name: String) -> Bool {
        let reserved = ["aws", "ecs", "fargate"]
        return ResourceName.isValid(name) && !reserved.contains { name.lowercased().hasPrefix($0) }
    }
}

extension CapacityProviderRecord {
    /// Changes what is given; the rest stays.
    ///
    /// - Throws: `ClientException` for settings that exclude each other.
    mutating func apply(
        _ scaling: ECSShapes.ManagedScaling?, _ protection: String?, _ draining: String?
    ) throws(APIFault) {
        if let scaling {
            if let status = scaling.status { managedScaling.isEnabled = status == "ENABLED" }
            managedScaling.targetCapacity = scaling.targetCapacity ?? managedScaling.targetCapacity
            managedScaling.minimumStepSize = scaling.minimumScalingStepSize ?? managedScaling.minimumStepSize
            managedScaling.maximumStepSize = scaling.maximumScalingStepSize ?? managedScaling.maximumStepSize
            managedScaling.instanceWarmupPeriod = scaling.instanceWarmupPeriod ?? managedScaling.instanceWarmupPeriod
        }
        if let protection { isProtectedFromTermination = protection == "ENABLED" }
        if let draining { isDrained = draining == "ENABLED" }
        guard managedScaling.minimumStepSize <= managedScaling.maximumStepSize else {
            throw .client(
                "minimumScalingStepSize (\(managedScaling.minimumStepSize)) cannot be greater than "
                    + "maximumScalingStepSize (\(managedScaling.maximumStepSize)).")
        }
        guard !isProtectedFromTermination || managedScaling.isEnabled else {
            throw .client(
                "The managed termination protection setting for the capacity provider is invalid. To enable managed "
                    + "termination protection for a capacity provider, managed scaling must be enabled.")
        }
    }
}
