import Foundation
import JSONBytes

/// Deploys the sample service and watches it until it is steady, through the API as any client would.
struct DemoDeployment: Sendable {
    static let cluster = "demo"
    static let service = "web"
    static let family = "demo-web"
    static let image = "berth.local/demo-web:1"

    let client: ControlPlaneClient

    /// How long the demo waits for a steady service: image unpacked and two containers started, with room for a slow disk.
    private static let patience: TimeInterval = 300

    func run() async throws {
        _ = try await client.ecs("CreateCluster", ["clusterName": .string(Self.cluster)])
        let definition = try await client.ecs("RegisterTaskDefinition", Self.definition)
        guard let arn = definition["taskDefinition"]?["taskDefinitionArn"]?.string else {
            throw CommandFailure("RegisterTaskDefinition answered without an ARN: \(definition).")
        }
        try await createOrUpdate(arn)
        try await watchUntilSteady()
        try await fetchPages()
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

    private func createOrUpdate(_ definition: String) async throws {
        let described = try await client.ecs(
            "DescribeServices", ["cluster": .string(Self.cluster), "services": [.string(Self.service)]])
        if described["services"]?[0]?["status"]?.string == "ACTIVE" {
            _ = try await client.ecs(
                "UpdateService",
                [
                    "cluster": .string(Self.cluster), "service": .string(Self.service),
                    "taskDefinition": .string(definition), "desiredCount": 2,
                ])
            return
        }
        _ = try await client.ecs(
            "CreateService",
            [
                "cluster": .string(Self.cluster), "serviceName": .string(Self.service),
                "taskDefinition": .string(definition), "desiredCount": 2, "launchType": "FARGATE",
                "networkConfiguration": ["awsvpcConfiguration": ["subnets": ["subnet-demo"]]],
            ])
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

    private func fetchPages() async throws {
        for task in try await tasks() where task["lastStatus"]?.string == "RUNNING" {
            guard let address = Self.address(of: task) else { continue }
            let url = "http://\(address)/"
            Output.say(
                "  \(url) answers: \(try await client.page(url).trimmingCharacters(in: .whitespacesAndNewlines))")
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
