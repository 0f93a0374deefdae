import AWSWire
import Domain
import ECSShapes
import ShapeRules
import Identifiers
import StateStore

/// Who may call what: the root key everything, a host only what concerns itself.
enum Authorization {
    /// Operations that a host may call; each handler then checks that it is about the host itself.
    static let ofNodes: Set<ECSOperation> = [
        .registerContainerInstance, .deregisterContainerInstance, .discoverPollEndpoint, .submitTaskStateChange,
        .submitContainerStateChange, .submitAttachmentStateChanges, .updateContainerInstancesState,
        .listTagsForResource,
    ]

    /// - Throws: `AccessDeniedException` unless the caller may call the operation at all.
    static func check(_ target: String, _ call: APICall) throws(APIFault) {
        switch call.principal {
        case .root: return
        case .node:
            if target.hasPrefix(Operation.ecsPrefix),
                let operation = ECSOperation(rawValue: String(target.dropFirst(Operation.ecsPrefix.count))),
                ofNodes.contains(operation)
            {
                return
            }
            throw call.denied(target, on: "*")
        case nil: throw APIFault(.missingAuthentication)
        }
    }
}

extension APICall {
    /// Lets the root key pass, and a host if it is this one.
    ///
    /// - Throws: `AccessDeniedException`, which does not tell whether the resource exists.
    func requireOwn(_ instance: ContainerInstanceID?, _ operation: ECSOperation, on resource: String) throws(APIFault) {
        guard case .node(let own) = principal, instance != own else { return }
        throw denied(Operation.ecsPrefix + operation.rawValue, on: resource)
    }

    /// Lets the root key pass, and the host that the task was given to.
    func requireOwn(_ task: TaskRecord?, _ operation: ECSOperation, on resource: String) throws(APIFault) {
        try requireOwn(task?.placement?.instance, operation, on: resource)
    }

    func denied(_ target: String, on resource: String) -> APIFault {
        let isOwn = target.hasPrefix(Operation.berthPrefix)
        let service = isOwn ? "berth" : ServedServices.service(of: target).signingName
        let action = "\(service):\(target.drop { $0 != "." }.dropFirst())"
        return .accessDenied(
            "User: \(callerARN) is not authorized to perform: \(action) on resource: \(resource) because no "
                + "identity-based policy allows the \(action) action")
    }
}
