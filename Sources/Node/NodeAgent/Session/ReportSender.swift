import AgentWire
import Domain
import Identifiers
import JSONBytes
import Logging
import Synchronization

/// Tells the control plane what became of tasks, however long that takes.
final class ReportSender: TaskReporter {
    private let api: ControlPlaneAPI
    private let clock: any NodeClock
    private let logger: Logger
    private let most: Duration
    /// As ECS's agent does: ten tasks at a time.
    private let width = Turnstile(10)
    private let sleepers = Mutex<[Int: CheckedContinuation<Void, Never>]>([:])
    private let nextSleeper = Mutex(0)

    init(api: ControlPlaneAPI, clock: any NodeClock, logger: Logger, most: Duration) {
        self.api = api
        self.clock = clock
        self.logger = logger
        self.most = most
    }

    func submit(_ report: ObservedTask, of assignment: TaskAssignment) async throws {
        let body = SubmitTaskStateChange.body(report, of: assignment)
        var backoff = Backoff(first: .milliseconds(30), most: most)
        var random = SystemRandomNumberGenerator()
        while true {
            try Task.checkCancellation()
            do {
                _ = try await width.pass { try await self.api.call("SubmitTaskStateChange", body) }
                return
            } catch let failure as APIFailure where failure.isFinal {
                logger.warning(
                    "report refused", metadata: ["task": "\(assignment.task.id)", "reason": "\(failure)"])
                return
            } catch {
                logger.debug("report not taken yet", metadata: ["task": "\(assignment.task.id)", "reason": "\(error)"])
            }
            await pause(backoff.next(using: &random))
        }
    }

    /// Sends what waits at once: the control plane was just heard of.
    func retryNow() {
        let waiting = sleepers.withLock { sleepers in
            defer { sleepers = [:] }
            return Array(sleepers.values)
        }
        for sleeper in waiting { sleeper.resume() }
    }

    /// Waits for the time, for `retryNow`, or for cancellation.
    private func pause(_ duration: Duration) async {
        let id = nextSleeper.withLock { next in
            next += 1
            return next
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled sleep: the other child ended the wait.
                try? await self.clock.sleep(for: duration)
                self.wake(id)
            }
            group.addTask {
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        self.sleepers.withLock { $0[id] = continuation }
                        if Task.isCancelled { self.wake(id) }
                    }
                } onCancel: {
                    self.wake(id)
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func wake(_ id: Int) { sleepers.withLock { $0.removeValue(forKey: id) }?.resume() }
}

/// The request that reports a task, as ECS's agent writes it, with Berth's own member beside the stock ones.
enum SubmitTaskStateChange {
    static func body(_ report: ObservedTask, of assignment: TaskAssignment) -> JSONValue {
        var body: [String: JSONValue] = [
            "cluster": .string(assignment.task.cluster.name), "task": .string(assignment.task.arn),
            "status": .string(report.status.word), "reason": .string(String((report.reason ?? "").prefix(1024))),
            "containers": .array(report.containers.map(container)),
        ]
        body["pullStartedAt"] = report.pullStartedAt.map { .number($0.seconds) }
        body["pullStoppedAt"] = report.pullStoppedAt.map { .number($0.seconds) }
        body["executionStoppedAt"] = report.executionStoppedAt.map { .number($0.seconds) }
        var berth: [String: JSONValue] = ["version": .integer(Int64(berthExtensionVersion))]
        if let interface = report.interface {
            berth["interface"] = [
                "address": .string(interface.address), "macAddress": .string(interface.macAddress),
            ]
            if let id = assignment.attachmentID {
                let arn = ARN(scope: assignment.task.cluster.scope, type: "attachment", path: [id]).text
                body["attachments"] = [["attachmentArn": .string(arn), "status": "ATTACHED"]]
            }
        }
        body["berth"] = .object(berth)
        return .object(body)
    }

    private static func container(_ container: ObservedContainer) -> JSONValue {
        var body: [String: JSONValue] = [
            "containerName": .string(container.name), "status": .string(container.status.word),
        ]
        body["runtimeId"] = container.runtimeID.map { .string($0) }
        body["imageDigest"] = container.imageDigest.map { .string($0) }
        body["exitCode"] = container.exitCode.map { .integer(Int64($0)) }
        body["reason"] = container.reason.map { .string(String($0.prefix(1024))) }
        if !container.networkBindings.isEmpty {
            body["networkBindings"] = .array(container.networkBindings.map(binding))
        }
        return .object(body)
    }

    private static func binding(_ binding: NetworkBinding) -> JSONValue {
        var body: [String: JSONValue] = [
            "bindIP": .string(binding.bindIP), "protocol": .string(binding.transport.rawValue),
        ]
        if let containers = binding.containerPortRange, let hosts = binding.hostPortRange {
            body["containerPortRange"] = .string(containers.text)
            body["hostPortRange"] = .string(hosts.text)
        } else {
            body["containerPort"] = .integer(Int64(binding.containerPort))
            body["hostPort"] = .integer(Int64(binding.hostPort))
        }
        return .object(body)
    }
}

extension TaskStatus {
    /// The word of a report; a node tells three.
    fileprivate var word: String {
        switch self {
        case .stopped: "STOPPED"
        case .running, .deactivating, .stopping, .deprovisioning: "RUNNING"
        case .provisioning, .pending, .activating: "PENDING"
        }
    }
}

extension ContainerStatus {
    fileprivate var word: String {
        switch self {
        case .pending: "PENDING"
        case .running: "RUNNING"
        case .stopped: "STOPPED"
        }
    }
}
