/// The load balancer before the sample service: made when it is not there, and left as it is when it is.
struct DemoBalancer: Sendable {
    static let name = "demo"
    static let group = "demo-web"

    let client: ControlPlaneClient
    let port: Int

    /// What the service registers its tasks with.
    struct Made: Sendable {
        var targetGroup: String
        /// The name by which people reach it.
        var host: String
    }

    func make() async throws -> Made {
        let balancer = try await find("DescribeLoadBalancers", Self.name, missing: "LoadBalancerNotFound") {
            try await client.elb("CreateLoadBalancer", Self.balancer)
        }
        let group = try await find("DescribeTargetGroups", Self.group, missing: "TargetGroupNotFound") {
            try await newGroup()
        }
        guard let arn = group["TargetGroupArn"], let owner = balancer["LoadBalancerArn"],
            let host = balancer["DNSName"]
        else { throw CommandFailure("The load balancer was answered without its ARNs: \(balancer) \(group).") }
        try await listen(owner, arn)
        return Made(targetGroup: arn, host: host)
    }

    private func find(
        _ describe: String, _ name: String, missing: String, _ create: () async throws -> QueryAnswer
    ) async throws -> QueryAnswer {
        do {
            return try await client.elb(describe, [(name: "Names.member.1", value: name)])
        } catch let failure as APICallFailure where failure.code == missing {
            return try await create()
        }
    }

    private static let balancer = [
        (name: "Name", value: name), (name: "Subnets.member.1", value: "subnet-demo-1"),
        (name: "Subnets.member.2", value: "subnet-demo-2"),
    ]

    /// A group whose targets are soon found healthy and soon let go, for someone who watches.
    private func newGroup() async throws -> QueryAnswer {
        let made = try await client.elb(
            "CreateTargetGroup",
            [
                (name: "Name", value: Self.group), (name: "Protocol", value: "HTTP"), (name: "Port", value: "80"),
                (name: "VpcId", value: "vpc-demo"), (name: "TargetType", value: "ip"),
                (name: "HealthCheckIntervalSeconds", value: "5"), (name: "HealthCheckTimeoutSeconds", value: "2"),
                (name: "HealthyThresholdCount", value: "2"),
            ])
        _ = try await client.elb(
            "ModifyTargetGroupAttributes",
            [
                (name: "TargetGroupArn", value: made["TargetGroupArn"] ?? ""),
                (name: "Attributes.member.1.Key", value: "deregistration_delay.timeout_seconds"),
                (name: "Attributes.member.1.Value", value: "5"),
            ])
        return made
    }

    /// A listener that someone changed since stays as they want it.
    private func listen(_ balancer: String, _ group: String) async throws {
        do {
            _ = try await client.elb(
                "CreateListener",
                [
                    (name: "LoadBalancerArn", value: balancer), (name: "Protocol", value: "HTTP"),
                    (name: "Port", value: String(port)),
                    (name: "DefaultActions.member.1.Type", value: "forward"),
                    (name: "DefaultActions.member.1.TargetGroupArn", value: group),
                ])
        } catch let failure as APICallFailure where failure.code == "DuplicateListener" {
            Output.say("  port \(port) of load balancer \(Self.name) has a listener already, which stays as it is")
        }
    }
}
