import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes

extension DaemonTaskDefinitionStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .deleteInProgress: "DELETE_IN_PROGRESS"
        case .deleted: "DELETED"
        }
    }
}

extension ECSShapes.DaemonTaskDefinition {
    /// A stored revision as the API shows it: an ordinary task definition, less the members that a daemon's has not.
    ///
    /// - Throws: `ServerException` when the shapes of the two no longer fit.
    init(_ record: DaemonTaskDefinitionRecord) throws(APIFault) {
        do throws(JSONError) {
            try self.init(jsonBytes: ECSShapes.TaskDefinition(record.taskDefinition).jsonBytes())
        } catch {
            throw .server()
        }
        daemonTaskDefinitionArn = record.id.arn
        status = record.status.wire
        deleteRequestedAt = record.deleteRequestedAt?.wire
    }
}

extension ECSShapes.DaemonTaskDefinitionSummary {
    init(_ record: DaemonTaskDefinitionRecord) {
        self.init(
            arn: record.id.arn, registeredAt: record.registeredAt.wire, registeredBy: record.registeredBy,
            deleteRequestedAt: record.deleteRequestedAt?.wire, status: record.status.wire)
    }
}
