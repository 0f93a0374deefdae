import Foundation
import JSONBytes

/// Deploys the sample service and watches it until it is steady, through the API as any client would.
struct DemoDeployment: Sendable {
    static let cluster = "demo"
    static let service = "web"
    static let family = "demo-web"
    static let image = "berth.local/demo-web:1"

    let client: ControlPlaneClient
    /// Where the load balancer listens.
    let port: Int

    /// How long the demo waits for a steady service: image unpacked and two containers started, with room for a slow disk.
    private static let patience: TimeInterval = 300

    /// - Returns: the address of the service's page.
    func run() async throws -> String {
        _ = try await client.ecs("CreateCluster", ["clusterName": .string(Self.cluster)])
        let balancer = try await DemoBalancer(client: client, port: port).make()
        try await createOrUpdate(balancer.targetGroup)
        try await watchUntilSteady()
        try await watchUntilAllAnswer(balancer.host)
        return "http://\(balancer.host):\(port)/"
    }

    private static let definition: JSONValue = [
        "family": .string(family), "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            [
                "name": "web", "image": .string(image), "portMappings": [["containerPort": 80]],
                "healthCheck": [
                    "command": ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1/"], "interval": 5, "retries": 3,
                ],
            ]
        ],
    ]

    private func createOrUpdate(_ group: String) async throws {
        let described = try await client.ecs(
            "DescribeServices", ["cluster": .string(Self.cluster), "services": [.string(Self.service)]])
        var request: [String: JSONValue] = ["cluster": .string(Self.cluster), "desiredCount": 2]
        let balancers: JSONValue = [
            ["targetGroupArn": .string(group), "containerName": "web", "containerPort": 80]
        ]
        guard let service = described["services"]?[0], service["status"]?.string == "ACTIVE" else {
            request["serviceName"] = .string(Self.service)
            request["taskDefinition"] = .string(try await register())
            request["launchType"] = "FARGATE"
            request["networkConfiguration"] = ["awsvpcConfiguration": ["subnets": ["subnet-demo"]]]
            request["loadBalancers"] = balancers
            _ = try await client.ecs("CreateService", .object(request))
            return
        }
        request["service"] = .string(Self.service)
        if service["loadBalancers"]?[0]?["targetGroupArn"]?.string != group {
            request["taskDefinition"] = .string(try await register())
            request["loadBalancers"] = balancers
        }
        _ = try await client.ecs("UpdateService", .object(request))
    }

    private func register() async throws -> String {
        let answer = try await client.ecs("RegisterTaskDefinition", Self.definition)
        guard let arn = answer["taskDefinition"]?["taskDefinitionArn"]?.string else {
            throw CommandFailure("RegisterTaskDefinition answered without an ARN: \(answer).")
        }
        return arn
    }

    /// Prints a line per task whenever it moves.
    private func watchUntilSteady() async throws {
        var shown: [String: String] = [:]
        let deadline = Date().addingTimeInterval(Self.patience)
        while Date() < deadline {
            for task in try await tasks() {
                guard let arn = task["taskArn"]?.string else { continue }
                let line = Self.line(task)
                if shown[arn] != line { Output.say("  task \(Self.shortID(arn))  \(line)") }
                shown[arn] = line
            }
            if try await isSteady() {
                Output.say("  service \(Self.service) has reached a steady state")
                return
            }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw CommandFailure(
            "The service was not steady after \(Int(Self.patience)) seconds. 'aws ecs describe-services --cluster "
                + "\(Self.cluster) --services \(Self.service)' shows its events.")
    }

    private func tasks() async throws -> [JSONValue] {
        var arns: [JSONValue] = []
        for status in ["RUNNING", "STOPPED"] {
            let listed = try await client.ecs(
                "ListTasks",
                [
                    "cluster": .string(Self.cluster), "serviceName": .string(Self.service),
                    "desiredStatus": .string(status),
                ])
            arns += listed["taskArns"]?.array ?? []
        }
        guard !arns.isEmpty else { return [] }
        let described = try await client.ecs(
            "DescribeTasks", ["cluster": .string(Self.cluster), "tasks": .array(arns)])
        return described["tasks"]?.array ?? []
    }

    private func isSteady() async throws -> Bool {
        let described = try await client.ecs(
            "DescribeServices", ["cluster": .string(Self.cluster), "services": [.string(Self.service)]])
        guard let service = described["services"]?[0], let deployments = service["deployments"]?.array else {
            return false
        }
        return deployments.count == 1 && service["runningCount"]?.integer == service["desiredCount"]?.integer
            && deployments[0]["rolloutState"]?.string == "COMPLETED"
    }

    /// Asks the load balancer until each running task has answered, and prints what each says first.
    ///
    /// Names under `.localhost` are not known to every resolver, so it is asked at this machine's own address.
    private func watchUntilAllAnswer(_ host: String) async throws {
        var waiting = try await tasks().filter { $0["lastStatus"]?.string == "RUNNING" }
            .compactMap(Self.address(of:))
        var obstacle = "not all of its tasks answered"
        let deadline = Date().addingTimeInterval(60)
        while !waiting.isEmpty, Date() < deadline {
            do {
                let page = try await client.page("http://127.0.0.1:\(port)/", host: "\(host):\(port)")
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                if waiting.contains(where: { page.hasSuffix("address \($0)") }) { Output.say("  \(page)") }
                waiting.removeAll { page.hasSuffix("address \($0)") }
            } catch {
                obstacle = "\(error)"
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        guard waiting.isEmpty else {
            throw CommandFailure(
                "The demo's load balancer does not answer at port \(port) (\(obstacle)). If another program has the "
                    + "port, choose another one with --demo-port.")
        }
    }

    static func address(of task: JSONValue) -> String? {
        let details = task["attachments"]?[0]?["details"]?.array ?? []
        return details.first { $0["name"]?.string == "privateIPv4Address" }?["value"]?.string
    }

    private static func line(_ task: JSONValue) -> String {
        var parts = [task["lastStatus"]?.string ?? "?"]
        if let address = address(of: task) { parts.append(address) }
        if let health = task["healthStatus"]?.string, health != "UNKNOWN" { parts.append(health) }
        if let reason = task["stoppedReason"]?.string { parts.append(reason) }
        return parts.joined(separator: "  ")
    }

    private static func shortID(_ arn: String) -> String { String(arn.split(separator: "/").last?.prefix(8) ?? "?") }
}
