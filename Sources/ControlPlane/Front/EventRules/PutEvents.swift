import AWSWire
import Domain
import EventsShapes
import Identifiers
import JSONBytes
import ShapeRules
import StateStore

/// Tells the bus of events. Those that are in order are kept even when others of the call are not.
///
/// They live in the change log, in one stream with what ECS tells: the call's commit is the event.
struct PutEvents: OperationHandler {
    /// Bytes of one call.
    private static let limit = 256 * 1024

    let store: any StateStore

    func answer(
        _ request: EventsShapes.PutEventsRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.PutEventsResponse {
        if let endpoint = request.endpointId {
            throw .validation("EndpointId '\(endpoint)' is not valid: global endpoints are not built.")
        }
        let entries = request.entries ?? []
        guard entries.reduce(0, { $0 + $1.size }) <= Self.limit else {
            throw .validation("Total size of the entries in the request is over the limit.")
        }
        var results: [EventsShapes.PutEventsResultEntry] = []
        var events: [UserEvent] = []
        for entry in entries {
            do throws(APIFault) {
                events.append(try UserEvent(entry, call))
                results.append(EventsShapes.PutEventsResultEntry())
            } catch {
                results.append(
                    EventsShapes.PutEventsResultEntry(errorCode: error.code, errorMessage: error.message))
            }
        }
        if !events.isEmpty {
            let revision = try await put(events, call.scope)
            var index = 0
            for place in results.indices where results[place].errorCode == nil {
                results[place].eventId = EventPosition(revision: revision, index: index).id(call.scope)
                index += 1
            }
        }
        return EventsShapes.PutEventsResponse(
            failedEntryCount: results.count { $0.errorCode != nil }, entries: results)
    }

    /// - Returns: the commit, which the events' ids say.
    private func put(_ events: [UserEvent], _ scope: Scope) async throws(APIFault) -> Revision {
        do throws(CommitError<APIFault>) {
            return try await store.commit { (transaction) throws(APIFault) -> Void in
                let number = transaction.state.putEvents[scope]?.number ?? 0
                transaction.put(PutEventsRecord(scope: scope, number: number &+ 1, events: events))
            }.revision
        } catch {
            throw APIFault(error)
        }
    }
}

extension UserEvent {
    fileprivate init(_ entry: EventsShapes.PutEventsRequestEntry, _ call: APICall) throws(APIFault) {
        _ = try EventBus(entry.eventBusName, call.scope)
        let source = try Self.given(entry.source, "Source")
        let detailType = try Self.given(entry.detailType, "DetailType")
        let detail = try Self.given(entry.detail, "Detail")
        guard detailType.utf8.count <= 128 else {
            throw Self.invalid("Parameter DetailType is not valid. Reason: It has more than 128 characters.")
        }
        guard !source.hasPrefix("aws.") else {
            throw APIFault("NotAuthorizedForSourceException", message: "Not authorized for the source.")
        }
        guard Self.isObject(detail) else {
            throw APIFault("MalformedDetail", message: "Detail is malformed.")
        }
        self.init(
            source: source, detailType: detailType, detail: detail, resources: entry.resources ?? [],
            time: entry.time.map { Timestamp(milliseconds: $0.milliseconds) } ?? call.now)
    }

    /// How deep a detail may be nested: an event in the answer that shows it is read by those who take 64.
    private static let depth = 48

    private static func isObject(_ detail: String) -> Bool {
        var reader = JSONReader(Array(detail.utf8), maximumDepth: depth)
        guard let value = try? JSONValue(json: &reader), (try? reader.finish()) != nil else { return false }
        return value.object != nil
    }

    private static func given(_ value: String?, _ name: String) throws(APIFault) -> String {
        guard let value, !value.isEmpty else {
            throw invalid("Parameter \(name) is not valid. Reason: \(name) is a required argument.")
        }
        return value
    }

    private static func invalid(_ message: String) -> APIFault { APIFault("InvalidArgument", message: message) }
}

extension EventsShapes.PutEventsRequestEntry {
    /// Bytes, as EventBridge counts them.
    ///
    /// - Source: Amazon EventBridge User Guide, "Calculating PutEvents event entry size"
    fileprivate var size: Int {
        (time == nil ? 0 : 14) + (source?.utf8.count ?? 0) + (detailType?.utf8.count ?? 0) + (detail?.utf8.count ?? 0)
            + (resources ?? []).reduce(0) { $0 + $1.utf8.count }
    }
}
