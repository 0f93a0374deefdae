import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on service deployments and service revisions.
enum ServiceDeploymentOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(ListServiceDeployments(store: ports.store)),
            Operation(DescribeServiceDeployments(store: ports.store)),
            Operation(DescribeServiceRevisions(store: ports.store)),
            Operation(StopServiceDeployment(store: ports.store)),
            Operation(ContinueServiceDeployment(store: ports.store)),
        ]
    }
}

struct DescribeServiceDeployments: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeServiceDeploymentsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeServiceDeploymentsResponse {
        let state = store.committed()
        let arns = try checked(request.serviceDeploymentArns, "serviceDeploymentArns")
        var answer = ECSShapes.DescribeServiceDeploymentsResponse(serviceDeployments: [], failures: [])
        for arn in arns {
            if let record = try state.serviceDeployment(arn, call) {
                answer.serviceDeployments?.append(ECSShapes.ServiceDeployment(record, in: state))
            } else {
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}

struct DescribeServiceRevisions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeServiceRevisionsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeServiceRevisionsResponse {
        let state = store.committed()
        let arns = try checked(request.serviceRevisionArns, "serviceRevisionArns")
        var answer = ECSShapes.DescribeServiceRevisionsResponse(serviceRevisions: [], failures: [])
        for arn in arns {
            guard let id = ServiceRevisionID(arn: arn) else { throw .wrongIdentifier(arn, for: "service-revision") }
            if id.service.cluster.scope == call.scope, let record = state.serviceRevisions[id] {
                answer.serviceRevisions?.append(ECSShapes.ServiceRevision(record))
            } else {
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}

/// One to twenty ARNs.
func checked(_ arns: [String]?, _ member: String) throws(APIFault) -> [String] {
    guard let arns, !arns.isEmpty else { throw .invalidParameter("\(member) cannot be empty.") }
    guard arns.count <= 20 else { throw .invalidParameter("\(member) can not have more than 20 elements.") }
    return arns
}

extension StateSnapshot {
    /// - Throws: `InvalidParameterException` for what is no ARN of a service deployment.
    func serviceDeployment(_ arn: String, _ call: APICall) throws(APIFault) -> ServiceDeploymentRecord? {
        guard let id = ServiceDeploymentID(arn: arn) else { throw .wrongIdentifier(arn, for: "service-deployment") }
        return id.service.cluster.scope == call.scope ? serviceDeployments[id] : nil
    }
}

extension APIFault {
    /// Something else is named than what the request is about.
    static func wrongIdentifier(_ reference: String, for type: String) -> APIFault {
        .invalidParameter(
            "Invalid identifier: Identifier is for \(ARN(reference)?.type ?? "no resource"). Your request is for \(type)."
        )
    }
}
