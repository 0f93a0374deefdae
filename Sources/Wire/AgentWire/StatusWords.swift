public import Domain

extension DesiredStatus {
    /// The word of the agent protocol.
    public var word: String {
        switch self {
        case .running: "RUNNING"
        case .stopped: "STOPPED"
        }
    }

    /// nil for a word that names no desired status.
    public init?(word: String) {
        switch word {
        case "RUNNING": self = .running
        case "STOPPED": self = .stopped
        default: return nil
        }
    }
}

extension HealthStatus {
    /// The word of the agent protocol.
    public var word: String {
        switch self {
        case .healthy: "HEALTHY"
        case .unhealthy: "UNHEALTHY"
        case .unknown: "UNKNOWN"
        }
    }

    /// nil for a word that names no health.
    public init?(word: String) {
        switch word {
        case "HEALTHY": self = .healthy
        case "UNHEALTHY": self = .unhealthy
        case "UNKNOWN": self = .unknown
        default: return nil
        }
    }
}

extension LaunchType {
    /// The word of the agent protocol.
    public var word: String {
        switch self {
        case .ec2: "EC2"
        case .fargate: "FARGATE"
        case .external: "EXTERNAL"
        }
    }
}
