import Domain
import Identifiers
import Logging
import Synchronization
import TaskNetwork
import TaskRuntime

/// All tasks of this host: takes them up, hands them what happens, remembers the finished.
final class RunnerHost: Sendable {
    private struct State {
        var admission: HostAdmission
        /// Every task that waits or runs, with its newest record.
        var records: [TaskID: TaskRunnerRecord] = [:]
        var mailboxes: [TaskID: TaskMailbox] = [:]
        /// Finished tasks: a payload that comes late must not start one again.
        var finished: [TaskID: TaskRunnerRecord] = [:]
        /// Tasks that are to run as soon as `run` takes them, each once.
        var launches: [Launch] = []
    }

    /// A task to run with what the host has of it.
    private struct Launch: Sendable {
        var record: TaskRunnerRecord
        var inventory: HostInventory
    }

    let tools: NodeTools
    private let state: Mutex<State>
    /// Only says that there are launches: many at once wake once.
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    /// Wakes whoever publishes health.
    let changes = ChangeSignal()

    init(tools: NodeTools, capacity: Resources) {
        self.tools = tools
        state = Mutex(State(admission: HostAdmission(capacity: capacity)))
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs tasks until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followEvents() }
            for await _ in wakes {
                for launch in takeLaunches() { group.addTask { await self.runTask(launch) } }
            }
            group.cancelAll()
        }
    }

    private func takeLaunches() -> [Launch] {
        state.withLock { state in
            defer { state.launches = [] }
            return state.launches
        }
    }

    private func runTask(_ launch: Launch) async {
        let id = launch.record.id
        guard let mailbox = state.withLock({ $0.mailboxes[id] }) else { return }
        let runner = TaskRunner(mailbox: mailbox, tools: tools) { record in self.note(record) }
        await runner.run(launch.record, launch.inventory)
        if Task.isCancelled { return }
        state.withLock { state in
            state.mailboxes[id] = nil
            state.finished[id] = state.records.removeValue(forKey: id)
        }
        changes.notify()
    }

    private func note(_ record: TaskRunnerRecord) {
        let health = { (record: TaskRunnerRecord?) in record?.containers.map(\.health) }
        // Before its room is another task's, which may want the same ports.
        if record.stoppedAt != nil { tools.ports.withLock { $0.release(record.id.id) } }
        let isNews = state.withLock { state -> Bool in
            let old = state.records[record.id]
            state.records[record.id] = record
            if record.stoppedAt != nil { state.admission.ended(record.id) }
            return health(old) != health(record)
        }
        if record.stoppedAt != nil { startWaiting() }
        if isNews { changes.notify() }
    }

    // MARK: Taking up

    /// Takes a task; returns once it is on disk.
    ///
    /// One that is known is left alone; of one that is finished the last report is sent again.
    func assign(_ assignment: TaskAssignment) throws { try take(TaskRunnerRecord(assignment: assignment)) }

    /// Takes a task that cannot be run, only to report it stopped.
    func refuse(_ assignment: TaskAssignment, reason: String) throws {
        var record = TaskRunnerRecord(assignment: assignment)
        record.cause = StopCause(code: .taskFailedToStart, reason: reason)
        try take(record)
    }

    /// Takes a task that was stopped before it came here, only to report it stopped. One that is known is left alone.
    func decline(_ assignment: TaskAssignment) throws {
        var record = TaskRunnerRecord(assignment: assignment)
        record.stopRequested = true
        try take(record)
    }

    private func take(_ record: TaskRunnerRecord) throws {
        let id = record.id
        let (isKnown, ended) = state.withLock { ($0.records[id] != nil, $0.finished[id]) }
        if isKnown { return }
        if let ended { return try reportAgain(ended) }
        try tools.store.save(record)
        state.withLock { state in
            guard state.records[id] == nil else { return }
            state.records[id] = record
            if !record.isStopping { state.admission.enqueue(record.assignment) }
        }
        if record.isStopping { launch(record, HostInventory()) } else { startWaiting() }
    }

    /// The control plane forgot that the task ended, as after a restore: it hears it once more.
    private func reportAgain(_ ended: TaskRunnerRecord) throws {
        guard let last = ended.lastReport else { return }
        var record = ended
        record.finishedAt = nil
        record.outbox = [last]
        try tools.store.save(record)
        state.withLock { state in
            state.finished[record.id] = nil
            state.records[record.id] = record
        }
        launch(record, HostInventory())
    }

    private func startWaiting() {
        let records = state.withLock { state in
            state.admission.startable().compactMap { state.records[$0.task] }
        }
        for record in records { launch(record, HostInventory()) }
    }

    private func launch(_ record: TaskRunnerRecord, _ inventory: HostInventory) {
        state.withLock { state in
            state.mailboxes[record.id] = TaskMailbox()
            state.launches.append(Launch(record: record, inventory: inventory))
        }
        waker.yield()
    }

    /// Asks a task to stop; one that waits ends without having begun.
    func stop(_ task: TaskID) {
        let waiting = state.withLock { state -> TaskRunnerRecord? in
            guard state.admission.withdraw(task) != nil else { return nil }
            return state.records[task]
        }
        if let waiting { launch(waiting, HostInventory()) }
        state.withLock { $0.mailboxes[task] }?.send(.stop)
    }

    /// Stops every task, and waits until all have ended and, for a while, until their reports were taken.
    func stopAll(reportWithin patience: Duration) async {
        for record in records { stop(record.id) }
        var deadline: Instant?
        while !Task.isCancelled {
            let left = records
            if left.allSatisfy({ $0.stoppedAt != nil }), deadline == nil { deadline = tools.clock.now.adding(patience) }
            if left.isEmpty || deadline.map({ tools.clock.now >= $0 }) == true { return }
            do {
                try await tools.clock.sleep(for: .milliseconds(50))
            } catch {
                return
            }
        }
    }

    // MARK: Looking

    /// Tasks the host wants running.
    var wanted: [TaskID] {
        state.withLock { state in state.records.values.filter { !$0.isStopping }.map(\.id).sorted() }
    }

    /// Every live task's newest record, by id.
    var records: [TaskRunnerRecord] {
        state.withLock { state in state.records.values.sorted { $0.id < $1.id } }
    }

    var finished: [TaskRunnerRecord] {
        state.withLock { state in state.finished.values.sorted { $0.id < $1.id } }
    }

    /// Forgets finished tasks for good.
    func forget(_ tasks: [TaskID]) throws {
        for task in tasks { try tools.store.forget(task) }
        state.withLock { state in for task in tasks { state.finished[task] = nil } }
    }

    /// Lets every task that runs report again what it reported last.
    func repeatReports() {
        for mailbox in state.withLock({ Array($0.mailboxes.values) }) { mailbox.send(.repeatReport) }
    }

    // MARK: Verification

    func beginVerification() { state.withLock { $0.admission.beginVerification() } }

    func endVerification(stopping tasks: [TaskID]) {
        state.withLock { $0.admission.endVerification(stopping: tasks) }
        for task in tasks { stop(task) }
        startWaiting()
    }

    // MARK: After a restart

    /// Takes over what an earlier run of the agent left: its records, containers and networks.
    func adopt() async throws {
        let loaded = try tools.store.load()
        for file in loaded.corrupt {
            tools.logger.error(
                "task record is corrupt; the task is known by its containers only",
                metadata: ["file": "\(file.path)", "reason": "\(file.reason)"])
        }
        let containers = try await tools.runtime.containers()
        let attachments = try await tools.network.attachments()
        let orphans = Dictionary(grouping: containers, by: \.task)
        var records = loaded.records
        let known = Set(records.map(\.id.id))
        for (task, states) in orphans.sorted(by: { $0.key < $1.key }) where !known.contains(task) {
            if let record = TaskLabels.record(from: states) { records.append(record) }
        }
        for record in records {
            takeUp(record, containers: orphans[record.id.id] ?? [], attachments: attachments)
        }
        await removeStrays(containers, attachments, of: Set(records.filter { $0.finishedAt == nil }.map(\.id.id)))
        startWaiting()
    }

    private func takeUp(_ record: TaskRunnerRecord, containers: [RuntimeContainerState], attachments: [String]) {
        if record.finishedAt != nil {
            state.withLock { $0.finished[record.id] = record }
            return
        }
        // A task that stopped gave its ports back, also when its last report still waits.
        if record.stoppedAt == nil {
            for container in record.containers {
                tools.ports.withLock { $0.restore(container.bindings, of: record.id.id) }
            }
        }
        let isFresh = !record.hasPorts && containers.isEmpty && !record.isStopping
        state.withLock { state in
            state.records[record.id] = record
            if isFresh { state.admission.enqueue(record.assignment) } else { state.admission.adopt(record.assignment) }
        }
        if isFresh { return }
        let mine = attachments.filter { $0 == record.id.id || $0.hasPrefix("\(record.id.id)-") }
        launch(record, HostInventory(containers: containers, attachments: mine))
        tools.logger.info("task adopted", metadata: ["task": "\(record.id.id)", "containers": "\(containers.count)"])
    }

    /// Removes what belongs to no live task.
    private func removeStrays(
        _ containers: [RuntimeContainerState], _ attachments: [String], of live: Set<String>
    ) async {
        for container in containers where !live.contains(container.task) {
            do {
                try await tools.runtime.remove(container.id)
            } catch {
                tools.logger.warning("stray container not removed", metadata: ["container": "\(container.id)"])
            }
        }
        await removeStrayTasks(of: live)
        for id in attachments where !live.contains(Self.task(of: id)) {
            do {
                try await tools.network.detach(id)
            } catch {
                tools.logger.warning("stray network not removed", metadata: ["attachment": "\(id)"])
            }
        }
    }

    /// Asked of the runtime, for such a task may have no container: an agent that was killed here had removed them.
    private func removeStrayTasks(of live: Set<String>) async {
        do {
            for task in try await tools.runtime.tasks() where !live.contains(task) {
                do {
                    try await tools.runtime.removeTask(task)
                } catch {
                    tools.logger.warning(
                        "stray task not removed", metadata: ["task": "\(task)", "reason": "\(error)"])
                }
            }
        } catch {
            tools.logger.warning("stray tasks not listed", metadata: ["reason": "\(error)"])
        }
    }

    /// Ids of containers and attachments begin with the task's id.
    static func task(of id: String) -> String { String(id.prefix { $0 != "-" }) }

    // MARK: Events

    /// Follows the runtime's events. They do not replay, so everything is listed after each subscription.
    private func followEvents() async {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(5))
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do {
                let events = try await tools.runtime.events()
                try await relist()
                backoff.reset()
                for await event in events { dispatch(event) }
            } catch {
                tools.logger.debug("runtime does not answer", metadata: ["reason": "\(error)"])
            }
            do {
                try await tools.clock.sleep(for: backoff.next(using: &random))
            } catch {
                return
            }
        }
    }

    private func relist() async throws(RuntimeError) {
        let asked = tools.clock.now
        let states = Dictionary(grouping: try await tools.runtime.containers(), by: \.task)
        for (id, mailbox) in state.withLock({ $0.mailboxes }) {
            mailbox.send(.listed(states[id.id] ?? [], asked: asked))
        }
    }

    private func dispatch(_ event: RuntimeEvent) {
        guard case .exited(let id, let code, let at, let ranOutOfMemory) = event else { return }
        let task = Self.task(of: id)
        let mailbox = state.withLock { state in state.mailboxes.first { $0.key.id == task }?.value }
        mailbox?.send(.exited(id: id, code: code, at: Timestamp(milliseconds: at), ranOutOfMemory: ranOutOfMemory))
    }
}
