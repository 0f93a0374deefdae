import Domain
import Identifiers
import TaskLifecycle
import TestKit
import Testing

@Suite("New tasks")
struct TaskTemplateTests {
    func task(_ definition: TaskDefinitionRecord, _ launchType: LaunchType = .ec2) throws -> TaskRecord {
        let template = TaskTemplate(
            definition: definition, cluster: .test, launchType: launchType, group: "family:web")
        return try #require(newTasks(1, of: template, ids: SeededIDSource(), now: .test()).first)
    }

    @Test("of managed capacity reserve the task's size and carry an attachment")
    func managed() throws {
        var definition = TaskDefinitionRecord.test()
        definition.definition.cpu = CPUUnits(512)
        definition.definition.memory = MemoryMiB(1_024)
        let task = try task(definition, .fargate)
        #expect(task.reservation == Resources(cpu: CPUUnits(512), memory: MemoryMiB(1_024)))
        #expect(task.platformVersion == "1.4.0")
        #expect(task.attachmentID != nil)
        #expect(task.id.id.count == 32)
    }

    @Test("without a size reserve the sum of their containers, soft memory limits first")
    func sums() throws {
        var definition = TaskDefinitionRecord.test(mode: .bridge)
        var sidecar = ContainerDefinition(name: "side", image: "demo")
        sidecar.cpu = CPUUnits(10)
        sidecar.memory = MemoryMiB(300)
        sidecar.memoryReservation = MemoryMiB(100)
        definition.definition.containers.append(sidecar)
        let task = try task(definition)
        #expect(task.reservation == Resources(cpu: CPUUnits(266), memory: MemoryMiB(612)))
        #expect(task.attachmentID == nil)
    }

    @Test("reserve static host ports in bridge and host mode only")
    func ports() throws {
        var definition = TaskDefinitionRecord.test(mode: .bridge)
        definition.definition.containers[0].portMappings = [
            PortMapping(containerPort: 80, hostPort: 8080), PortMapping(containerPort: 81),
        ]
        #expect(try task(definition).hostPorts == [Port(8080)])
        definition.definition.networkMode = .host
        #expect(try task(definition).hostPorts == [Port(80), Port(81)])
        definition.definition.networkMode = .awsvpc
        #expect(try task(definition).hostPorts.isEmpty)
    }

    @Test(
        "go to hosts of the processor that the definition names",
        arguments: [
            ("ARM64", [PlacementConstraint.memberOf("attribute:ecs.cpu-architecture == arm64")]),
            ("X86_64", [.memberOf("attribute:ecs.cpu-architecture == x86_64")]), (nil, []),
        ] as [(String?, [PlacementConstraint])])
    func architecture(name: String?, constraints: [PlacementConstraint]) throws {
        var definition = TaskDefinitionRecord.test()
        definition.definition.cpuArchitecture = name
        #expect(try task(definition, .fargate).placementConstraints == constraints)
    }

    @Test("of a service carry its group and deployment, and its tags when it propagates them")
    func ofService() throws {
        var service = ServiceRecord.test(desired: 1)
        service.tags = [KeyValue(key: "team", value: "a")]
        service.propagateTags = "SERVICE"
        let template = TaskTemplate(service: service, deployment: service.deployments[0], definition: .test())
        let task = try #require(newTasks(1, of: template, ids: SeededIDSource(), now: .test()).first)
        #expect(task.group == "service:web")
        #expect(task.startedBy == "ecs-svc/1")
        #expect(task.tags == service.tags)
    }

    @Test("get ids of the right shape, equal for equal seeds")
    func ids() {
        let ids = SeededIDSource(seed: 7)
        #expect(ids.uuid().wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(ids.deploymentID().rawValue.wholeMatch(of: /ecs-svc\/[1-9][0-9]{18}/) != nil)
        #expect(SeededIDSource(seed: 7).hexID() == SeededIDSource(seed: 7).hexID())
    }
}
