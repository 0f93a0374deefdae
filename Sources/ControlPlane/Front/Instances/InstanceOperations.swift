import AgentGateway

/// The operations on container instances, and what their agents report.
enum InstanceOperations {
    static func all(_ ports: FrontPorts, _ reports: AgentReports) -> [Operation] { [] }
}
