import Domain
import Identifiers
import Testing

@testable import AgentGateway

@Suite("What a host is given to run a task")
struct AssignmentTests {
    @Test("overrides are merged by name, and what they do not name stays")
    func overrides() {
        var task = TaskRecord.placed("1")
        var override = ContainerOverride(name: "web")
        override.command = ["sleep", "1"]
        override.environment = [KeyValue(key: "SIZE", value: "l"), KeyValue(key: "NEW", value: "n")]
        override.memory = MemoryMiB(64)
        task.overrides.containers = [override]
        task.overrides.cpu = CPUUnits(512)
        let assignment = TaskAssignment(task, definition: webDefinition.definition)
        let container = assignment.containers.first
        #expect(container?.id == "c-1")
        #expect(container?.definition.command == ["sleep", "1"])
        #expect(container?.definition.memory == MemoryMiB(64))
        #expect(container?.definition.image == "web:1")
        #expect(
            container?.definition.environment == [
                KeyValue(key: "COLOUR", value: "red"), KeyValue(key: "SIZE", value: "l"),
                KeyValue(key: "NEW", value: "n"),
            ])
        #expect(assignment.cpu == CPUUnits(512))
        #expect(assignment.group == "service:web")
    }
}
