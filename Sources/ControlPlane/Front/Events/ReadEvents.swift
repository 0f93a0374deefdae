import AWSWire
import Identifiers
import JSONBytes
import StateStore

/// Reads the stream of events: what every commit that the store remembers changed, oldest first.
///
/// Request: `after` (where to go on: the `next` of an answer, or an event's id; `now` for what is still to come; nothing for
/// the oldest that is remembered) or `since` (milliseconds since 1970). Answer: `events`, `next`, `isGap` (commits behind
/// `after` are forgotten: events are missing) and `hasMore`.
///
/// The commits are the stream: it is as durable as they are, and reaches back as far as the change log, 64 MiB. A restored
/// backup begins it anew.
struct ReadEvents: OperationHandler {
    let store: any StateStore
    let history: any CommitHistory

    /// Commits of one answer: with 100 changes in each, well below the 16 MiB that the client takes.
    private static let page = 25

    private struct Start {
        var revision: Revision
        /// Events of the commit behind `revision` that were seen already.
        var seen = 0
        /// Whether the caller was there before: what is missing is missed.
        var isResumed = true
    }

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let state = store.committed()
        let start = try await start(request, newest: state.revision)
        guard start.revision <= state.revision else { return Self.answer([], state.revision, isGap: true) }
        // The log may be a step ahead of what is committed.
        let batches = try await commits(after: start.revision, limit: Self.page).filter {
            $0.revision <= state.revision
        }
        guard let first = batches.first, let last = batches.last else {
            return Self.answer([], state.revision, isGap: start.isResumed && start.revision < state.revision)
        }
        let envelope = EventEnvelope(state: state)
        var events: [JSONValue] = []
        for batch in batches {
            for (index, event) in batch.events.enumerated()
            where batch.revision.value > start.revision.value + 1 || index >= start.seen {
                let position = EventPosition(revision: batch.revision, index: index)
                do throws(JSONError) {
                    events.append(try envelope.json(event, at: position, batch.time))
                } catch {
                    throw .server()
                }
            }
        }
        return Self.answer(
            events, last.revision, isGap: start.isResumed && first.revision.value > start.revision.value + 1,
            hasMore: last.revision < state.revision)
    }

    private static func answer(
        _ events: [JSONValue], _ next: Revision, isGap: Bool, hasMore: Bool = false
    ) -> JSONValue {
        [
            "events": .array(events), "next": .string(String(next.value)), "isGap": .boolean(isGap),
            "hasMore": .boolean(hasMore),
        ]
    }

    private func start(_ request: BerthRequest, newest: Revision) async throws(APIFault) -> Start {
        if let since = request["since"] {
            guard request["after"] == nil, let time = since.integer else {
                throw .invalidParameter("since must be milliseconds since 1970, without after.")
            }
            return Start(
                revision: try await first(since: Timestamp(milliseconds: time), newest: newest), isResumed: false)
        }
        guard let after = request["after"] else { return Start(revision: .zero, isResumed: false) }
        if after == "now" { return Start(revision: newest) }
        if let text = after.string, let value = Int64(text), value >= 0 { return Start(revision: Revision(value)) }
        guard let id = after.string, let position = EventPosition(id: id), position.revision.value > 0 else {
            throw .invalidParameter("after must be the 'next' of an answer, the id of an event, or 'now'.")
        }
        return Start(revision: Revision(position.revision.value - 1), seen: position.index + 1)
    }

    /// The revision before the first commit that is not older: halved until found, for times grow with revisions.
    private func first(since time: Timestamp, newest: Revision) async throws(APIFault) -> Revision {
        guard let oldest = try await commits(after: .zero, limit: 1).first, oldest.revision <= newest else {
            return newest
        }
        var low = oldest.revision.value
        var high = newest.value + 1
        while low < high {
            let middle = low + (high - low) / 2
            let commit = try await commits(after: Revision(middle - 1), limit: 1).first
            if let commit, commit.time < time { low = middle + 1 } else { high = middle }
        }
        return Revision(low - 1)
    }

    private func commits(after revision: Revision, limit: Int) async throws(APIFault) -> [CommitBatch] {
        do {
            return try await history.history(after: revision, limit: limit)
        } catch {
            throw .server()
        }
    }
}
