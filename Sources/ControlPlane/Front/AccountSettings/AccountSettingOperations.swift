import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on account settings.
enum AccountSettingOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(PutAccountSetting(store: ports.store)), Operation(PutAccountSettingDefault(store: ports.store)),
            Operation(DeleteAccountSetting(store: ports.store)), Operation(ListAccountSettings(store: ports.store)),
        ]
    }
}

/// Sets a value for one principal; for the root user it is the account's default.
struct PutAccountSetting: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.PutAccountSettingRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.PutAccountSettingResponse {
        let principal = try AccountSettings.principal(request.principalArn, call)
        return ECSShapes.PutAccountSettingResponse(
            setting: try await AccountSettings.put(request.name, request.value, for: principal, call, in: store))
    }
}

/// Sets the value that holds for every principal without one of its own.
struct PutAccountSettingDefault: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.PutAccountSettingDefaultRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.PutAccountSettingDefaultResponse {
        ECSShapes.PutAccountSettingDefaultResponse(
            setting: try await AccountSettings.put(
                request.name, request.value, for: call.scope.rootARN, call, in: store))
    }
}

/// Forgets a principal's value; shows what holds for it then.
struct DeleteAccountSetting: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteAccountSettingRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteAccountSettingResponse {
        let name = try AccountSettings.name(request.name)
        let principal = try AccountSettings.principal(request.principalArn, call)
        if name.isManaged {
            throw .invalidParameter("The account setting \(name.rawValue) is managed by AWS and read-only.")
        }
        var setting = try await store.write { transaction throws(APIFault) in
            transaction.delete(
                .accountSetting(AccountSettingID(scope: call.scope, name: name.rawValue, principal: principal)))
            return transaction.state.setting(name, of: principal, call.scope)
        }
        setting.principal = principal
        return ECSShapes.DeleteAccountSettingResponse(setting: setting.shape)
    }
}

/// Lists what was set for a principal, or all that holds for it.
struct ListAccountSettings: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListAccountSettingsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListAccountSettingsResponse {
        let paging = try Paging(request.maxResults, request.nextToken, standard: 10, limit: 10)
        let principal = try AccountSettings.principal(request.principalArn, call)
        if request.value != nil, request.name == nil {
            throw .invalidParameter("You must specify an account setting name to filter by value.")
        }
        var names = AccountSettingName.allCases.sorted { $0.rawValue < $1.rawValue }
        if let name = request.name { names = [try AccountSettings.name(name)] }
        let state = store.committed()
        let isEffective = request.effectiveSettings ?? false
        let settings = names.map { state.setting($0, of: principal, call.scope) }.filter { setting in
            let id = AccountSettingID(scope: call.scope, name: setting.name.rawValue, principal: principal)
            return (isEffective || state.accountSettings[id] != nil)
                && (request.value.map { setting.value == $0 } ?? true)
        }
        let (page, token) = paging.page(settings) { $0.name.rawValue }
        return ECSShapes.ListAccountSettingsResponse(settings: page.map(\.shape), nextToken: token)
    }
}
