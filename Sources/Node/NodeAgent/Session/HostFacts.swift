import Domain
import Foundation

/// What this machine is and can do, as the control plane is told.
enum HostFacts {
    /// 1,024 CPU units per processor, and all memory.
    static func resources() -> Resources {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return Resources(cpu: CPUUnits(1024 * cores), memory: MemoryMiB(memory(meminfo: text) ?? 0))
    }

    /// MiB of `MemTotal`.
    static func memory(meminfo text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            return fields.count > 1 ? Int(fields[1]).map { $0 / 1024 } : nil
        }
        return nil
    }

    static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }

    /// Every feature that a task definition may require and that Berth accepts: a name that is missing here keeps tasks
    /// from ever being placed. Some are accepted and reported rather than acted on: output for awslogs is kept on the host
    /// (`berth logs TASK`), and roles give no credentials yet. `AcceptedSettings` in the front lists those with the reason.
    static let capabilities: [String] =
        ["1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25"]
        .map { "com.amazonaws.ecs.capability.docker-remote-api.\($0)" } + [
            "com.amazonaws.ecs.capability.ecr-auth",
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.logging-driver.json-file",
            "com.amazonaws.ecs.capability.privileged-container",
            "com.amazonaws.ecs.capability.task-iam-role",
            "com.amazonaws.ecs.capability.task-iam-role-network-host",
            "ecs.capability.container-health-check",
            "ecs.capability.container-ordering",
            "ecs.capability.container-restart-policy",
            "ecs.capability.docker-plugin.local",
            "ecs.capability.execution-role-awslogs",
            "ecs.capability.execution-role-ecr-pull",
            "ecs.capability.full-sync",
            "ecs.capability.task-cpu-mem-limit",
            "ecs.capability.increased-task-cpu-limit",
            "ecs.capability.network.container-port-range",
            "ecs.capability.pid-ipc-namespace-sharing",
            "ecs.capability.task-eni",
        ]

    static func attributes(_ configuration: NodeAgentConfiguration) -> [Attribute] {
        var attributes = [
            Attribute(name: "ecs.availability-zone", value: configuration.availabilityZone),
            Attribute(name: "ecs.cpu-architecture", value: architecture),
            Attribute(name: "ecs.os-family", value: "LINUX"),
            Attribute(name: "ecs.os-type", value: "linux"),
        ]
        attributes += capabilities.map { Attribute(name: $0) }
        if case .own(_, .external, _) = configuration.capacity {
            attributes.append(Attribute(name: "ecs.capability.external"))
        }
        return attributes + configuration.attributes
    }
}
