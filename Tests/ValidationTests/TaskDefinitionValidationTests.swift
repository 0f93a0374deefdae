import Domain
import JSONBytes
import Testing

@testable import Validation

@Suite("Registering a task definition")
struct TaskDefinitionValidationTests {
    static let refusals = [
        Refused("no containers", #""containerDefinitions":[]"#, "Container list cannot be empty."),
        Refused(
            "more than ten containers",
            #""containerDefinitions":[\#((0..<11).map { Registration.container(name: "c\($0)") }.joined(separator: ","))]"#,
            "Too many containers: 11. A task definition may have at most 10."),
        Refused(
            "a container without a name", #""containerDefinitions":[{"image":"a"}]"#,
            "Container.name should not be null or empty."),
        Refused(
            "a container without an image", #""containerDefinitions":[{"name":"a"}]"#,
            "Container.image should not be null or empty."),
        Refused(
            "two containers of one name", Registration.containers(Registration.container(), Registration.container()),
            "Container names must be unique within a task definition: 'a'."),
        Refused(
            "no essential container", Registration.one(#""essential":false"#),
            "Task definition doesn't have any essential container."),
        Refused(
            "no memory anywhere", #""containerDefinitions":[{"name":"a","image":"a"}]"#,
            "Invalid setting for container 'a'. At least one of 'memory' or 'memoryReservation' must be specified."),
        Refused(
            "zero memory", #""containerDefinitions":[{"name":"a","image":"a","memory":0}]"#,
            "Invalid 'memory' setting for container 'a'."),
        Refused(
            "negative soft memory", #""containerDefinitions":[{"name":"a","image":"a","memoryReservation":-1}]"#,
            "Invalid 'memoryReservation' setting for container 'a'."),
        Refused(
            "a soft limit above the hard one", Registration.one(#""memoryReservation":65"#),
            "Invalid setting for container 'a'. 'memory' must be greater than or equal to 'memoryReservation': 64 and "
                + "65."),
        Refused("negative cpu", Registration.one(#""cpu":-1"#), "Invalid 'cpu' setting for container 'a': -1."),
        Refused(
            "a task cpu that is no number", Registration.one("", task: #""cpu":"lots""#),
            "Invalid 'cpu' setting for task. 'lots' is not a number of CPU units from 128 to 196608, nor of vCPU.",
            code: .invalidParameter),
        Refused(
            "a task cpu with a sign", Registration.one("", task: #""cpu":"+256""#),
            "Invalid 'cpu' setting for task. '+256' is not a number of CPU units from 128 to 196608, nor of vCPU.",
            code: .invalidParameter),
        Refused(
            "a task memory that is no number", Registration.one("", task: #""memory":"1 TB""#),
            "Invalid 'memory' setting for task. '1 TB' is not a number of MiB from 4 to 67108864, nor of GB.",
            code: .invalidParameter),
        Refused(
            "more cpu in containers than in the task", Registration.one(#""cpu":257"#, task: #""cpu":"256""#),
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."),
        Refused(
            "a container larger than the task", Registration.one("", task: #""memory":"32""#),
            "The 'memory' setting for container 'a' is greater than for the task."),
        Refused(
            "more soft memory than the task has",
            #""memory":"64",\#(Registration.containers(#"{"name":"a","image":"a","memoryReservation":40}"#, #"{"name":"b","image":"a","memoryReservation":40}"#))"#,
            "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'."
        ),
        Refused(
            "a family that is no name", #""family":"a b",\#(Registration.one(""))"#,
            "Family contains invalid characters: 'a b'."),
        Refused(
            "a role that is no role", Registration.one("", task: #""taskRoleArn":"arn:aws:iam::1:user/x""#),
            "Role is not valid: 'arn:aws:iam::1:user/x'."),
        Refused(
            "little ephemeral storage", Registration.one("", task: #""ephemeralStorage":{"sizeInGiB":20}"#),
            "EphemeralStorage size should be at least 21, got 'ephemeralStorage.sizeInGiB' 20."),
        Refused(
            "much ephemeral storage", Registration.one("", task: #""ephemeralStorage":{"sizeInGiB":201}"#),
            "EphemeralStorage size should be at most 200, got 'ephemeralStorage.sizeInGiB' 201."),
        Refused(
            "a placement constraint without expression",
            Registration.one("", task: #""placementConstraints":[{"type":"memberOf"}]"#),
            "Invalid 'placementConstraints' setting: a task definition takes type memberOf with an expression."),
        Refused(
            "eleven placement constraints",
            Registration.one(
                "",
                task:
                    #""placementConstraints":[\#(Array(repeating: #"{"type":"memberOf","expression":"task:group == a"}"#, count: 11).joined(separator: ","))]"#
            ),
            "Too many placementConstraints: 11. At most 10 are allowed."),
        Refused(
            "inference accelerators",
            Registration.one("", task: #""inferenceAccelerators":[{"deviceName":"d","deviceType":"t"}]"#),
            "Unsupported field 'inferenceAccelerators'."),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(row: Refused) throws { try row.verify() }

    @Test("refuses what is larger than 64 KB, with its size")
    func tooLarge() throws {
        let request = Registration.one(#""command":["\#(String(repeating: "x", count: 65_536))"]"#)
        let size = try Registration.decoded(request).jsonBytes().count
        try Refused("large", request, "Actual length: '\(size)'. Max allowed length is '65536' bytes.").verify()
    }

    @Test("fills in what ECS fills in")
    func normalises() throws {
        let definition = try Registration.accepted(
            Registration.fargate(
                #""portMappings":[{"containerPort":80}]"#, size: #""cpu":"0.25 vCPU","memory":".5 gb""#))
        #expect(definition.cpu == CPUUnits(256))
        #expect(definition.memory == MemoryMiB(512))
        #expect(definition.containers[0].essential)
        #expect(definition.containers[0].portMappings == [PortMapping(containerPort: 80, hostPort: 80)])
        #expect(definition.requiresCompatibilities == [.fargate])
        #expect(definition.compatibilities == [.ec2, .fargate])
    }

    @Test(
        "reads sizes with and without units",
        arguments: [
            ("256", 256), ("1 vCPU", 1024), ("1vcpu", 1024), (".5 VCPU", 512), ("2.0 vCPU", 2048), ("0.125vCPU", 128),
        ])
    func cpu(text: String, units: Int) throws {
        #expect(try TaskSize.cpu(text) == CPUUnits(units))
    }

    @Test(
        "reads memory with and without units",
        arguments: [("512", 512), ("1GB", 1024), ("0.5 gb", 512), ("30 GB", 30720)])
    func memory(text: String, mebibytes: Int) throws {
        #expect(try TaskSize.memory(text) == MemoryMiB(mebibytes))
    }

    @Test(
        "refuses sizes that are none",
        arguments: ["", " ", "vCPU", "1.2.3 vCPU", "-1", "0x100", "1e3", "127", "196609"])
    func noCPU(text: String) {
        #expect(throws: ValidationFault.self) { try TaskSize.cpu(text) }
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
}
