import AgentWire
import Domain
import Identifiers
import JSONBytes
import Testing

@Suite("A task assignment on the wire")
struct PayloadTaskTests {
    @Test("stock agents find size, environment, ports and Docker's own settings")
    func stockForm() throws {
        let task = try PayloadTask(Self.assignment, desired: .running)
        #expect(task.arn == "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef")
        #expect(task.cpu == 0.25)
        #expect(task.memory == 512)
        #expect(task.version == "7")
        #expect(task.networkMode == "bridge")
        #expect(task.launchType == "EC2")
        #expect(task.overrides == "{}")
        let container = try #require(task.containers.first)
        #expect(container.environment == ["AWS_EXECUTION_ENV": "AWS_ECS_EC2", "COLOUR": "red"])
        #expect(container.memory == 512)
        #expect(container.portMappings.first?.hostPort == 0)
        #expect(container.healthCheckType == "docker")
        let config = try Recording.json(container.dockerConfig?.config ?? "")
        #expect(config["Healthcheck"]?["Interval"]?.integer == 30_000_000_000)
        #expect(config["User"]?.string == "nobody")
        let host = try Recording.json(container.dockerConfig?.hostConfig ?? "")
        #expect(host["NetworkMode"]?.string == "bridge")
        #expect(host["MemoryReservation"]?.integer == 134_217_728)
        #expect(host["Ulimits"]?[0]?["Name"]?.string == "nofile")
        #expect(host["Tmpfs"]?["/run"]?.string == "size=16m,noexec")
    }

    @Test("our own agent reads the assignment back as it was, through a frame")
    func ownForm() throws {
        var payload = PayloadMessage()
        payload.clusterArn = "c"
        payload.containerInstanceArn = "i"
        payload.messageId = "m"
        payload.tasks = [try PayloadTask(Self.assignment, desired: .running)]
        guard case .payload(let read) = try ACSServerMessage(frame: payload.frame()) else {
            Issue.record("no payload came back")
            return
        }
        #expect(read == payload)
        #expect(try read.tasks.first?.berth?.decodedAssignment() == Self.assignment)
        #expect(read.tasks.first?.berth?.version == berthExtensionVersion)
    }

    @Test("numbers at the edge of what 64 bits hold are clamped")
    func hugeNumbers() throws {
        var container = ContainerDefinition(name: "web", image: "web")
        container.memoryReservation = MemoryMiB(.max)
        container.sharedMemorySize = .max
        container.healthCheck = HealthCheck(command: ["CMD"], interval: .max, timeout: .max, startPeriod: .max)
        var assignment = Self.assignment
        assignment.containers = [AssignedContainer(id: "c", definition: container)]
        let task = try PayloadTask(assignment, desired: .running)
        let config = try Recording.json(task.containers.first?.dockerConfig?.config ?? "")
        #expect(config["Healthcheck"]?["Interval"]?.integer == .max)
    }

    static let assignment: TaskAssignment = {
        var container = ContainerDefinition(name: "web", image: "web:1")
        container.environment = [KeyValue(key: "COLOUR", value: "red")]
        container.portMappings = [PortMapping(containerPort: 80)]
        container.healthCheck = HealthCheck(command: ["CMD-SHELL", "true"])
        container.user = "nobody"
        container.memoryReservation = MemoryMiB(128)
        container.ulimits = [Ulimit(name: "nofile", soft: 1024, hard: 2048)]
        container.tmpfs = [TmpfsMount(containerPath: "/run", size: 16, options: ["noexec"])]
        container.logConfiguration = LogConfiguration(driver: "json-file")
        let scope = Scope(account: "123456789012", region: "us-east-1")
        var assignment = TaskAssignment(
            task: TaskID(
                cluster: ClusterID(scope: scope, name: "demo"), id: "0123456789abcdef0123456789abcdef"),
            family: "web", revision: 7, launchType: .ec2, networkMode: .bridge,
            containers: [AssignedContainer(id: "c1", definition: container)],
            volumes: [VolumeDefinition(name: "scratch")], group: "service:web")
        assignment.cpu = CPUUnits(256)
        assignment.memory = MemoryMiB(512)
        assignment.service = "web"
        return assignment
    }()
}
