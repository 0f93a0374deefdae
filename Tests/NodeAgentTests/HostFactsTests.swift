import Testing

@testable import NodeAgent

@Suite("What the host says of itself")
struct HostFactsTests {
    /// What `Validation` makes of a task definition's settings: without one of these its tasks are never placed.
    @Test(
        "names every feature that a task definition can require",
        arguments: [
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.logging-driver.json-file",
            "com.amazonaws.ecs.capability.privileged-container", "com.amazonaws.ecs.capability.task-iam-role",
            "ecs.capability.container-health-check", "ecs.capability.container-ordering",
            "ecs.capability.container-restart-policy", "ecs.capability.execution-role-awslogs",
            "ecs.capability.task-cpu-mem-limit", "ecs.capability.task-eni",
        ])
    func capabilities(name: String) {
        #expect(HostFacts.capabilities.contains(name))
    }

    @Test("reads the memory that the kernel names")
    func memory() {
        #expect(HostFacts.memory(meminfo: "MemFree: 1 kB\nMemTotal:       2048 kB\n") == 2)
        #expect(HostFacts.memory(meminfo: "nothing") == nil)
    }
}
