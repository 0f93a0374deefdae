import AgentWire
import Domain
import Identifiers
import Logging
import StateStore
import Synchronization

/// The shell of one `ACSSession`: moves values between it, its socket and the store, and decides nothing.
final class ACSConnection: Sendable {
    /// What the writer does, in order.
    private enum Work: Sendable {
        case send(String)
        case record(AgentVersion)
        case end(TaskID, reason: String)
    }

    private struct Closing: Sendable {
        let code: Int
        let reason: String
    }

    private let instance: ContainerInstanceID
    private let gateway: AgentGateway
    private let socket: any AgentSocket
    private let session: Mutex<ACSSession>
    private let token = Mutex<Int?>(nil)
    private let isReplaced = Mutex(false)
    private let silentSince = Mutex<Instant?>(nil)
    private let work: AsyncStream<Work>
    private let workInput: AsyncStream<Work>.Continuation
    private let wakes: AsyncStream<Void>
    private let wakeInput: AsyncStream<Void>.Continuation
    private let closings: AsyncStream<Closing>
    private let closingInput: AsyncStream<Closing>.Continuation

    init(_ session: sending ACSSession, gateway: AgentGateway, socket: any AgentSocket) {
        instance = session.instance
        self.gateway = gateway
        self.socket = socket
        let limit = gateway.configuration.maximumQueuedFrames
        self.session = Mutex(session)
        (work, workInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
        (wakes, wakeInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (closings, closingInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Serves the connection until either side ends it.
    func run() async {
        let joined = gateway.acs.join(instance) { [self] signal in
            if signal == .replaced { isReplaced.withLock { $0 = true } }
            wakeInput.yield()
        }
        token.withLock { $0 = joined }
        drive(.opened)
        await withTaskGroup { group in
            group.addTask { await self.read() }
            group.addTask { await self.followWakes() }
            group.addTask { await self.keepTime() }
            group.addTask { await self.write() }
            group.addTask { await self.awaitClosing() }
            await group.next()
            group.cancelAll()
        }
        await socket.close(code: 1001, reason: "the server ends the session")
        let since = silentSince.withLock { $0 } ?? gateway.clock.now().instant
        gateway.acs.leave(instance, joined) { gateway.presence.disconnect(instance, now: since) }
    }

    /// Steps the session and queues what it wants, in its order.
    private func drive(_ input: ACSInput) {
        let view = gateway.view()
        let now = gateway.clock.now()
        session.withLock { session in
            for output in session.step(input, view, now: now) { take(output) }
        }
    }

    private func take(_ output: ACSOutput) {
        switch output {
        case .send(let text): queue(.send(text))
        case .record(let version): queue(.record(version))
        case .connected: ifCurrent { gateway.presence.connect(instance) }
        case .disconnected(let since):
            silentSince.withLock { $0 = since }
            ifCurrent { gateway.presence.disconnect(instance, now: since) }
        case .close(let code, let reason): closingInput.yield(Closing(code: code, reason: reason))
        case .undelivered(let tasks):
            gateway.logger.warning(
                "agent does not acknowledge tasks",
                metadata: ["instance": "\(instance.id)", "tasks": "\(tasks.map(\.id))"])
        case .impossible(let task, let reason): queue(.end(task, reason: reason))
        case .unreadable(let error):
            gateway.logger.notice(
                "unreadable frame", metadata: ["instance": "\(instance.id)", "error": "\(error)"])
        }
    }

    /// Runs `body` unless the host has opened another connection since.
    private func ifCurrent(_ body: () -> Void) {
        guard let token = token.withLock({ $0 }) else { return }
        gateway.acs.ifCurrent(instance, token, body)
    }

    /// A full queue means that the agent does not read: it must connect anew.
    private func queue(_ item: Work) {
        if case .dropped = workInput.yield(item) {
            closingInput.yield(Closing(code: 1008, reason: "ThrottlingException: too many unread frames"))
        }
    }

    // MARK: Children

    private func read() async {
        for await event in socket.inbound {
            switch event {
            case .text(let text): drive(.frame(text))
            case .closed:
                drive(.closed)
                return
            }
        }
        drive(.closed)
    }

    private func followWakes() async {
        for await _ in wakes { drive(isReplaced.withLock { $0 } ? .replaced : .changed) }
    }

    /// Looks at the session's deadline often enough to notice that it moved forward.
    private func keepTime() async {
        while true {
            let now = gateway.clock.now().instant
            let look = now.adding(gateway.configuration.routesInterval)
            let deadline = session.withLock { $0.deadline } ?? look
            if deadline <= now { drive(.tick) }
            do { try await gateway.clock.sleep(until: max(min(deadline, look), now.adding(.milliseconds(10)))) } catch {
                return
            }
        }
    }

    private func write() async {
        for await item in work {
            switch item {
            case .send(let text):
                do { try await socket.send(text: text) } catch { return }
            case .record(let version): await gateway.record(version, of: instance)
            case .end(let task, let reason): await gateway.end(task, reason: reason, on: instance)
            }
        }
    }

    private func awaitClosing() async {
        for await closing in closings {
            await socket.close(code: closing.code, reason: closing.reason)
            return
        }
    }
}
