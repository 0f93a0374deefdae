import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on services.
enum ServiceOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(CreateService(store: ports.store, ids: ports.ids)),
            Operation(UpdateService(store: ports.store, ids: ports.ids)),
            Operation(DeleteService(store: ports.store)),
            Operation(DescribeServices(store: ports.store)),
            Operation(ListServices(store: ports.store)), Operation(ListServicesByNamespace()),
        ] + ServiceDeploymentOperations.all(ports) + TaskSetOperations.all(ports)
    }
}

struct DescribeServices: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeServicesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeServicesResponse {
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let references = request.services ?? []
        if references.isEmpty { throw .invalidParameter("Services cannot be empty.") }
        if references.count > 10 { throw .invalidParameter("Services can not have more than 10 elements.") }
        let showsTags = request.include?.contains("TAGS") == true
        var answer = ECSShapes.DescribeServicesResponse(services: [], failures: [])
        for reference in references {
            if let id = cluster.id.service(reference), let service = state.services[id] {
                answer.services?.append(ECSShapes.Service(service, in: state, showsTags: showsTags))
            } else {
                let arn =
                    reference.hasPrefix("arn:") ? reference : ServiceID(cluster: cluster.id, name: reference).arn
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}

struct ListServices: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListServicesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListServicesResponse {
        let paging = try Paging(request.maxResults, request.nextToken, standard: 10)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let start = paging.last.map { ServiceID(cluster: cluster.id, name: $0) }
        let services = state.services(in: cluster.id, from: start).lazy.filter { service in
            service.status == .active
                && (request.launchType.map { service.launchType.wireName == $0 } ?? true)
                && (request.schedulingStrategy.map { service.schedulingStrategy.wire == $0 } ?? true)
                && (request.resourceManagementType.map { service.resourceManagementType == $0 } ?? true)
        }
        let (page, token) = paging.page(services) { $0.id.name }
        return ECSShapes.ListServicesResponse(serviceArns: page.map(\.id.arn), nextToken: token)
    }
}
