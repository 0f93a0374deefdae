import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Starts up to ten tasks, each placed before the answer; what finds no host is a failure, not a task.
struct RunTask: OperationHandler {
    let launch: TaskLaunch

    func answer(
        _ request: ECSShapes.RunTaskRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.RunTaskResponse {
        let token = try clientToken(of: request, call)
        let outcome = try await launch.run(request, call.scope, now: call.now) { state throws(APIFault) in
            try token?.earlierTasks(in: state, now: call.now)
        } beside: { tasks, transaction in
            if let token { transaction.put(token.record(of: tasks.map(\.id), now: call.now)) }
        }
        let state = launch.store.committed()
        return ECSShapes.RunTaskResponse(
            tasks: outcome.tasks.map { ECSShapes.Task($0, in: state, launch.presence) }, failures: outcome.failures)
    }

    private func clientToken(
        of request: ECSShapes.RunTaskRequest, _ call: APICall
    ) throws(APIFault) -> RunTaskToken? {
        guard let token = request.clientToken else { return nil }
        guard (1...64).contains(token.utf8.count), token.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw .invalidParameter("clientToken must have 1 to 64 ASCII characters in the range 33-126.")
        }
        let cluster = try clusterID(request.cluster, call.scope)
        return RunTaskToken(
            scope: call.scope, key: "RunTask \(cluster.arn) \(token)",
            digest: requestDigest(request))
    }
}

/// A client token of RunTask with what it was used for.
struct RunTaskToken: Sendable {
    /// How long a token is remembered: a client's retries end long before.
    static let lifetime: Duration = .seconds(24 * 60 * 60)

    let scope: Scope
    let key: String
    let digest: String

    /// The tasks that the same request made earlier; nil when the token is new.
    ///
    /// - Throws: `ConflictException` when another request used the token.
    func earlierTasks(in state: StateSnapshot, now: Timestamp) throws(APIFault) -> [TaskRecord]? {
        guard let known = state.idempotency(scope, key), known.createdAt.adding(Self.lifetime) > now else { return nil }
        if known.requestDigest == digest { return known.tasks.compactMap { state.tasks[$0] } }
        throw .conflict(
            "The client token was used before with other parameters.", resourceIDs: known.tasks.map(\.arn))
    }

    func record(of tasks: [TaskID], now: Timestamp) -> IdempotencyRecord {
        IdempotencyRecord(scope: scope, key: key, requestDigest: digest, tasks: tasks, createdAt: now)
    }
}
