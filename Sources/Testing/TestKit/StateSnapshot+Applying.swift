public import StateStore

extension StateSnapshot {
    /// The state after one more commit.
    public func applying(_ body: (inout Transaction) -> Void) -> StateSnapshot {
        var transaction = Transaction(on: self)
        body(&transaction)
        var state = transaction.state
        state.stamp(transaction.changes, revision: Revision(revision.value + 1))
        return state
    }
}
