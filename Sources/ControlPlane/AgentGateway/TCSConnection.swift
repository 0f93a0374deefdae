import AgentWire
import Domain
import Identifiers
import Logging
import MetricStore
import StateStore
import Synchronization
import TaskLifecycle

/// The shell of one `TCSSession`.
final class TCSConnection: Sendable {
    private let instance: ContainerInstanceID
    private let gateway: AgentGateway
    private let socket: any AgentSocket
    private let session: Mutex<TCSSession>
    private let replacements: AsyncStream<Void>
    private let replacementInput: AsyncStream<Void>.Continuation

    init(_ instance: ContainerInstanceID, gateway: AgentGateway, socket: any AgentSocket) {
        self.instance = instance
        self.gateway = gateway
        self.socket = socket
        session = Mutex(TCSSession(configuration: gateway.configuration))
        (replacements, replacementInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Serves the connection until either side ends it.
    func run() async {
        let token = gateway.tcs.join(instance) { [self] signal in
            if signal == .replaced { replacementInput.yield() }
        }
        await withTaskGroup { group in
            group.addTask { await self.read() }
            group.addTask { await self.keepTime() }
            group.addTask { await self.awaitReplacement() }
            await group.next()
            group.cancelAll()
        }
        await socket.close(code: 1001, reason: "the server ends the session")
        gateway.tcs.leave(instance, token) {}
    }

    private func read() async {
        for await event in socket.inbound {
            guard case .text(let text) = event else { return }
            for output in session.withLock({ $0.received(text) }) {
                do { try await take(output) } catch { return }
            }
        }
    }

    private func keepTime() async {
        while true {
            let now = gateway.clock.now().instant
            let (outputs, deadline) = session.withLock { session in (session.tick(now: now), session.deadline) }
            do {
                for output in outputs { try await take(output) }
                try await gateway.clock.sleep(until: deadline ?? now.adding(gateway.configuration.heartbeatInterval))
            } catch { return }
        }
    }

    private func awaitReplacement() async {
        for await _ in replacements {
            await socket.close(code: 4000, reason: "replaced by a newer connection")
            return
        }
    }

    private func take(_ output: TCSOutput) async throws {
        switch output {
        case .send(let text): try await socket.send(text: text)
        case .health(let task, let reports): await submit(reports, of: task)
        case .metrics(let task, let metric):
            guard gateway.store.committed().tasks[task]?.placement?.instance == instance else { return }
            gateway.uses.put(TaskUse(metric, of: task, at: gateway.clock.now().wall))
        case .instanceStatus(let status):
            guard status.status == "IMPAIRED" else { return }
            gateway.logger.warning(
                "container runtime is impaired",
                metadata: ["instance": "\(instance.id)", "reason": "\(status.statusReason ?? "")"])
        case .unreadable(let error):
            gateway.logger.notice("unreadable frame", metadata: ["instance": "\(instance.id)", "error": "\(error)"])
        }
    }

    /// Health comes again every 20 seconds, so one that could not be written is only logged.
    private func submit(_ reports: [ContainerHealthReport], of task: TaskID) async {
        do throws(ReportError) {
            try await gateway.reports.submit(health: reports, of: task, from: .node(instance))
        } catch {
            gateway.logger.notice(
                "health is not taken",
                metadata: ["instance": "\(instance.id)", "task": "\(task.id)", "error": "\(error)"])
        }
    }
}
