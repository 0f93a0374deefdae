import AWSWire
import Logging
import StateStore

private let logger = Logger(label: "berth.front")

extension StateStore {
    /// Commits what `body` put; what the store says becomes the fault that a caller is shown.
    ///
    /// - Throws: what `body` threw; `ThrottlingException` when an aggregate of `expected` moved; `ServerException` when
    ///   the log cannot take writes.
    func write<Result: Sendable>(
        expecting expected: AggregateVersions = AggregateVersions(),
        _ body: @Sendable (inout Transaction) throws(APIFault) -> Result
    ) async throws(APIFault) -> Result {
        do throws(CommitError<APIFault>) {
            return try await commit(expecting: expected, body).result
        } catch {
            throw APIFault(error)
        }
    }

    /// Makes a plan on the newest snapshot and commits it, anew when what the plan was made from moved meanwhile.
    ///
    /// Eight attempts: a plan that loses more often meets a load on which a client's own retry with back-off is better.
    func planned<Plan: Sendable, Result: Sendable>(
        _ plan: (StateSnapshot) throws(APIFault) -> (Plan, AggregateVersions),
        apply: @Sendable (Plan, inout Transaction) throws(APIFault) -> Result
    ) async throws(APIFault) -> Result {
        for _ in 0..<8 {
            let (plan, expected) = try plan(committed())
            do throws(CommitError<APIFault>) {
                return try await commit(expecting: expected) { transaction throws(APIFault) in
                    try apply(plan, &transaction)
                }.result
            } catch {
                if case .conflict = error { continue }
                throw APIFault(error)
            }
        }
        throw .throttling()
    }
}

extension APIFault {
    init(_ error: CommitError<APIFault>) {
        switch error {
        case .refused(let fault): self = fault
        case .conflict: self = .throttling()
        case .unavailable(let reason):
            logger.error("state store takes no writes", metadata: ["reason": "\(reason)"])
            self = APIFault(
                "ServerException", side: .server,
                message: "The state store takes no writes now; the server's log says why. Please try again later.")
        }
    }
}
