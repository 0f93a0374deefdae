import AWSWire
import AgentGateway
import ECSShapes
import ShapeRules

/// Every operation that is built, by its name on the wire.
struct OperationTable: Sendable {
    private let operations: [String: Operation]

    init(
        _ ports: FrontPorts, reports: AgentReports,
        restore: @escaping @Sendable (String) async throws(RestoreError) -> Void
    ) {
        let all: [Operation] = [
            ClusterOperations.all(ports),
            CapacityProviderOperations.all(ports),
            TaskDefinitionOperations.all(ports),
            ServiceOperations.all(ports),
            ExpressOperations.all(ports),
            DaemonOperations.all(ports),
            TaskOperations.all(ports),
            InstanceOperations.all(ports, reports),
            TagOperations.all(ports),
            AccountSettingOperations.all(ports),
            AttributeOperations.all(ports),
            NodeOperations.all(ports, restore),
            EventRuleOperations.all(ports),
            BalancingOperations.all(ports),
            CertificateOperations.all(ports),
            CloudWatchOperations.all(ports),
            LogOperations.all(ports),
            ScalingOperations.all(ports),
        ].flatMap(\.self)
        operations = Dictionary(all.map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether there is such an operation, and it is built.
    func knows(target: String) -> Bool { operations[target] != nil }

    /// - Throws: `UnsupportedFeatureException` for what the service has and Berth has not yet;
    ///   `UnknownOperationException` else.
    func operation(target: String?) throws(APIFault) -> Operation {
        let service = ServedServices.service(of: target)
        if let target, !ServedServices.speaksJSON(service) {
            throw .unknownOperation("'\(target.prefix(200))' is not asked for with JSON.")
        }
        if let target, let operation = operations[target] { return operation }
        let name = try JSON11.operation(target: target, prefix: service.targetPrefix)
        guard service.has(name) || service.unserved.contains(name) else {
            throw .unknownOperation("'\(name.prefix(200))' is not an operation of \(service.targetPrefix).")
        }
        throw .unsupportedFeature("\(name) is not built yet.")
    }

    /// - Throws: `UnsupportedFeatureException` when the operation is not built yet.
    func operation(_ operation: any QueryOperation) throws(APIFault) -> Operation {
        guard let built = operations[operation.target] else {
            throw .unsupportedFeature("\(operation.rawValue) is not built yet.")
        }
        return built
    }
}
