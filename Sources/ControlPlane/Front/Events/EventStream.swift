import Events
public import EventRules
import Identifiers
public import StateStore

/// The events of commits, for the controller that matches them to rules: the same that `berth events` tells.
public enum EventStream {
    /// The events of one commit, in order.
    ///
    /// - Parameter state: the newest; what an event's own record does not say is looked up there.
    @Sendable public static func events(of batch: CommitBatch, in state: StateSnapshot) -> [StreamedEvent] {
        batch.events.enumerated().map { index, event in
            let position = EventPosition(revision: batch.revision, index: index)
            return StreamedEvent(
                id: position.id(event.scope), scope: event.scope, source: event.source, detailType: event.detailType
            ) { try? EventEnvelope(state: state).json(event, at: position, batch.time) }
        }
    }
}

extension CommitBatch {
    /// In the order of the changes.
    var events: [ResourceEvent] {
        changes.flatMap { change -> [ResourceEvent] in
            switch change.after {
            case .task(let after)?:
                if case .task(let before)? = change.before { return ResourceEvents.of(before, after) }
                return ResourceEvents.of(nil, after)
            case .instance(let after)?:
                if case .instance(let before)? = change.before { return ResourceEvents.of(before, after) }
                return ResourceEvents.of(nil, after)
            case .service(let after)?:
                if case .service(let before)? = change.before { return ResourceEvents.of(before, after) }
                return ResourceEvents.of(nil, after)
            case .serviceDeployment(let after)?:
                if case .serviceDeployment(let before)? = change.before { return ResourceEvents.of(before, after) }
                return ResourceEvents.of(nil, after)
            case .alarm(let after)?:
                if case .alarm(let before)? = change.before { return ResourceEvents.of(before, after) }
                return []
            case .putEvents(let after)?: return ResourceEvents.of(after)
            default: return []
            }
        }
    }
}
