import Domain
import ECSShapes
import JSONBytes
import Testing

@testable import Validation

@Suite("Overriding a task definition")
struct TaskOverridesTests {
    private static let own = Registration.one(#""cpu":100"#, task: #""cpu":"256","memory":"512""#)

    private static func overrides(_ members: String, of request: String = own, on type: LaunchType = .ec2) throws
        -> TaskOverrides
    {
        var reader = JSONReader(Array("{\(members)}".utf8))
        return try TaskOverrides(
            validating: try ECSShapes.TaskOverride(json: &reader), of: try Registration.accepted(request), on: type)
    }

    static let refusals: [(String, String)] = [
        (#""containerOverrides":[{"cpu":1}]"#, "Container name must be specified for each container override."),
        (
            #""containerOverrides":[{"name":"x"}]"#,
            "Override for container named x is not a container in the TaskDefinition."
        ),
        (
            #""containerOverrides":[{"name":"a"},{"name":"a"}]"#,
            "Invalid 'containerOverrides' setting: container 'a' is overridden more than once."
        ),
        (#""containerOverrides":[{"name":"a","cpu":-1}]"#, "Invalid 'cpu' setting for container 'a': -1."),
        (
            #""containerOverrides":[{"name":"a","cpu":257}]"#,
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."
        ),
        (#""containerOverrides":[{"name":"a","memory":0}]"#, "Invalid 'memory' setting for container 'a'."),
        (
            #""containerOverrides":[{"name":"a","memory":513}]"#,
            "The 'memory' setting for container 'a' is greater than for the task."
        ),
        (
            #""containerOverrides":[{"name":"a","memoryReservation":65}]"#,
            "Invalid setting for container 'a'. 'memory' must be greater than or equal to 'memoryReservation': 64 and 65."
        ),
        (
            #""containerOverrides":[{"name":"a","environment":[{"value":"x"}]}]"#,
            "Invalid 'environment' setting for container 'a': a variable needs a name."
        ),
        (
            #""cpu":"much""#,
            "Invalid 'cpu' setting for task. 'much' is not a number of CPU units from 128 to 196608, nor of vCPU."
        ),
        (
            #""memory":"0""#,
            "Invalid 'memory' setting for task. '0' is not a number of MiB from 4 to 67108864, nor of GB."
        ),
        (
            #""ephemeralStorage":{"sizeInGiB":9}"#,
            "EphemeralStorage size should be at least 21, got 'ephemeralStorage.sizeInGiB' 9."
        ),
        (#""taskRoleArn":"arn:aws:s3:::b""#, "Role is not valid: 'arn:aws:s3:::b'."),
        (
            #""containerOverrides":[{"name":"a","command":["\#(String(repeating: "x", count: 8192))"]}]"#,
            "Overrides must be at most 8192 characters, the JSON formatting included."
        ),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(members: String, message: String) {
        #expect(throws: ValidationFault(.invalidParameter, message)) { try Self.overrides(members) }
    }

    @Test("refuses sizes that managed capacity does not have, and takes those it has")
    func fargate() throws {
        let message =
            "No Fargate configuration exists for given values: 512 CPU, 512 memory. "
            + "See the Amazon ECS documentation for the valid values."
        #expect(throws: ValidationFault(.invalidParameter, message)) {
            try Self.overrides(#""cpu":"512""#, of: Registration.fargate(), on: .fargate)
        }
        let taken = try Self.overrides(#""cpu":".5 vCPU","memory":"1GB""#, of: Registration.fargate(), on: .fargate)
        #expect(taken.cpu == CPUUnits(512) && taken.memory == MemoryMiB(1024))
    }

    @Test("keeps what is overridden, container by container")
    func keeps() throws {
        let taken = try Self.overrides(
            #""containerOverrides":[{"name":"a","command":["x"],"environment":[{"name":"A"}],"cpu":7,"memory":80,"memoryReservation":70}]"#
        )
        var expected = ContainerOverride(name: "a")
        expected.command = ["x"]
        expected.environment = [KeyValue(key: "A", value: "")]
        expected.cpu = CPUUnits(7)
        expected.memory = MemoryMiB(80)
        expected.memoryReservation = MemoryMiB(70)
        #expect(taken.containers == [expected])
    }
}
