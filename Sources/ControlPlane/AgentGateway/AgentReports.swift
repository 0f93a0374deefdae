public import Domain
public import Identifiers
public import StateStore
public import TaskLifecycle

/// Why a report of a node was not taken.
public enum ReportError: Error, Hashable, Sendable {
    /// No such task. Agents drop a report that is answered with InvalidParameterException.
    case unknownTask(TaskID)
    /// The task is not the reporting node's.
    case notOwner(TaskID)
    /// The attachment is none of the task's.
    case unknownAttachment(String)
    /// The store cannot take writes; the text says why.
    case unavailable(String)
}

/// Writes what nodes report about tasks into the store: the only writer of `observed`.
///
/// Idempotent: a report that says nothing new changes nothing, and one for a task that is over is accepted.
public struct AgentReports: Sendable {
    private let store: any StateStore

    public init(store: any StateStore) { self.store = store }

    /// Takes in reports, all or none.
    ///
    /// - Parameter principal: who reports. A node reports only tasks placed on it; root any.
    public func submit(_ reports: [TaskReport], from principal: Principal, now: Timestamp) async throws(ReportError) {
        try await commit { transaction throws(ReportError) in
            for report in reports {
                let task = try Self.owned(report.task, by: principal, in: transaction.state)
                let applied = task.applying(report, now: now)
                if applied != task { transaction.put(applied) }
            }
        }
    }

    /// Takes in what health checks said of the containers of one task.
    public func submit(
        health: [ContainerHealthReport], of id: TaskID, from principal: Principal
    ) async throws(ReportError) {
        let known = try Self.owned(id, by: principal, in: store.committed())
        guard known.applying(health) != known else { return }
        try await commit { transaction throws(ReportError) in
            let task = try Self.owned(id, by: principal, in: transaction.state)
            let applied = task.applying(health)
            if applied != task { transaction.put(applied) }
        }
    }

    /// Checks that an attachment's ARN, `arn:aws:ecs:R:A:attachment/ID`, names the task's network interface.
    public func check(attachment arn: String, of id: TaskID, from principal: Principal) throws(ReportError) {
        let task = try Self.owned(id, by: principal, in: store.committed())
        guard let attachment = task.attachmentID, ARN(arn)?.path.last == attachment else {
            throw .unknownAttachment(arn)
        }
    }

    private static func owned(
        _ id: TaskID, by principal: Principal, in state: StateSnapshot
    ) throws(ReportError) -> TaskRecord {
        guard let task = state.tasks[id] else { throw .unknownTask(id) }
        if case .node(let node) = principal, task.placement?.instance != node { throw .notOwner(id) }
        return task
    }

    private func commit(
        _ body: @Sendable (inout Transaction) throws(ReportError) -> Void
    ) async throws(ReportError) {
        do throws(CommitError<ReportError>) {
            _ = try await store.commit(body)
        } catch {
            switch error {
            case .refused(let reason): throw reason
            case .unavailable(let reason): throw .unavailable(reason)
            case .conflict: throw .unavailable("The task changed at the same time.")
            }
        }
    }
}
