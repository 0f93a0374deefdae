import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Changes how the group behind a provider would be scaled, protected and drained.
struct UpdateCapacityProvider: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateCapacityProviderRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateCapacityProviderResponse {
        try AcceptedSettings.check(.capacityProvider, request)
        guard let change = request.autoScalingGroupProvider else {
            throw .client("autoScalingGroupProvider must be specified.")
        }
        if request.cluster != nil {
            throw .client("cluster can be specified only with managedInstancesProvider.")
        }
        let id = try CapacityProviderID.changeable(request.name, call.scope)
        let record = try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.activeProvider(id)
            try record.apply(change.managedScaling, change.managedTerminationProtection, change.managedDraining)
            record.update = .updateComplete
            record.updateReason = nil
            transaction.put(record)
            return record
        }
        return ECSShapes.UpdateCapacityProviderResponse(
            capacityProvider: ECSShapes.CapacityProvider(record, showsTags: true))
    }
}

extension CapacityProviderID {
    /// The provider that a caller wants to change or delete.
    ///
    /// - Throws: `ClientException` for the built-in ones, and for what names no provider.
    static func changeable(_ reference: String?, _ scope: Scope) throws(APIFault) -> CapacityProviderID {
        guard let id = CapacityProviderID(reference: reference ?? "", scope) else { throw .noSuchProvider }
        if FargateProvider(rawValue: id.name) != nil {
            throw .client("The capacity provider \(id.name) is reserved: it can be neither changed nor deleted.")
        }
        return id
    }
}

extension StateSnapshot {
    func activeProvider(_ id: CapacityProviderID) throws(APIFault) -> CapacityProviderRecord {
        guard let record = capacityProviders[id], record.status == .active else { throw .noSuchProvider }
        return record
    }
}

extension APIFault {
    fileprivate static var noSuchProvider: APIFault {
        .client("The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
    }
}
