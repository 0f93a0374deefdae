import AWSWire
import Domain
import EventsShapes
import Identifiers
import StateStore

/// The operations of EventBridge on rules of the default bus, their targets, and events.
enum EventRuleOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        let store = ports.store
        return [
            Operation(PutRule(store: store)), Operation(DescribeRule(store: store)),
            Operation(DeleteRule(store: store)),
            Operation(EnableRule(store: store)), Operation(DisableRule(store: store)),
            Operation(ListRules(store: store)),
            Operation(ListRuleNamesByTarget(store: store)), Operation(PutTargets(store: store)),
            Operation(RemoveTargets(store: store)), Operation(ListTargetsByRule(store: store)),
            Operation(PutEvents(store: store)), Operation(TestEventPattern()),
            Operation(TagEventRule(store: store)), Operation(UntagEventRule(store: store)),
            Operation(ListTagsOfEventRule(store: store)), Operation(ListEventBuses()), Operation(DescribeEventBus()),
        ]
    }
}

/// The one event bus that there is.
struct EventBus {
    static let name = "default"

    let scope: Scope

    var arn: String { "arn:aws:events:\(scope.region):\(scope.account):event-bus/\(Self.name)" }

    /// - Parameter reference: a name or an ARN; nil is the default bus.
    /// - Throws: `ResourceNotFoundException` for every other one.
    init(_ reference: String?, _ scope: Scope) throws(APIFault) {
        self.scope = scope
        guard let reference, reference != Self.name, reference != arn else { return }
        throw .resourceNotFound("Event bus \(reference) does not exist.")
    }
}

extension StateSnapshot {
    /// The rule of that name of the default bus.
    ///
    /// - Throws: `ResourceNotFoundException` when there is none.
    func eventRule(_ name: String?, on bus: String?, _ call: APICall) throws(APIFault) -> EventRuleRecord {
        let bus = try EventBus(bus, call.scope)
        let name = name ?? ""
        guard let rule = eventRules[EventRuleID(scope: bus.scope, name: name)] else { throw .noSuchRule(name) }
        return rule
    }
}

extension Paging {
    /// - Throws: `ValidationException`, for EventBridge knows no other fault of parameters.
    static func ofEvents(_ limit: Int?, _ token: String?) throws(APIFault) -> Paging {
        do throws(APIFault) {
            return try Paging(limit, token)
        } catch {
            throw .validation(error.message)
        }
    }
}
