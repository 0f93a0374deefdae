import AWSWire
import Domain
import EventsShapes
import Identifiers
import StateStore

struct DescribeRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.DescribeRuleRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.DescribeRuleResponse {
        let rule = try store.committed().eventRule(request.name, on: request.eventBusName, call)
        return EventsShapes.DescribeRuleResponse(
            name: rule.id.name, arn: rule.id.arn, eventPattern: rule.pattern, scheduleExpression: rule.schedule,
            state: rule.state.wire, description: rule.description, roleArn: rule.roleARN, eventBusName: EventBus.name,
            createdBy: rule.id.scope.account)
    }
}

struct ListRules: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.ListRulesRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.ListRulesResponse {
        let bus = try EventBus(request.eventBusName, call.scope)
        let paging = try Paging.ofEvents(request.limit, request.nextToken)
        let rules = store.committed().eventRules(of: bus.scope).filter { rule in
            request.namePrefix.map { rule.id.name.hasPrefix($0) } ?? true
        }
        let (page, token) = paging.page(rules) { $0.id.name }
        return EventsShapes.ListRulesResponse(rules: page.map(EventsShapes.Rule.init), nextToken: token)
    }
}

struct ListRuleNamesByTarget: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.ListRuleNamesByTargetRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.ListRuleNamesByTargetResponse {
        let bus = try EventBus(request.eventBusName, call.scope)
        let paging = try Paging.ofEvents(request.limit, request.nextToken)
        let rules = store.committed().eventRules(of: bus.scope).filter { rule in
            rule.targets.contains { $0.arn == request.targetArn }
        }
        let (page, token) = paging.page(rules) { $0.id.name }
        return EventsShapes.ListRuleNamesByTargetResponse(ruleNames: page.map(\.id.name), nextToken: token)
    }
}

struct ListTargetsByRule: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: EventsShapes.ListTargetsByRuleRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.ListTargetsByRuleResponse {
        let rule = try store.committed().eventRule(request.rule, on: request.eventBusName, call)
        let paging = try Paging.ofEvents(request.limit, request.nextToken)
        let (page, token) = paging.page(rule.targets.sorted { $0.id < $1.id }) { $0.id }
        return EventsShapes.ListTargetsByRuleResponse(targets: page.map(EventsShapes.Target.init), nextToken: token)
    }
}

struct ListEventBuses: OperationHandler {
    func answer(
        _ request: EventsShapes.ListEventBusesRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.ListEventBusesResponse {
        let bus = try EventBus(nil, call.scope)
        let paging = try Paging.ofEvents(request.limit, request.nextToken)
        let names = [EventBus.name].filter { name in request.namePrefix.map { name.hasPrefix($0) } ?? true }
        let (page, token) = paging.page(names) { $0 }
        return EventsShapes.ListEventBusesResponse(
            eventBuses: page.map { EventsShapes.EventBus(name: $0, arn: bus.arn) }, nextToken: token)
    }
}

struct DescribeEventBus: OperationHandler {
    func answer(
        _ request: EventsShapes.DescribeEventBusRequest, _ call: APICall
    ) async throws(APIFault) -> EventsShapes.DescribeEventBusResponse {
        let bus = try EventBus(request.name, call.scope)
        return EventsShapes.DescribeEventBusResponse(name: EventBus.name, arn: bus.arn)
    }
}

extension StateSnapshot {
    /// In order of their names.
    fileprivate func eventRules(of scope: Scope) -> some Sequence<EventRuleRecord> {
        eventRules.values(from: EventRuleID(scope: scope, name: "")).lazy.prefix { $0.0.scope == scope }.map(\.1)
    }
}

extension EventsShapes.Rule {
    fileprivate init(_ rule: EventRuleRecord) {
        self.init(
            name: rule.id.name, arn: rule.id.arn, eventPattern: rule.pattern, state: rule.state.wire,
            description: rule.description, scheduleExpression: rule.schedule, roleArn: rule.roleARN,
            eventBusName: EventBus.name)
    }
}
