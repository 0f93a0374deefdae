import AWSWire
import ECSShapes

/// Lists the services of a Service Connect namespace. Service Connect is refused wherever it is asked for, so no namespace
/// exists: what is asked for well is not found.
struct ListServicesByNamespace: OperationHandler {
    func answer(
        _ request: ECSShapes.ListServicesByNamespaceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListServicesByNamespaceResponse {
        _ = try Paging(request.maxResults, request.nextToken, standard: 10)
        let namespace = request.namespace ?? ""
        let isARN = namespace.hasPrefix("arn:") && namespace.contains(":servicediscovery:")
        guard (1...1024).contains(namespace.count), isARN || !namespace.contains(where: { "<>\"/".contains($0) }) else {
            throw .invalidParameter(
                "Invalid namespace '\(namespace.prefix(200))'. It must be an ARN, or have 1 to 1024 characters without "
                    + "<, >, double quotes and slashes.")
        }
        throw APIFault(
            "NamespaceNotFoundException", message: "The specified namespace wasn't found: \(namespace.prefix(200)).")
    }
}
