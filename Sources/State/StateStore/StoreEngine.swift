package import Identifiers
import Synchronization

/// What all stores share: two heads, group commit and watches over a `DurableLog`.
///
/// Writers run on `tip`; readers and watchers see `committed`. A commit joins the group that gathers while the previous
/// group is on its way to the log; the first of a group leads it. A failed flush fails its group and the one gathered on
/// top of it, `tip` falls back to `committed`, and no write is taken until the log was verified.
package final class StoreEngine: Sendable {
    private let state: Mutex<EngineState>
    private let log: any DurableLog
    private let limits: StoreLimits
    private let now: @Sendable () -> Timestamp

    /// - Parameter recent: the newest commits before `state`, for watchers that resume.
    package init(
        log: any DurableLog, state: StateSnapshot, recent: [CommitBatch] = [], limits: StoreLimits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.log = log
        self.limits = limits
        self.now = now
        self.state = Mutex(EngineState(state, recent: recent, limits: limits))
    }

    package func committed() -> StateSnapshot { state.withLock { $0.committed } }

    /// Commits kept in memory after `revision`, oldest first, at most `limit`.
    package func kept(after revision: Revision, limit: Int) -> [CommitBatch] {
        state.withLock { $0.kept(after: revision, limit: limit) }
    }

    /// The same, or nil when memory does not reach back that far.
    package func remembered(after revision: Revision, limit: Int) -> [CommitBatch]? {
        state.withLock { $0.remembered(after: revision, limit: limit) }
    }

    /// How many commits wait for the next flush.
    package var gatheredCount: Int { state.withLock { $0.gatheredCount } }

    package func commit<Result: Sendable, Refusal: Error>(
        expecting expected: AggregateVersions,
        _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
    ) async throws(CommitError<Refusal>) -> Committed<Result> {
        while true {
            switch state.withLock({ $0.admit(expecting: expected, at: now(), body) }) {
            case .conflict(let aggregate, let ticket):
                _ = await durable(ticket)
                throw .conflict(aggregate)
            case .refused(let refusal, let ticket):
                if case .failed(let text) = await durable(ticket) { throw .unavailable(text) }
                throw .refused(refusal)
            case .later(let latch): _ = await latch.outcome()
            case .closed: if case .failed(let text) = await reopen() { throw .unavailable(text) }
            case .admitted(let committed, let ticket):
                if case .failed(let text) = await durable(ticket) { throw .unavailable(text) }
                return committed
            }
        }
    }

    package func watch(_ scope: WatchScope, after revision: Revision) -> AsyncStream<WatchEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: WatchEvent.self, bufferingPolicy: .bufferingOldest(limits.watchBuffer))
        let number = state.withLock { $0.watch(scope, after: revision, continuation) }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.watchers.remove(number) } }
        return stream
    }

    /// Replaces everything stored with what `make` returns for the newest state; every watcher gets `.resync`.
    ///
    /// The revision becomes higher than both states' and every aggregate counts as changed.
    package func replace(_ make: @Sendable (StateSnapshot) -> StateSnapshot) async throws(LogError) -> Revision {
        while true {
            switch state.withLock({ $0.beginReplacement() }) {
            case .later(let latch): _ = await latch.outcome()
            case .closed: if case .failed(let text) = await reopen() { throw LogError(text) }
            case .begun(let group, let previous):
                _ = await previous?.latch.outcome()
                guard state.withLock({ $0.take(group) != nil }) else { continue }
                let target = state.withLock { $0.replacement(make) }
                if case .failed(let text) = await finish(
                    group, target,
                    { log throws(LogError) in
                        try await log.replace(with: target)
                    })
                {
                    throw LogError(text)
                }
                return target.revision
            }
        }
    }

    // MARK: Flushing

    private func durable(_ ticket: Ticket) async -> FlushOutcome {
        switch ticket {
        case .none: return .durable
        case .follow(let group): return await group.latch.outcome()
        case .lead(let group, let previous):
            _ = await previous?.latch.outcome()
            guard let flush = state.withLock({ $0.take(group) }) else { return await group.latch.outcome() }
            return await finish(group, flush.target) { log throws(LogError) in try await log.append(flush.batches) }
        }
    }

    /// Runs the write and settles the group with its outcome.
    private func finish(
        _ group: FlushGroup, _ target: StateSnapshot, _ write: (any DurableLog) async throws(LogError) -> Void
    ) async -> FlushOutcome {
        do throws(LogError) {
            try await write(log)
            settle(group) { $0.advance(group, to: target) }
            return .durable
        } catch {
            return await recover(from: error, group, target)
        }
    }

    /// Reads the log back after a failed write: only then is it known what the callers must hear.
    private func recover(from failure: LogError, _ group: FlushGroup, _ target: StateSnapshot) async -> FlushOutcome {
        let verified: LogState
        do throws(LogError) {
            let revision = try await log.verify()
            if revision == target.revision {
                settle(group) { $0.advance(group, to: target) }
                return .durable
            }
            verified = try await readBack(revision)
        } catch {
            verified = .broken(failure.text)
        }
        let outcome = FlushOutcome.failed(failure.text)
        let gathered = state.withLock { $0.fail(verified) }
        end(gathered.watchers)
        group.latch.open(outcome)
        gathered.group?.latch.open(outcome)
        return outcome
    }

    private func settle(_ group: FlushGroup, _ change: (inout EngineState) -> [Watchers.Continuation]) {
        end(state.withLock { change(&$0) })
        group.latch.open(.durable)
    }

    /// Verifies a log that failed before; everybody who comes meanwhile waits for the same answer.
    private func reopen() async -> FlushOutcome {
        switch state.withLock({ $0.beginProbe() }) {
        case .open: return .durable
        case .probing(let latch): return await latch.outcome()
        case .probe(let latch):
            var verified: LogState
            var outcome: FlushOutcome
            do throws(LogError) {
                verified = try await readBack(try await log.verify())
                outcome = .durable
            } catch {
                verified = .broken(error.text)
                outcome = .failed(error.text)
            }
            end(state.withLock { $0.endProbe(verified) })
            latch.open(outcome)
            return outcome
        }
    }

    private func readBack(_ revision: Revision) async throws(LogError) -> LogState {
        if revision == committed().revision { return .asCommitted }
        return .moved(try await log.load())
    }

    private func end(_ watchers: [Watchers.Continuation]) { for watcher in watchers { watcher.finish() } }
}
