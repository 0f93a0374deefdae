/// The exceptions of Elastic Load Balancing, by the codes of their wire form, with its texts.
extension APIFault {
    public static func loadBalancersNotFound(_ names: [String] = []) -> APIFault {
        APIFault(
            "LoadBalancerNotFound",
            message: names.isEmpty
                ? "One or more load balancers not found"
                : "Load balancers '[\(names.joined(separator: ", "))]' not found")
    }

    public static func listenersNotFound() -> APIFault {
        APIFault("ListenerNotFound", message: "One or more listeners not found")
    }

    public static func listenerRulesNotFound() -> APIFault {
        APIFault("RuleNotFound", message: "One or more rules not found")
    }

    public static func targetGroupsNotFound() -> APIFault {
        APIFault("TargetGroupNotFound", message: "One or more target groups not found")
    }

    public static func certificateNotFound(_ arn: String) -> APIFault {
        APIFault("CertificateNotFound", message: "Certificate '\(arn.prefix(256))' not found")
    }

    public static func sslPolicyNotFound(_ name: String) -> APIFault {
        APIFault("SSLPolicyNotFound", message: "SSL policy '\(name.prefix(128))' not found")
    }

    public static func duplicateLoadBalancer(_ name: String) -> APIFault {
        APIFault(
            "DuplicateLoadBalancerName",
            message: "A load balancer with the same name '\(name)' exists, but with different settings")
    }

    public static func duplicateTargetGroup(_ name: String) -> APIFault {
        APIFault(
            "DuplicateTargetGroupName",
            message: "A target group with the same name '\(name)' exists, but with different settings")
    }

    public static func duplicateListener(port: Int, on loadBalancer: String) -> APIFault {
        APIFault(
            "DuplicateListener",
            message: "A listener already exists on port \(port) of the load balancer '\(loadBalancer)'")
    }

    public static func priorityInUse(_ priority: Int) -> APIFault {
        APIFault("PriorityInUse", message: "Priority '\(priority)' is currently in use")
    }

    public static func operationNotPermitted(_ message: String) -> APIFault {
        APIFault("OperationNotPermitted", message: message)
    }

    public static func invalidConfigurationRequest(_ message: String) -> APIFault {
        APIFault("InvalidConfigurationRequest", message: message)
    }

    public static func incompatibleProtocols(_ message: String) -> APIFault {
        APIFault("IncompatibleProtocols", message: message)
    }

    public static func invalidTargets(_ message: String) -> APIFault { APIFault("InvalidTarget", message: message) }

    public static func targetGroupAssociationLimit(_ arn: String) -> APIFault {
        APIFault(
            "TargetGroupAssociationLimit",
            message: "The following target groups cannot be associated with more than one load balancer: \(arn)")
    }

    /// - Parameter what: in the words of the exception's code, such as `Listeners`.
    public static func tooMany(_ what: String, limit: Int) -> APIFault {
        APIFault("TooMany\(what)", message: "The maximum number '\(limit)' has been reached")
    }

    public static func duplicateTagKeys(_ key: String) -> APIFault {
        APIFault("DuplicateTagKeys", message: "The tag key '\(key)' is specified more than once")
    }
}
