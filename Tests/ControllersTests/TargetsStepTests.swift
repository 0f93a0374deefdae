import Domain
import Identifiers
import StateStore
import TaskLifecycle
import TestKit
import Testing

@testable import Controllers

@Suite("Targets of services' tasks")
struct TargetsStepTests {
    private let ids = SeededIDSource(seed: 1)
    private static let group = TargetGroupID(scope: .test, name: "web", suffix: "0a")
    private static let port = ServiceLoadBalancer(targetGroup: group, containerName: "app", containerPort: 80)

    private func world(type: TargetType = .ip, delay: Int = 30, _ tasks: [TaskRecord]) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            transaction.put(.targetGroup(.test(Self.group, type: type, delay: delay)))
            transaction.put(ContainerInstanceRecord.test("h1"))
            var service = ServiceRecord.test(desired: tasks.count)
            service.loadBalancers = [Self.port]
            transaction.put(service)
            for task in tasks { transaction.put(task) }
        }
    }

    private func task(_ id: String, mode: NetworkMode = .awsvpc) -> TaskRecord {
        let service = ServiceRecord.test(desired: 1)
        var task = TaskRecord.test(id, mode: mode).of(service, .test(1)).observed(.running)
        task.observed?.interface =
            mode == .awsvpc ? TaskInterface(address: "10.99.0.7", macAddress: "02:00:00:00:00:01") : nil
        task.loadBalancers = [Self.port]
        return task
    }

    private func next(
        _ step: inout TargetsStep, _ state: StateSnapshot, at seconds: Int = 0, keys: Set<TargetsKey>? = nil
    ) -> (state: StateSnapshot, commits: [TargetsCommit]) {
        let commits = step.step(keys, state, now: .test(seconds), ids: ids)
        return (state.applying { transaction in for commit in commits { commit.write(to: &transaction) } }, commits)
    }

    private func target(_ state: StateSnapshot, _ id: String = "10.99.0.7", _ port: Int = 80) -> TargetRecord? {
        state.targets[TargetID(group: Self.group, id: id, port: port)]
    }

    @Test("a running task is registered by its address, once")
    func registered() {
        var step = TargetsStep()
        let (state, commits) = next(&step, world([task("t1")]))
        #expect(commits.count == 1)
        #expect(target(state)?.task?.id == "t1")
        #expect(state.tasks[TaskID(cluster: .test, id: "t1")]?.traffic == .registered)
        #expect(
            state.services.values().first { _ in true }?.1.events.map(\.message)
                == ["(service web) registered 1 targets in (target-group \(Self.group.arn))"])
        #expect(next(&step, state).commits.isEmpty)
    }

    @Test("in bridge mode it is registered by its host and host port")
    func bridge() {
        var bridged = task("t1", mode: .bridge)
        bridged.observed?.containers[0].networkBindings = [
            NetworkBinding(containerPort: 81, hostPort: 32_001, transport: .tcp),
            NetworkBinding(containerPort: 80, hostPort: 32_002, transport: .tcp),
        ]
        var step = TargetsStep()
        let (state, _) = next(&step, world(type: .instance, [bridged]))
        #expect(target(state, state.instances[.test("h1")]?.ec2InstanceID ?? "", 32_002) != nil)
    }

    @Test("nothing is registered that does not run, or whose address is not known", arguments: [true, false])
    func notYet(isRunning: Bool) {
        var waiting = task("t1")
        if isRunning { waiting.observed?.interface = nil } else { waiting.observed?.status = .pending }
        var step = TargetsStep()
        #expect(next(&step, world([waiting])).commits.isEmpty)
    }

    @Test("a task that shall stop drains first, and is told to stop when the delay is over")
    func drains() {
        var step = TargetsStep()
        var (state, _) = next(&step, world(delay: 30, [task("t1")]))
        let id = TaskID(cluster: .test, id: "t1")
        state = state.applying { transaction in
            guard let task = transaction.state.tasks[id] else { return }
            transaction.put(task.requestingStop(.serviceSchedulerInitiated, reason: "scale in", now: .test(10)))
        }
        #expect(state.tasks[id]?.lastStatus == .deactivating)
        (state, _) = next(&step, state, at: 10, keys: [.task(id)])
        #expect(state.tasks[id]?.traffic == .draining)
        #expect(target(state)?.drainingSince == .test(10))
        #expect(state.tasks[id]?.orderedStatus == .running)
        let events = state.services.values().first { _ in true }?.1.events.map(\.message) ?? []
        #expect(
            events.prefix(2) == [
                "(service web, taskSet ecs-svc/1) has begun draining connections on 1 tasks.",
                "(service web) deregistered 1 targets in (target-group \(Self.group.arn))",
            ])
        (state, _) = next(&step, state, at: 10, keys: [.target(TargetID(group: Self.group, id: "10.99.0.7", port: 80))])
        #expect(step.wakeAt == .test(40))
        #expect(next(&step, state, at: 39, keys: []).commits.isEmpty)
        (state, _) = next(&step, state, at: 40, keys: [])
        #expect(target(state) == nil)
        #expect(state.tasks[id]?.traffic == .left)
        #expect(state.tasks[id]?.orderedStatus == .stopped)
        #expect(state.tasks[id]?.lastStatus == .stopping)
        #expect(next(&step, state, at: 41).commits.isEmpty)
    }

    @Test("a draining task whose group is deleted has nothing to wait for")
    func groupDeleted() throws {
        var step = TargetsStep()
        var (state, _) = next(&step, world([task("t1")]))
        let id = TaskID(cluster: .test, id: "t1")
        state = state.applying { transaction in
            guard let task = transaction.state.tasks[id] else { return }
            transaction.put(task.requestingStop(.serviceSchedulerInitiated, reason: "scale in", now: .test(10)))
        }
        (state, _) = next(&step, state, at: 10, keys: [.task(id)])
        let left = try #require(self.target(state))
        state = state.applying { transaction in transaction.deleteTargetGroup(Self.group) }
        let keys = TargetsKey.keys(of: Change(key: .target(left.id), before: .target(left), after: nil))
        #expect(keys == [.task(id)])
        (state, _) = next(&step, state, at: 11, keys: Set(keys))
        #expect(state.tasks[id]?.traffic == .left)
        #expect(state.tasks[id]?.orderedStatus == .stopped)
    }

    @Test("a task that its caller stopped does not wait for its traffic")
    func stopTask() {
        var step = TargetsStep()
        var (state, _) = next(&step, world([task("t1")]))
        let id = TaskID(cluster: .test, id: "t1")
        state = state.applying { transaction in
            guard let task = transaction.state.tasks[id] else { return }
            transaction.put(task.requestingStop(.userInitiated, reason: "stop", now: .test(1)))
        }
        #expect(state.tasks[id]?.orderedStatus == .stopped)
        (state, _) = next(&step, state, at: 1, keys: [.task(id)])
        #expect(target(state)?.drainingSince == .test(1))
    }

    @Test("a task that ended or was lost is out at once", arguments: [true, false])
    func ended(isLost: Bool) {
        var step = TargetsStep()
        var (state, _) = next(&step, world([task("t1")]))
        let id = TaskID(cluster: .test, id: "t1")
        state = state.applying { transaction in
            guard var task = transaction.state.tasks[id] else { return }
            if isLost { task.verdict.lostAt = .test(5) } else { task = task.observed(.stopped, at: .test(5)) }
            transaction.put(task)
        }
        (state, _) = next(&step, state, at: 5, keys: [.task(id)])
        #expect(target(state) == nil)
        #expect(state.tasks[id]?.traffic == .left)
    }

    @Test("an address that went to another task stays that task's")
    func reused() {
        var step = TargetsStep()
        var (state, _) = next(&step, world([task("t1")]))
        let (first, second) = (TaskID(cluster: .test, id: "t1"), TaskID(cluster: .test, id: "t2"))
        state = state.applying { transaction in
            guard let ended = transaction.state.tasks[first] else { return }
            transaction.put(ended.observed(.stopped, at: .test(5)))
            transaction.put(task("t2"))
        }
        (state, _) = next(&step, state, at: 5, keys: [.task(second)])
        (state, _) = next(&step, state, at: 6, keys: [.task(first)])
        #expect(target(state)?.task == second)
    }

    @Test("a running task's target that a caller took out goes when its delay is over, and the task runs on")
    func takenFromTask() {
        var step = TargetsStep()
        var (state, _) = next(&step, world(delay: 30, [task("t1")]))
        let id = TargetID(group: Self.group, id: "10.99.0.7", port: 80)
        state = state.applying { transaction in
            guard var target = transaction.state.targets[id] else { return }
            target.drainingSince = .test(3)
            transaction.put(.target(target))
        }
        #expect(next(&step, state, at: 32, keys: [.target(id)]).commits.isEmpty)
        (state, _) = next(&step, state, at: 33, keys: [])
        #expect(state.targets[id] == nil)
        #expect(state.tasks[TaskID(cluster: .test, id: "t1")]?.orderedStatus == .running)
    }

    @Test("a target that a caller took out goes when its delay is over")
    func deregisteredByCaller() {
        let id = TargetID(group: Self.group, id: "10.0.0.9", port: 80)
        var step = TargetsStep()
        var state = world([]).applying { transaction in
            var target = TargetRecord(id: id, registeredAt: .test())
            target.drainingSince = .test(3)
            transaction.put(.target(target))
        }
        #expect(next(&step, state, at: 32).commits.isEmpty)
        (state, _) = next(&step, state, at: 33, keys: [])
        #expect(state.targets[id] == nil)
    }

    @Test("a service that shifts traffic weighs its rule's groups, once")
    func shifts() {
        let listener = ListenerID(
            loadBalancer: LoadBalancerID(scope: .test, kind: .application, name: "front", suffix: "0c"), suffix: "0d")
        let rule = ListenerRuleReference.rule(ListenerRuleID(listener: listener, suffix: "0e"))
        let other = TargetGroupID(scope: .test, name: "other", suffix: "0b")
        var shifting = Self.port
        shifting.shift = ServiceLoadBalancer.Shift(alternate: other, production: rule)
        var service = ServiceRecord.test(desired: 1)
        service.deployments[0].loadBalancers = [shifting]
        let kept = service
        var step = TargetsStep()
        var state = world([]).applying { transaction in
            transaction.put(
                .listener(
                    ListenerRecord(
                        id: listener, port: 80, protocol: .http,
                        defaultActions: [RuleAction(.fixedResponse(FixedResponseAction(status: 404)))],
                        defaultRule: "0e", createdAt: .test())))
            transaction.put(kept)
        }
        (state, _) = next(&step, state, keys: [.service(kept.id)])
        let forward = ForwardAction(
            groups: [.init(group: other, weight: 0), .init(group: Self.group, weight: 100)])
        #expect(state.actions(of: rule) == [RuleAction(.forward(forward))])
        #expect(next(&step, state, keys: [.service(kept.id)]).commits.isEmpty)
    }

    @Test("many tasks at once come in turns that each fit a commit")
    func many() {
        let tasks = (0..<50).map { number in
            var task = task("t\(number)")
            task.observed?.interface?.address = "10.99.1.\(number)"
            return task
        }
        var step = TargetsStep()
        var state = world(tasks)
        var keys: Set<TargetsKey>?
        var rounds = 0
        repeat {
            let commits: [TargetsCommit]
            (state, commits) = next(&step, state, keys: keys)
            #expect(commits.allSatisfy { $0.tasks.count + $0.targets.count <= 90 })
            keys = []
            rounds += 1
        } while step.wakeAt.map { $0 <= .test() } ?? false && rounds < 100
        #expect(state.targets.count == 50)
    }
}

extension TargetGroupRecord {
    static func test(_ id: TargetGroupID, type: TargetType = .ip, delay: Int = 300) -> TargetGroupRecord {
        var group = TargetGroupRecord(
            id: id, type: type, protocol: .http, protocolVersion: .http1, port: 80, vpc: "vpc-1",
            healthCheck: TargetHealthCheck(
                protocol: .http, port: nil, path: "/health", interval: 30, timeout: 5, healthyThreshold: 5,
                unhealthyThreshold: 2, matcher: "200,301-303"), createdAt: .test())
        group.attributes["deregistration_delay.timeout_seconds"] = String(delay)
        return group
    }
}
