import StateStore

/// How a controller's write went.
enum WriteOutcome {
    case written
    /// What the plan was made from moved: plan again.
    case outdated
    /// The log cannot take writes; the text says why.
    case unavailable(String)
}

extension StateStore {
    /// Commits a plan whose body refuses nothing.
    func write(
        expecting expected: AggregateVersions = AggregateVersions(), _ body: @Sendable (inout Transaction) -> Void
    ) async -> WriteOutcome {
        do throws(CommitError<Never>) {
            _ = try await commit(expecting: expected, body)
            return .written
        } catch {
            switch error {
            case .conflict: return .outdated
            case .unavailable(let text): return .unavailable(text)
            }
        }
    }
}
