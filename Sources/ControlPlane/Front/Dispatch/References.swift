import AWSWire
import Domain
import Identifiers
import StateStore

/// How requests name things: by short name or id, or by full ARN.
extension StateSnapshot {
    /// The active cluster of that name or ARN; nil means `default`.
    func cluster(_ reference: String?, _ scope: Scope) throws(APIFault) -> ClusterRecord {
        let id = try clusterID(reference, scope)
        guard let cluster = clusters[id], cluster.status == .active else { throw .clusterNotFound() }
        return cluster
    }
}

/// The cluster that a request names; nil means `default`.
func clusterID(_ reference: String?, _ scope: Scope) throws(APIFault) -> ClusterID {
    guard let reference, !reference.isEmpty else { return ClusterID(scope: scope, name: "default") }
    guard reference.hasPrefix("arn:") else { return ClusterID(scope: scope, name: reference) }
    guard let arn = ARN(reference), arn.type == "cluster", arn.path.count == 1 else {
        throw .wrongIdentifier(reference, for: "cluster")
    }
    return ClusterID(scope: arn.scope, name: arn.path[0])
}

extension ClusterID {
    /// The id of a resource of this cluster that a request names by short id or by ARN, old short ARNs included.
    ///
    /// - Returns: nil when the ARN is another kind's, another scope's or another cluster's.
    func local(_ reference: String, type: String) -> String? {
        guard reference.hasPrefix("arn:") else { return reference.isEmpty ? nil : reference }
        guard let arn = ARN(reference), arn.type == type, arn.scope == scope, let last = arn.path.last else {
            return nil
        }
        switch arn.path.count {
        case 1: return last
        case 2: return arn.path[0] == name ? last : nil
        default: return nil
        }
    }

    func service(_ reference: String) -> ServiceID? {
        local(reference, type: "service").map { ServiceID(cluster: self, name: $0) }
    }

    func task(_ reference: String) -> TaskID? { local(reference, type: "task").map { TaskID(cluster: self, id: $0) } }
}

extension StateSnapshot {
    /// The host that a request names, if it is registered in the cluster.
    func instance(_ reference: String, in cluster: ClusterID) -> ContainerInstanceRecord? {
        guard let id = cluster.local(reference, type: "container-instance"),
            let record = instances[ContainerInstanceID(scope: cluster.scope, id: id)], record.cluster == cluster
        else { return nil }
        return record
    }

    /// The revision that `family`, `family:revision` or an ARN names; a family alone means its latest active one.
    func taskDefinition(_ reference: String, _ scope: Scope) -> TaskDefinitionRecord? {
        var name = reference
        var scope = scope
        if reference.hasPrefix("arn:") {
            guard let arn = ARN(reference), arn.type == "task-definition", arn.path.count == 1 else { return nil }
            (name, scope) = (arn.path[0], arn.scope)
        }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let family = parts.first, !family.isEmpty, parts.count <= 2 else { return nil }
        let id = FamilyID(scope: scope, name: family)
        guard parts.count == 2 else { return latestActive(of: id) }
        return Int(parts[1]).flatMap { taskDefinitions[TaskDefinitionID(family: id, revision: $0)] }
    }

    /// The newest revision of the family that is ACTIVE.
    func latestActive(of family: FamilyID) -> TaskDefinitionRecord? {
        var revision = families[family]?.latestRevision ?? 0
        while revision > 0 {
            if let record = taskDefinitions[TaskDefinitionID(family: family, revision: revision)],
                record.status == .active
            {
                return record
            }
            revision -= 1
        }
        return nil
    }

    /// The revision that new tasks shall run.
    ///
    /// - Throws: `ClientException` when there is none or it was deregistered.
    func runnableDefinition(_ reference: String?, _ scope: Scope) throws(APIFault) -> TaskDefinitionRecord {
        guard let reference, !reference.isEmpty else { throw .client("TaskDefinition can not be blank.") }
        guard let record = taskDefinition(reference, scope) else { throw .client("TaskDefinition not found.") }
        guard record.status == .active else { throw .client("TaskDefinition is inactive") }
        return record
    }
}
