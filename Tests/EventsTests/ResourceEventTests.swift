import Domain
import Events
import Identifiers
import TestKit
import Testing

@Suite("Events of changes")
struct ResourceEventTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout TaskRecord) -> Void
        var isTold: Bool
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "a host", change: { $0 = $0.placed(on: "h1") }, isTold: true),
        Row(name: "a report", change: { $0 = $0.observed(.running) }, isTold: true),
        Row(
            name: "a request to stop",
            change: { $0.verdict.stop = StopRequest(code: .userInitiated, reason: "", at: .test()) }, isTold: true),
        Row(name: "a lost host", change: { $0.verdict.lostAt = .test() }, isTold: true),
        Row(name: "a tag", change: { $0.tags = [KeyValue(key: "a", value: "b")] }, isTold: false),
        Row(name: "protection", change: { $0.protection = TaskProtection(expiresAt: .test()) }, isTold: false),
        Row(
            name: "why no host takes it",
            change: { $0.refusals = [PlacementRefusalCount(reason: "AGENT", hosts: 1)] }, isTold: false),
    ]

    @Test("a task tells what DescribeTasks shows of it", arguments: rows)
    func tasks(row: Row) {
        let before = TaskRecord.test("a")
        var after = before
        row.change(&after)
        after.version = 2
        #expect(ResourceEvents.of(before, after) == (row.isTold ? [.task(after)] : []))
        #expect(ResourceEvents.of(nil, after) == [.task(after)])
    }

    @Test("nothing is told of what is forgotten")
    func deletions() {
        #expect(ResourceEvents.of(TaskRecord.test("a"), nil).isEmpty)
        #expect(ResourceEvents.of(ContainerInstanceRecord.test("h"), nil).isEmpty)
        #expect(ResourceEvents.of(ServiceRecord.test(desired: 1), nil).isEmpty)
    }

    @Test("a container instance tells its state, attributes and loss; a managed host nothing")
    func instances() {
        let before = ContainerInstanceRecord.test("h")
        var after = before
        after.tags = [KeyValue(key: "a", value: "b")]
        after.changeCount = 2
        #expect(ResourceEvents.of(before, after).isEmpty)
        after.status = .draining
        #expect(ResourceEvents.of(before, after) == [.instance(after)])
        #expect(ResourceEvents.of(nil, before) == [.instance(before)])
        #expect(ResourceEvents.of(nil, ContainerInstanceRecord.test("m", launchType: .fargate)).isEmpty)
    }

    @Test("a service tells of its deployments and of what it says, in order and once")
    func services() {
        var before = ServiceRecord.test(desired: 1)
        let begun = ResourceEvents.of(nil, before)
        guard case .deployment(before.id, let change)? = begun.first, begun.count == 1 else {
            Issue.record("\(begun)")
            return
        }
        #expect(change.state == .inProgress && change.reason == "ECS deployment ecs-svc/1 in progress.")
        before.events = [ServiceEvent(id: "0", at: .test(), message: "(service web) has reached a steady state.")]
        var after = before
        after.deployments[0].rolloutState = .completed
        after.deployments[0].rolloutStateReason = "ECS deployment ecs-svc/1 completed."
        after.events.insert(
            ServiceEvent(id: "1", at: .test(1), message: "(service web) (deployment ecs-svc/1) deployment completed."),
            at: 0)
        after.events.insert(
            ServiceEvent(id: "2", at: .test(2), message: "(service web) has reached a steady state."), at: 0)
        let told = ResourceEvents.of(before, after)
        guard case .deployment(_, let completed)? = told.first else {
            Issue.record("\(told)")
            return
        }
        #expect(completed.state == .completed)
        #expect(told.dropFirst() == [.action(before.id, ServiceAction(.steadyState), at: .test(2))])
        #expect(ResourceEvents.of(after, after).isEmpty)
    }

    @Test("the number of hosts is told of a service that follows it, not a number that a caller gave")
    func desiredCount() {
        for strategy in [SchedulingStrategy.daemon, .replica] {
            var before = ServiceRecord.test(desired: 1)
            before.schedulingStrategy = strategy
            let after = before.desiring(.hosts(count: 2))
            let expected: [ResourceEvent] =
                strategy == .daemon
                ? [.action(before.id, ServiceAction(.desiredCountUpdated), at: before.createdAt)] : []
            #expect(ResourceEvents.of(before, after) == expected)
        }
    }

    @Test("a service deployment tells of each of its hooks when it begins to wait and when that ends")
    func hooks() {
        let service = ServiceRecord.test(desired: 1)
        let before = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: service.id, id: "d"), deployment: service.deployments[0],
            target: ServiceRevisionID(service: service.id, number: "1"), sources: [],
            configuration: service.configuration, breaker: .init(status: .disabled, threshold: 3))
        var waiting = before
        waiting.hooks = ["1", "2"].map {
            LifecycleHookRun(id: $0, stage: .preScaleUp, of: LifecycleHook(stages: [.preScaleUp]), at: .test())
        }
        func told(_ events: [ResourceEvent]) -> [String] {
            events.compactMap { event in
                guard case .hook(before.id, let change) = event else { return nil }
                return "\(change.hook.id) \(change.hook.status.rawValue)"
            }
        }
        #expect(ResourceEvents.of(nil, before).isEmpty)
        #expect(told(ResourceEvents.of(before, waiting)) == ["1 awaitingAction", "2 awaitingAction"])
        var answered = waiting
        answered.hooks?[1].status = .succeeded
        answered.status = .inProgress
        #expect(told(ResourceEvents.of(waiting, answered)) == ["2 succeeded"])
        #expect(ResourceEvents.of(answered, answered).isEmpty)
        #expect(ResourceEvents.of(answered, nil as ServiceDeploymentRecord?).isEmpty)
    }
}
