import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

extension Transaction {
    /// Registers the next revision of the service's own family.
    mutating func register(
        _ definition: TaskDefinition, family: FamilyID, _ call: APICall
    ) -> TaskDefinitionRecord {
        let revision = (state.families[family]?.latestRevision ?? 0) + 1
        let record = TaskDefinitionRecord(
            id: TaskDefinitionID(family: family, revision: revision), definition: definition, registeredAt: call.now,
            registeredBy: call.callerARN)
        put(FamilyRecord(id: family, latestRevision: revision))
        put(record)
        return record
    }
}

extension ServiceID {
    /// The family of an Express service: of its cluster and its own name, cut to what a family may have.
    var expressFamily: FamilyID {
        FamilyID(scope: cluster.scope, name: String("\(cluster.name)-\(name)".prefix(255)))
    }
}

extension StateSnapshot {
    /// The Express service that an ARN names; nil when there is none.
    ///
    /// - Throws: `InvalidParameterException` for what is no service's ARN, and for an ordinary service.
    func express(_ arn: String?, _ call: APICall) throws(APIFault) -> (ServiceRecord, ExpressSettings)? {
        let text = arn ?? ""
        guard let arn = ARN(text), arn.type == "service", arn.path.count == 2 else {
            throw .wrongIdentifier(text, for: "service")
        }
        let cluster = ClusterID(scope: arn.scope, name: arn.path[0])
        guard arn.scope == call.scope, let service = services[ServiceID(cluster: cluster, name: arn.path[1])] else {
            return nil
        }
        guard let settings = service.express else {
            throw .invalidParameter("The service '\(service.id.name)' is not an Express service.")
        }
        return (service, settings)
    }
}
