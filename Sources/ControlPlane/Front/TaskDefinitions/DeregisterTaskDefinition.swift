import AWSWire
import Domain
import ECSShapes
import StateStore

/// Makes one revision INACTIVE: what runs goes on, nothing new starts from it.
struct DeregisterTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeregisterTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeregisterTaskDefinitionResponse {
        let reference = request.taskDefinition ?? ""
        let name = reference.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .client("Revision is missing.") }
        guard let number = Int(parts[1]), number > 0 else {
            throw .invalidParameter("Invalid revision number. Number: \(parts[1].prefix(100))")
        }
        let record = try await store.write { transaction throws(APIFault) in
            guard var record = transaction.state.taskDefinition(reference, call.scope) else {
                throw .client("Unable to describe task definition.")
            }
            if record.status == .active {
                record.status = .inactive
                record.deregisteredAt = call.now
                transaction.put(record)
            }
            return record
        }
        return ECSShapes.DeregisterTaskDefinitionResponse(taskDefinition: ECSShapes.TaskDefinition(record))
    }
}
