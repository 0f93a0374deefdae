import Domain
import ECSShapes
import JSONBytes
import Testing

@testable import Validation

@Suite("Registering a task definition")
struct TaskDefinitionValidationTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        var name: String
        /// Members of the request beside `family`.
        var request: String
        var message: String
        var testDescription: String { name }
    }

    static let web = #"{"name":"web","image":"web:1","memory":128}"#

    static let refusals = [
        Refusal(
            name: "no containers", request: #""containerDefinitions":[]"#, message: "Container list cannot be empty."),
        Refusal(
            name: "a container without a name", request: #""containerDefinitions":[{"image":"a"}]"#,
            message: "Container.name should not be null or empty."),
        Refusal(
            name: "a container without an image", request: #""containerDefinitions":[{"name":"a"}]"#,
            message: "Container.image should not be null or empty."),
        Refusal(
            name: "no memory anywhere", request: #""containerDefinitions":[{"name":"a","image":"a"}]"#,
            message:
                "Invalid setting for container 'a'. At least one of 'memory' or 'memoryReservation' must be specified."
        ),
        Refusal(
            name: "zero memory", request: #""containerDefinitions":[{"name":"a","image":"a","memory":0}]"#,
            message: "Invalid 'memory' setting for container 'a'."),
        Refusal(
            name: "a cpu that is no number", request: #""cpu":"lots","containerDefinitions":[\#(web)]"#,
            message: "Invalid 'cpu' setting for task: 'lots'."),
        Refusal(
            name: "a size Fargate does not have",
            request: fargate(#""cpu":"512","memory":"512""#, container: web),
            message: "No Fargate configuration exists for given values: 512 CPU, 512 memory. "
                + "See the Amazon ECS documentation for the valid values."),
        Refusal(
            name: "Fargate without a size", request: fargate(#""memory":"512""#, container: web),
            message: "Fargate requires that 'cpu' be defined at the task level."),
        Refusal(
            name: "Fargate on a bridge",
            request:
                #""requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512","containerDefinitions":[\#(web)]"#,
            message: "Fargate only supports network mode \u{2018}awsvpc\u{2019}."),
        Refusal(
            name: "differing ports with awsvpc",
            request: #""networkMode":"awsvpc","containerDefinitions":["#
                + #"{"name":"a","image":"a","memory":9,"portMappings":[{"containerPort":80,"hostPort":81}]}]"#,
            message: "When networkMode=awsvpc, the host ports and container ports in port mappings must match."),
        Refusal(
            name: "a hostname with awsvpc",
            request:
                #""networkMode":"awsvpc","containerDefinitions":[{"name":"a","image":"a","memory":9,"hostname":"x"}]"#,
            message: "hostname is not supported on container when networkMode=awsvpc."),
        Refusal(
            name: "awslogs without options",
            request: #""containerDefinitions":[{"name":"a","image":"a","memory":9,"#
                + #""logConfiguration":{"logDriver":"awslogs"}}]"#,
            message: "Log driver awslogs requires options: awslogs-region, awslogs-group"),
        Refusal(
            name: "waiting for an essential container to end",
            request: #""containerDefinitions":[\#(web),{"name":"b","image":"b","memory":9,"#
                + #""dependsOn":[{"containerName":"web","condition":"SUCCESS"}]}]"#,
            message: "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"),
        Refusal(
            name: "containers that wait for each other",
            request: #""containerDefinitions":["#
                + #"{"name":"a","image":"a","memory":9,"dependsOn":[{"containerName":"b","condition":"START"}]},"#
                + #"{"name":"b","image":"b","memory":9,"dependsOn":[{"containerName":"a","condition":"START"}]}]"#,
            message: "Containers depend on each other in a circle; 'a' is one of them."),
        Refusal(
            name: "more cpu in containers than in the task",
            request: #""cpu":"256","containerDefinitions":[{"name":"a","image":"a","memory":9,"cpu":257}]"#,
            message: "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."),
        Refusal(
            name: "a container larger than the task",
            request: #""memory":"64","containerDefinitions":[\#(web)]"#,
            message: "The 'memory' setting for container 'web' is greater than for the task."),
        Refusal(
            name: "an unknown volume",
            request: #""containerDefinitions":[{"name":"a","image":"a","memory":9,"#
                + #""mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]}]"#,
            message: "Unknown volume 'v'."),
        Refusal(
            name: "secrets, which nothing serves yet",
            request: #""containerDefinitions":[{"name":"a","image":"a","memory":9,"#
                + #""secrets":[{"name":"S","valueFrom":"x"}]}]"#,
            message: "secrets of container 'a' is not built yet."),
        Refusal(
            name: "an open standard input, which nothing is attached to",
            request: #""containerDefinitions":[{"name":"a","image":"a","memory":9,"interactive":true}]"#,
            message: "interactive of container 'a' is not built yet."),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(row: Refusal) throws {
        let request = try decoded(row.request)
        #expect(throws: ValidationFault.self) { try TaskDefinition(validating: request) }
        do throws(ValidationFault) {
            _ = try TaskDefinition(validating: request)
        } catch {
            #expect(error.message == row.message)
        }
    }

    @Test("fills in what ECS fills in")
    func normalises() throws {
        let request = try decoded(
            Self.fargate(
                #""cpu":"0.25 vCPU","memory":".5 gb""#,
                container: #"{"name":"web","image":"web:1","portMappings":[{"containerPort":80}]}"#))
        let definition = try TaskDefinition(validating: request)
        #expect(definition.cpu == CPUUnits(256))
        #expect(definition.memory == MemoryMiB(512))
        #expect(definition.containers[0].essential)
        #expect(definition.containers[0].portMappings == [PortMapping(containerPort: 80, hostPort: 80)])
        #expect(definition.compatibilities == [.ec2, .fargate])
        #expect(definition.requiresAttributes == ["ecs.capability.task-cpu-mem-limit", "ecs.capability.task-eni"])
    }

    @Test("leaves a bridge host port dynamic and offers EXTERNAL and EC2")
    func bridge() throws {
        let request = try decoded(
            #""containerDefinitions":[{"name":"a","image":"a","memory":9,"portMappings":[{"containerPort":80}]}]"#)
        let definition = try TaskDefinition(validating: request)
        #expect(definition.networkMode == nil)
        #expect(definition.containers[0].portMappings[0].hostPort == 0)
        #expect(definition.compatibilities == [.external, .ec2])
    }

    @Test("offers exactly Fargate's sizes", arguments: [256, 512, 1024, 2048, 4096, 8192, 16384, 300])
    func fargateSizes(cpu: Int) {
        let offered = stride(from: 512, through: 131_072, by: 512).filter {
            FargateSize.admits(cpu: CPUUnits(cpu), memory: MemoryMiB($0))
        }
        let expected: [Int: (count: Int, first: Int, last: Int)] = [
            256: (3, 512, 2048), 512: (4, 1024, 4096), 1024: (7, 2048, 8192), 2048: (13, 4096, 16384),
            4096: (23, 8192, 30720), 8192: (12, 16384, 61440), 16384: (12, 32768, 122_880),
        ]
        #expect(offered.count == expected[cpu]?.count ?? 0)
        #expect(offered.first == expected[cpu]?.first)
        #expect(offered.last == expected[cpu]?.last)
    }

    private func decoded(_ members: String) throws -> ECSShapes.RegisterTaskDefinitionRequest {
        var reader = JSONReader(Array(#"{"family":"web",\#(members)}"#.utf8))
        return try ECSShapes.RegisterTaskDefinitionRequest(json: &reader)
    }

    private static func fargate(_ size: String, container: String) -> String {
        #""requiresCompatibilities":["FARGATE"],"networkMode":"awsvpc",\#(size),"containerDefinitions":[\#(container)]"#
    }
}
