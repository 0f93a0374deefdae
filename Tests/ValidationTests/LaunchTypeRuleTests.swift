import Domain
import Testing

@testable import Validation

@Suite("Launch types of a definition")
struct LaunchTypeRuleTests {
    private static func not(_ member: String, _ container: String = "", task: String = "") -> Refused {
        Refused(
            member, Registration.fargate(container, task: task),
            "Fargate compatible task definitions do not support \(member).")
    }

    static let fargate = [
        Refused(
            "a size that is not offered", Registration.fargate(size: #""cpu":"512","memory":"512""#),
            "No Fargate configuration exists for given values: 512 CPU, 512 memory. "
                + "See the Amazon ECS documentation for the valid values."),
        Refused(
            "Windows below a vCPU",
            Registration.fargate(task: #""runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}"#),
            "No Fargate configuration exists for given values: 256 CPU, 512 memory. "
                + "See the Amazon ECS documentation for the valid values."),
        Refused(
            "no cpu", Registration.fargate(size: #""memory":"512""#),
            "Fargate requires that 'cpu' be defined at the task level."),
        Refused(
            "no memory", Registration.fargate(size: #""cpu":"256""#),
            "Fargate requires that 'memory' be defined at the task level."),
        Refused(
            "a bridge",
            Registration.one("", task: #""requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512""#),
            "Fargate only supports network mode \u{2018}awsvpc\u{2019}."),
        Refused(
            "the host's processes", Registration.fargate(task: #""pidMode":"host""#),
            "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'."
        ),
        Refused(
            "shared memory of the task", Registration.fargate(task: #""ipcMode":"task""#),
            "Tasks using the Fargate launch type do not support ipcMode."),
        Refused(
            "a capability", Registration.fargate(#""linuxParameters":{"capabilities":{"add":["NET_ADMIN"]}}"#),
            "NET_ADMIN is not allowed on Fargate."),
        Refused(
            "a GPU", Registration.fargate(#""resourceRequirements":[{"type":"GPU","value":"1"}]"#),
            "Tasks using the Fargate launch type do not support GPU resource requirements."),
        Refused(
            "a long stop", Registration.fargate(#""stopTimeout":121"#),
            "Invalid 'stopTimeout' setting for container 'a': 121. Fargate takes 2 to 120."),
        Refused(
            "another log driver", Registration.fargate(#""logConfiguration":{"logDriver":"syslog"}"#),
            "Fargate does not support log driver 'syslog'."),
        Refused(
            "awslogs without stream prefix",
            Registration.fargate(
                #""logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r"}}"#),
            "Log driver awslogs requires options: awslogs-stream-prefix"),
        Refused(
            "awslogs without execution role",
            Registration.fargate(
                #""logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r","awslogs-stream-prefix":"p"}}"#
            ), "Fargate requires task definition to have execution role ARN to support log driver awslogs."),
        Refused(
            "an ECR image without execution role",
            Registration.fargate(#""image":"123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1""#),
            "Fargate requires task definition to have execution role ARN to support ECR images."),
        Refused(
            "a private registry without execution role",
            Registration.fargate(
                #""repositoryCredentials":{"credentialsParameter":"arn:aws:secretsmanager:us-east-1:1:secret:s"}"#),
            "Fargate requires task definition to have execution role ARN to support private registry authentication."),
        Refused(
            "a router's file in S3",
            Registration.fargate(
                #""firelensConfiguration":{"type":"fluentbit","options":{"config-file-type":"s3","config-file-value":"arn:aws:s3:::b/f"}}"#
            ), "Fargate launch type does not support FirelensConfiguration config file from 's3'"),
        not("constraints", task: #""placementConstraints":[{"type":"memberOf","expression":"attribute:a == b"}]"#),
        not("sourcePath", task: #""volumes":[{"name":"v","host":{"sourcePath":"/v"}}]"#),
        not("dockerVolumeConfiguration", task: #""volumes":[{"name":"v","dockerVolumeConfiguration":{}}]"#),
        not("privileged", #""privileged":true"#),
        not("devices", #""linuxParameters":{"devices":[{"hostPath":"/dev/fuse"}]}"#),
        not("sharedMemorySize", #""linuxParameters":{"sharedMemorySize":1}"#),
        not("maxSwap", #""linuxParameters":{"maxSwap":1}"#),
        not("swappiness", #""linuxParameters":{"swappiness":1}"#),
        not("dockerSecurityOptions", #""dockerSecurityOptions":["no-new-privileges"]"#),
        not("credentialSpecs", #""credentialSpecs":["credentialspec:arn:aws:s3:::b/f"]"#),
        not("ulimit core", #""ulimits":[{"name":"core","softLimit":1,"hardLimit":1}]"#),
    ]

    @Test("refuses for FARGATE", arguments: fargate)
    func refusesFargate(row: Refused) throws { try row.verify() }

    static let external = [
        Refused(
            "awsvpc", Registration.one("", task: #""requiresCompatibilities":["EXTERNAL"],"networkMode":"awsvpc""#),
            "Tasks using the EXTERNAL launch type do not support network mode 'awsvpc'."),
        Refused(
            "EFS",
            Registration.one(
                "",
                task:
                    #""requiresCompatibilities":["EC2","EXTERNAL"],"volumes":[{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]"#
            ),
            "Tasks using the EXTERNAL launch type do not support efsVolumeConfiguration of volume 'v'."),
    ]

    @Test("refuses for EXTERNAL", arguments: external)
    func refusesExternal(row: Refused) throws { try row.verify() }

    @Test(
        "takes on FARGATE what it offers",
        arguments: [
            #""ulimits":[{"name":"nofile","softLimit":1,"hardLimit":1}]"#, #""stopTimeout":2"#, #""stopTimeout":120"#,
            #""linuxParameters":{"initProcessEnabled":true,"capabilities":{"add":["SYS_PTRACE"],"drop":["ALL"]}}"#,
            #""linuxParameters":{"tmpfs":[{"containerPath":"/t","size":1}]}"#,
            #""systemControls":[{"namespace":"net.core.somaxconn","value":"1"}]"#, #""readonlyRootFilesystem":true"#,
            #""portMappings":[{"containerPortRange":"80-90"}]"#,
        ])
    func takes(container: String) throws {
        #expect(try Registration.accepted(Registration.fargate(container)).compatibilities == [.ec2, .fargate])
    }

    @Test(
        "offers every launch type for which the definition is valid",
        arguments: [
            ("", [LaunchType.external, .ec2]), (#""networkMode":"host""#, [.external, .ec2]),
            (#""networkMode":"none""#, [.external, .ec2]), (#""networkMode":"awsvpc""#, [.ec2]),
            (#""networkMode":"awsvpc","cpu":"256","memory":"512""#, [.ec2, .fargate]),
            (#""networkMode":"awsvpc","cpu":"256","memory":"512","pidMode":"task""#, [.ec2, .fargate]),
            (#""networkMode":"awsvpc","cpu":"256","memory":"512","ipcMode":"none""#, [.ec2]),
            (#""networkMode":"awsvpc","cpu":"300","memory":"512""#, [.ec2]),
        ])
    func compatibilities(task: String, expected: [LaunchType]) throws {
        #expect(try Registration.accepted(Registration.one("", task: task)).compatibilities == expected)
    }

    static let taskRows: [(String, [String])] = [
        ("", []),
        (#""networkMode":"awsvpc""#, ["ecs.capability.task-eni"]),
        (#""cpu":"256""#, ["ecs.capability.task-cpu-mem-limit"]),
        (#""taskRoleArn":"r""#, ["com.amazonaws.ecs.capability.task-iam-role"]),
        (#""taskRoleArn":"r","networkMode":"host""#, ["com.amazonaws.ecs.capability.task-iam-role-network-host"]),
        (#""pidMode":"task""#, ["ecs.capability.pid-ipc-namespace-sharing"]),
        (#""ipcMode":"none""#, ["ecs.capability.pid-ipc-namespace-sharing"]),
        (#""volumes":[{"name":"v","dockerVolumeConfiguration":{}}]"#, ["ecs.capability.docker-plugin.local"]),
    ]

    @Test("requires attributes for what the task asks", arguments: taskRows)
    func taskAttributes(task: String, expected: [String]) throws {
        #expect(try Registration.accepted(Registration.one("", task: task)).requiresAttributes == expected)
    }

    private static let docker = "com.amazonaws.ecs.capability."
    static let containerRows: [(String, [String])] = [
        (#""privileged":true"#, [docker + "privileged-container"]),
        (#""dockerLabels":{"a":"b"}"#, [docker + "docker-remote-api.1.18"]),
        (#""ulimits":[{"name":"core","softLimit":1,"hardLimit":1}]"#, [docker + "docker-remote-api.1.18"]),
        (
            #""logConfiguration":{"logDriver":"json-file"}"#,
            [docker + "docker-remote-api.1.18", docker + "logging-driver.json-file"]
        ),
        (
            #""healthCheck":{"command":["a"]}"#,
            [docker + "docker-remote-api.1.24", "ecs.capability.container-health-check"]
        ),
        (#""linuxParameters":{"initProcessEnabled":true}"#, [docker + "docker-remote-api.1.25"]),
        (#""linuxParameters":{"sharedMemorySize":1}"#, [docker + "docker-remote-api.1.22"]),
        (#""restartPolicy":{"enabled":true}"#, ["ecs.capability.container-restart-policy"]),
        (#""restartPolicy":{"enabled":false}"#, []),
        (#""portMappings":[{"containerPortRange":"1-2"}]"#, ["ecs.capability.network.container-port-range"]),
        (#""image":"123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1""#, [docker + "ecr-auth"]),
    ]

    @Test("requires attributes for what a container asks", arguments: containerRows)
    func containerAttributes(container: String, expected: [String]) throws {
        #expect(try Registration.accepted(Registration.one(container)).requiresAttributes == expected)
    }

    @Test("requires the execution role's attributes for what the role does")
    func executionRole() throws {
        let definition = try Registration.accepted(
            Registration.one(
                #""image":"123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1","logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r"}}"#,
                task: #""executionRoleArn":"r""#))
        #expect(
            definition.requiresAttributes == [
                Self.docker + "docker-remote-api.1.18", Self.docker + "docker-remote-api.1.19",
                Self.docker + "ecr-auth",
                Self.docker + "logging-driver.awslogs", "ecs.capability.execution-role-awslogs",
                "ecs.capability.execution-role-ecr-pull",
            ])
    }
}
