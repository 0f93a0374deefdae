import JSONBytes

/// The exceptions of the ECS service model, with the texts that clients and scripts match on.
extension APIFault {
    public static func accessDenied(_ message: String) -> APIFault {
        APIFault("AccessDeniedException", message: message)
    }

    public static func attributeLimitExceeded(_ message: String) -> APIFault {
        APIFault("AttributeLimitExceededException", message: message)
    }

    public static func blocked(_ message: String) -> APIFault { APIFault("BlockedException", message: message) }

    /// Misuse of the caller's own resources, and whatever is wrong with a task definition.
    public static func client(_ message: String) -> APIFault { APIFault("ClientException", message: message) }

    public static func clusterContainsCapacityProvider() -> APIFault {
        APIFault(
            "ClusterContainsCapacityProviderException",
            message: "The Cluster cannot be deleted while Capacity Providers are associated with it.")
    }

    public static func clusterContainsContainerInstances() -> APIFault {
        APIFault(
            "ClusterContainsContainerInstancesException",
            message: "The Cluster cannot be deleted while Container Instances are active or draining.")
    }

    public static func clusterContainsServices() -> APIFault {
        APIFault(
            "ClusterContainsServicesException",
            message: "The Cluster cannot be deleted while Services are active.")
    }

    public static func clusterContainsTasks() -> APIFault {
        APIFault("ClusterContainsTasksException", message: "The Cluster cannot be deleted while Tasks are active.")
    }

    public static func clusterNotFound() -> APIFault {
        APIFault("ClusterNotFoundException", message: "Cluster not found.")
    }

    /// - Parameter resourceIDs: what the request conflicts with, such as the tasks that a client token made.
    public static func conflict(_ message: String, resourceIDs: [String]) -> APIFault {
        APIFault(
            "ConflictException", message: message,
            fields: ["resourceIds": .array(resourceIDs.map { JSONValue.string($0) })])
    }

    /// A parameter of a request on services, tasks or instances that is wrong.
    public static func invalidParameter(_ message: String) -> APIFault {
        APIFault("InvalidParameterException", message: message)
    }

    public static func limitExceeded(_ message: String) -> APIFault {
        APIFault("LimitExceededException", message: message)
    }

    public static func platformTaskDefinitionIncompatibility(_ message: String) -> APIFault {
        APIFault("PlatformTaskDefinitionIncompatibilityException", message: message)
    }

    public static func platformUnknown(_ message: String) -> APIFault {
        APIFault("PlatformUnknownException", message: message)
    }

    public static func resourceInUse(_ message: String) -> APIFault {
        APIFault("ResourceInUseException", message: message)
    }

    public static func resourceNotFound(_ message: String) -> APIFault {
        APIFault("ResourceNotFoundException", message: message)
    }

    /// Something failed on this side; what it was is in the log.
    public static func server() -> APIFault {
        APIFault("ServerException", side: .server, message: "Service Unavailable. Please try again later.")
    }

    public static func serviceDeploymentNotFound() -> APIFault {
        APIFault("ServiceDeploymentNotFoundException", message: "Service deployment not found.")
    }

    public static func serviceNotActive() -> APIFault {
        APIFault("ServiceNotActiveException", message: "Service was not ACTIVE.")
    }

    public static func serviceNotFound() -> APIFault {
        APIFault("ServiceNotFoundException", message: "Service not found.")
    }

    public static func unsupportedFeature(_ message: String) -> APIFault {
        APIFault("UnsupportedFeatureException", message: message)
    }

    public static func updateInProgress(_ message: String) -> APIFault {
        APIFault("UpdateInProgressException", message: message)
    }
}
