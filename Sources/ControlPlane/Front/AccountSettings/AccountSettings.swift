import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore
import Validation

/// An account setting as it holds for a principal, and whose it is.
struct EffectiveSetting: Hashable, Sendable {
    var name: AccountSettingName
    var value: String
    /// The principal that has the value: the asked one, or the root user for all others.
    var principal: String

    var shape: ECSShapes.Setting {
        ECSShapes.Setting(
            name: name.rawValue, value: value, principalArn: principal, type: name.isManaged ? "aws_managed" : "user")
    }
}

extension StateSnapshot {
    /// What holds for a principal: its own value, else that of the root user, else ECS's own.
    func setting(_ name: AccountSettingName, of principal: String, _ scope: Scope) -> EffectiveSetting {
        let root = scope.rootARN
        for owner in principal == root ? [root] : [principal, root] {
            let id = AccountSettingID(scope: scope, name: name.rawValue, principal: owner)
            if let record = accountSettings[id] {
                return EffectiveSetting(name: name, value: record.value, principal: owner)
            }
        }
        return EffectiveSetting(name: name, value: name.standardValue, principal: root)
    }

    /// The setting of a cluster for which its maker names none.
    func containerInsights(for call: APICall) -> KeyValue {
        let setting = setting(.containerInsights, of: call.callerARN, call.scope)
        return KeyValue(key: setting.name.rawValue, value: setting.value)
    }
}

extension Scope {
    /// The root user: its settings are the defaults of the account.
    var rootARN: String { "arn:aws:iam::\(account):root" }
}

/// What the four operations share.
enum AccountSettings {
    /// - Throws: `InvalidParameterException` for a setting that ECS does not have.
    static func name(_ name: String?) throws(APIFault) -> AccountSettingName {
        guard let known = name.flatMap(AccountSettingName.init(rawValue:)) else {
            let names = AccountSettingName.allCases.map(\.rawValue).joined(separator: ",")
            throw .invalidParameter("\((name ?? "").prefix(100)) should be one of [\(names)]")
        }
        return known
    }

    /// The principal that a request names; the caller without a name.
    ///
    /// - Throws: `InvalidParameterException` for what is no root user, user or role of this account.
    static func principal(_ arn: String?, _ call: APICall) throws(APIFault) -> String {
        guard let arn else { return call.callerARN }
        let start = "arn:aws:iam::\(call.scope.account):"
        let resource = arn.hasPrefix(start) ? arn.dropFirst(start.count) : ""
        let isKnown = resource == "root" || ["user/", "role/"].contains { resource.hasPrefix($0) && resource != $0 }
        guard isKnown, arn.utf8.count <= 2048 else {
            throw .invalidParameter(
                "Invalid principalArn '\(arn.prefix(200))': it must be the root user, a user or a role of account "
                    + "\(call.scope.account).")
        }
        return arn
    }

    /// Keeps a value for a principal.
    static func put(
        _ name: String?, _ value: String?, for principal: String, _ call: APICall, in store: any StateStore
    ) async throws(APIFault) -> ECSShapes.Setting {
        let name = try Self.name(name)
        let value = value ?? ""
        do throws(ValidationFault) { try name.check(value) } catch { throw APIFault(error) }
        try AcceptedSettings.check(.account, JSONValue.object([name.rawValue: .string(value)]))
        let id = AccountSettingID(scope: call.scope, name: name.rawValue, principal: principal)
        try await store.write { transaction throws(APIFault) in
            transaction.put(AccountSettingRecord(id: id, value: value))
        }
        return EffectiveSetting(name: name, value: value, principal: principal).shape
    }
}
