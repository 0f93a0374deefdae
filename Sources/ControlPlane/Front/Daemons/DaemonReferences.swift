import Domain
import Identifiers
import StateStore

extension StateSnapshot {
    /// The revision that `family`, `family:revision` or an ARN names; a family alone means its latest active one.
    func daemonTaskDefinition(_ reference: String, _ scope: Scope) -> DaemonTaskDefinitionRecord? {
        var name = reference
        var scope = scope
        if reference.hasPrefix("arn:") {
            guard let arn = ARN(reference), arn.type == FamilyID.Kind.daemon.arnType, arn.path.count == 1 else {
                return nil
            }
            (name, scope) = (arn.path[0], arn.scope)
        }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let family = parts.first, !family.isEmpty, parts.count <= 2 else { return nil }
        let id = FamilyID(scope: scope, kind: .daemon, name: family)
        guard parts.count == 2 else {
            return daemonTaskDefinitions(of: id).reversed().first { $0.status == .active }
        }
        return Int(parts[1]).flatMap { daemonTaskDefinitions[TaskDefinitionID(family: id, revision: $0)] }
    }
}
