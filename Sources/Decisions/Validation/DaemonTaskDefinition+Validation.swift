public import Domain
public import ECSShapes
import JSONBytes

extension TaskDefinition {
    /// Checks the registration of a daemon's task definition and fills in what ECS fills in.
    ///
    /// A daemon has the rules of every task definition, and fewer members: no network mode (its tasks use bridge), no port
    /// mappings, no placement, no compatibilities; volumes of hosts only. So the request reads as an ordinary one.
    /// - Throws: the first fault, as `init(validating:)` words it.
    public init(validatingDaemon request: ECSShapes.RegisterDaemonTaskDefinitionRequest) throws(ValidationFault) {
        for (member, text) in [("cpu", request.cpu), ("memory", request.memory)] {
            guard let text else { continue }
            guard Int(text) != nil else {
                throw .client("Invalid '\(member)' setting for task: '\(text.prefix(100))'. It must be an integer.")
            }
        }
        let ordinary: ECSShapes.RegisterTaskDefinitionRequest
        do throws(JSONError) {
            ordinary = try ECSShapes.RegisterTaskDefinitionRequest(jsonBytes: request.jsonBytes())
        } catch {
            throw ValidationFault(.invalidParameter, "The daemon task definition cannot be read.")
        }
        try self.init(validating: ordinary)
    }
}
