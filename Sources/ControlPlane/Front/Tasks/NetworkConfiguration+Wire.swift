import AWSWire
import Domain
import ECSShapes

extension NetworkConfiguration {
    /// The network of a request, which must be there for awsvpc and only for it.
    ///
    /// - Throws: `InvalidParameterException` in ECS's words.
    static func checked(
        _ request: ECSShapes.NetworkConfiguration?, for mode: NetworkMode, on type: LaunchType
    ) throws(APIFault) -> NetworkConfiguration? {
        guard let vpc = request?.awsvpcConfiguration else {
            if mode == .awsvpc {
                throw .invalidParameter(
                    "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
            }
            return nil
        }
        guard mode == .awsvpc else {
            throw .invalidParameter(
                "Network Configuration is not valid for the given networkMode of this task definition.")
        }
        let subnets = vpc.subnets ?? []
        let groups = vpc.securityGroups ?? []
        if subnets.isEmpty { throw .invalidParameter("subnets can not be empty.") }
        if subnets.count > 16 { throw .invalidParameter("subnets can have at most 16 items.") }
        if groups.count > 5 { throw .invalidParameter("securityGroups can have at most 5 items.") }
        let isPublic = vpc.assignPublicIp == "ENABLED"
        if isPublic, !type.isManaged {
            throw .invalidParameter("Assign public IP is not supported for this launch type.")
        }
        return NetworkConfiguration(subnets: subnets, securityGroups: groups, assignPublicIP: isPublic)
    }
}

extension ECSShapes.NetworkConfiguration {
    init(_ network: NetworkConfiguration) {
        self.init(
            awsvpcConfiguration: ECSShapes.AwsVpcConfiguration(
                subnets: network.subnets, securityGroups: network.securityGroups,
                assignPublicIp: network.assignPublicIP ? "ENABLED" : "DISABLED"))
    }
}
