import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import StateStore

/// What the data plane sees of a group's targets.
struct DescribeTargetHealth: OperationHandler {
    let store: any StateStore
    let board: TargetHealthBoard

    func answer(
        _ request: ELBShapes.DescribeTargetHealthInput, _ call: APICall
    ) async throws(APIFault) -> ELBShapes.DescribeTargetHealthOutput {
        let state = store.committed()
        let group = try state.targetGroup(request.targetGroupArn)
        let isUsed = state.rules(using: group.id).contains { _ in true }
        let asked = (request.targets ?? []).map {
            TargetID(group: group.id, id: $0.id ?? "", port: $0.port ?? group.port)
        }
        let ids = asked.isEmpty ? state.targets(of: group.id).map(\.id) : asked
        let includesAnomalies = request.include?.isEmpty == false
        return ELBShapes.DescribeTargetHealthOutput(
            targetHealthDescriptions: ids.map { id in
                let target = state.targets[id]
                let health = TargetHealth(of: target, isUsed: isUsed, seen: board.health(of: id))
                return ELBShapes.TargetHealthDescription(
                    target: ELBShapes.TargetDescription(id: id.id, port: id.port, availabilityZone: target?.zone),
                    healthCheckPort: String(group.healthCheck.port ?? id.port), targetHealth: health.shape,
                    anomalyDetection: includesAnomalies ? .off : nil)
            })
    }
}

extension ELBShapes.AnomalyDetection {
    /// Nothing looks for anomalies here, and nothing is done against them.
    fileprivate static let off = ELBShapes.AnomalyDetection(result: "normal", mitigationInEffect: "no")
}

extension TargetHealth {
    fileprivate var shape: ELBShapes.TargetHealth {
        ELBShapes.TargetHealth(state: state.rawValue, reason: reason?.wire, description: description)
    }
}
