public import AgentWire
import Domain
public import Identifiers
public import TaskLifecycle

/// What a telemetry session wants done, in this order.
public enum TCSOutput: Hashable, Sendable {
    case send(String)
    /// What health checks said of the containers of one task.
    case health(TaskID, [ContainerHealthReport])
    case metrics(TaskID, TaskMetric)
    /// The state of the host's container runtime.
    case instanceStatus(InstanceStatus)
    /// A frame that could not be read; it was ignored.
    case unreadable(FrameError)
}

/// One agent's TCS connection.
public struct TCSSession: Sendable {
    private let configuration: GatewayConfiguration
    private var nextHeartbeatAt: Instant?

    public init(configuration: GatewayConfiguration) { self.configuration = configuration }

    /// When the session wants a `tick`.
    public var deadline: Instant? { nextHeartbeatAt }

    /// Keeps a silent agent from taking the server for dead.
    public mutating func tick(now: Instant) -> [TCSOutput] {
        if let nextHeartbeatAt, now < nextHeartbeatAt { return [] }
        nextHeartbeatAt = now.adding(configuration.heartbeatInterval)
        var heartbeat = HeartbeatMessage()
        heartbeat.healthy = true
        return [.send(heartbeat.frame())]
    }

    /// Takes one frame in and acknowledges it.
    public func received(_ text: String) -> [TCSOutput] {
        do throws(FrameError) {
            switch try TCSAgentMessage(json: TCSFrame(text: text).json) {
            case .metrics(let request):
                let metrics = request.taskMetrics.compactMap { metric in
                    metric.taskArn.flatMap(TaskID.init(arn:)).map { TCSOutput.metrics($0, metric) }
                }
                return metrics + [.send(AckPublishMetric().frame())]
            case .health(let request):
                return request.tasks.compactMap(Self.health) + [.send(AckPublishHealth().frame())]
            case .instanceStatus(let request):
                return request.statuses.map(TCSOutput.instanceStatus) + [.send(AckPublishInstanceStatus().frame())]
            case .unknown: return []
            }
        } catch {
            return [.unreadable(error)]
        }
    }

    private static func health(_ task: TaskHealth) -> TCSOutput? {
        guard let id = task.taskArn.flatMap(TaskID.init(arn:)) else { return nil }
        let reports = task.containers.compactMap { container -> ContainerHealthReport? in
            guard let name = container.containerName,
                let health = container.healthStatus.flatMap(HealthStatus.init(word:))
            else { return nil }
            return ContainerHealthReport(name: name, health: health)
        }
        return .health(id, reports)
    }
}
