public import Domain
public import Identifiers

/// The service events' texts, to the letter.
extension ServiceMessage {
    public static func started(_ tasks: [TaskID], service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) has started \(tasks.count) tasks: \(list(tasks)).")
    }

    static func stopped(_ tasks: [TaskID], service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) has stopped \(tasks.count) running tasks: \(list(tasks)).")
    }

    static func steady(_ service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) has reached a steady state.")
    }

    static func completed(_ deployment: DeploymentID, service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) (deployment \(deployment.rawValue)) deployment completed.")
    }

    static func failed(_ deployment: DeploymentID, service: ServiceID, because reason: String) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) (deployment \(deployment.rawValue)) deployment failed: \(reason)")
    }

    static func rollingBack(to deployment: DeploymentID, service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) rolling back to deployment \(deployment.rawValue).")
    }

    static func unhealthy(_ task: TaskID, _ check: FailedCheck, service: ServiceID) -> ServiceMessage {
        switch check {
        case .container:
            ServiceMessage("(service \(service.name)) (task \(task.id)) failed container health checks.")
        case .target(let port, let reason):
            ServiceMessage(
                "(service \(service.name)) (task \(task.id)) (port \(port.containerPort)) is unhealthy in "
                    + "(target-group \(port.targetGroup.arn)) due to (reason \(reason)).")
        }
    }

    public static func registered(_ count: Int, in group: TargetGroupID, service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) registered \(count) targets in (target-group \(group.arn))")
    }

    public static func deregistered(_ count: Int, in group: TargetGroupID, service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) deregistered \(count) targets in (target-group \(group.arn))")
    }

    public static func draining(_ count: Int, of deployment: DeploymentID, service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name), taskSet \(deployment.rawValue)) has begun draining connections on "
                + "\(count) tasks.")
    }

    static func failingStarts(_ service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) is unable to consistently start tasks successfully.", isOncePerSpell: true)
    }

    static func stuck(_ service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) was unable to stop or start tasks during a deployment because of the service "
                + "deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
            isOncePerSpell: true)
    }

    static func list(_ tasks: [TaskID]) -> String {
        tasks.map { "(task \($0.id))" }.joined(separator: " ")
    }
}

extension ServiceRecord {
    /// How long an equal message stays silent.
    static let spell = Duration.seconds(6 * 3600)

    /// Whether an event with this text is younger than six hours.
    public func hasRecent(_ text: String, now: Timestamp) -> Bool {
        events.contains { $0.message == text && $0.at.adding(Self.spell) > now }
    }

    /// The service with the messages as events, newest first, at most 100.
    public func adding(_ messages: [ServiceMessage], ids: some IDSource, now: Timestamp) -> ServiceRecord {
        var service = self
        for message in messages {
            if message.isOncePerSpell, service.hasRecent(message.text, now: now) { continue }
            service.events.insert(ServiceEvent(id: ids.uuid(), at: now, message: message.text), at: 0)
        }
        service.events.removeLast(max(0, service.events.count - 100))
        return service
    }
}
