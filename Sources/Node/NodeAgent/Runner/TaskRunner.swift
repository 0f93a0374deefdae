import Domain
import Identifiers
import Logging

/// Runs one task: moves inputs into its step and the step's actions to the executor. No decision lives here.
struct TaskRunner: Sendable {
    let mailbox: TaskMailbox
    let tools: NodeTools
    /// Told after every step.
    let watch: @Sendable (TaskRunnerRecord) -> Void

    /// Returns when nothing of the task is left, or when cancelled: the task then goes on without its agent.
    func run(_ record: TaskRunnerRecord, _ inventory: HostInventory) async {
        let executor = TaskExecutor(assignment: record.assignment, tools: tools)
        await withDiscardingTaskGroup { group in
            var step = TaskRunnerStep(record)
            var timer: Instant?
            // What the host has comes first: nothing may be decided without it.
            var isLive = await take(.begin(inventory), &step, executor, &timer, in: &group)
            var wakes = mailbox.wakes.makeAsyncIterator()
            while isLive, await wakes.next() != nil {
                while isLive, let input = mailbox.take() {
                    isLive = await take(input, &step, executor, &timer, in: &group)
                }
            }
            group.cancelAll()
        }
    }

    /// - Returns: false when the task is finished or the agent ends.
    private func take(
        _ input: TaskInput, _ step: inout TaskRunnerStep, _ executor: TaskExecutor, _ timer: inout Instant?,
        in group: inout DiscardingTaskGroup
    ) async -> Bool {
        let before = step.record
        let actions = step.step(input, now: tools.clock.now, wall: tools.clock.wall)
        if step.record != before { guard await save(step.record) else { return false } }
        log(from: before, to: step.record)
        watch(step.record)
        for action in actions { perform(action, executor, in: &group) }
        if step.record.finishedAt != nil { return false }
        schedule(step.deadline(now: tools.clock.now), &timer, in: &group)
        return true
    }

    private func perform(_ action: TaskAction, _ executor: TaskExecutor, in group: inout DiscardingTaskGroup) {
        group.addTask {
            do {
                if let input = try await executor.perform(action) { mailbox.send(input) }
            } catch {
                // Cancelled: the record says what has to be asked again.
                tools.logger.trace("action given up", metadata: ["task": "\(executor.assignment.task.id)"])
            }
        }
    }

    /// Sends the timer at the deadline. One that came too early is harmless; the newest deadline is always covered.
    private func schedule(_ deadline: Instant?, _ timer: inout Instant?, in group: inout DiscardingTaskGroup) {
        let now = tools.clock.now
        if let armed = timer, armed <= now { timer = nil }
        guard let deadline, timer.map({ deadline < $0 }) ?? true else { return }
        timer = deadline
        let wait = max(.zero, deadline.since(now))
        group.addTask {
            do {
                try await tools.clock.sleep(for: wait)
                mailbox.send(.timer)
            } catch {
                tools.logger.trace("timer given up")
            }
        }
    }

    /// Writes the record, however long the disk refuses: nothing is done that is not written.
    private func save(_ record: TaskRunnerRecord) async -> Bool {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(10))
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do {
                try tools.store.save(record)
                return true
            } catch {
                tools.logger.error(
                    "task record not saved", metadata: ["task": "\(record.id.id)", "reason": "\(error)"])
            }
            do {
                try await tools.clock.sleep(for: backoff.next(using: &random))
            } catch {
                return false
            }
        }
        return false
    }

    private func log(from before: TaskRunnerRecord, to after: TaskRunnerRecord) {
        let task: Logger.Metadata = ["task": "\(after.id.id)"]
        if before.startedAt == nil, after.startedAt != nil { tools.logger.info("task runs", metadata: task) }
        if before.cause == nil, let cause = after.cause {
            tools.logger.info("task stops", metadata: task.merging(["reason": "\(cause.reason)"]) { $1 })
        }
        if before.stoppedAt == nil, after.stoppedAt != nil { tools.logger.info("task stopped", metadata: task) }
    }
}
