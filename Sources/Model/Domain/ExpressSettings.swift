public import Identifiers

/// What an Express service asks for beyond an ordinary one.
///
/// On a service it is what the next revision gets; on a revision it is what that was made with. Written by the API front.
public struct ExpressSettings: Hashable, Codable, Sendable {
    public enum Metric: String, Codable, Sendable { case averageCPU, averageMemory, requestCountPerTarget }

    /// How many tasks run, and what would change that number. Only the minimum is acted on.
    public struct Scaling: Hashable, Codable, Sendable {
        public var minimum: Int = 1
        public var maximum: Int = 20
        public var metric: Metric = .averageCPU
        /// Percent, or requests per task and minute.
        public var target: Int = 60

        public init() {}
    }

    public var infrastructureRoleARN: String
    public var healthCheckPath: String = "/ping"
    public var scaling = Scaling()
    public var updatedAt: Timestamp

    public init(infrastructureRoleARN: String, updatedAt: Timestamp) {
        self.infrastructureRoleARN = infrastructureRoleARN
        self.updatedAt = updatedAt
    }
}
