import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Tasks behind load balancers")
struct TargetHealthTests {
    private let port = ServiceLoadBalancer(
        targetGroup: TargetGroupID(scope: .test, name: "web", suffix: "0a"), containerName: "app", containerPort: 80)

    /// A service with one running task of each id.
    private func snapshot(
        _ ids: [String], desired: Int, grace: Int? = nil, seen: [String: TaskTrafficHealth], at seconds: Int = 300
    ) -> ServiceSnapshot {
        var deployment = DeploymentRecord.test(1)
        deployment.loadBalancers = [port]
        var service = ServiceRecord.test(desired: desired, deployments: [deployment])
        service.loadBalancers = [port]
        service.healthCheckGracePeriod = grace
        let tasks = ids.map { id in
            var task = TaskRecord.test(id, launchType: .fargate).of(service, deployment).observed(.running)
            task.loadBalancers = [port]
            task.traffic = .registered
            return task
        }
        var snapshot = ServiceSnapshot(
            service: service, tasks: tasks, definitions: [.test(): TaskDefinitionRecord.test().definition],
            now: .test(seconds), freshID: DeploymentID(rawValue: "ecs-svc/9"))
        for task in tasks { snapshot.traffic[task.id] = seen[task.id.id] }
        return snapshot
    }

    @Test("a deployment waits until every target is healthy, however long the task has run")
    func waits() {
        let waiting = reconcile(snapshot(["a", "b"], desired: 2, seen: ["a": .healthy, "b": .pending]))
        #expect(waiting.service.primary?.rolloutState == .inProgress)
        #expect(waiting.stops.isEmpty)
        let whole = reconcile(snapshot(["a", "b"], desired: 2, seen: ["a": .healthy, "b": .healthy]))
        #expect(whole.service.primary?.rolloutState == .completed)
    }

    @Test("healthy targets count at once, without the time that tasks without checks need")
    func atOnce() {
        let plan = reconcile(snapshot(["a"], desired: 1, seen: ["a": .healthy], at: 1))
        #expect(plan.service.primary?.rolloutState == .completed)
    }

    @Test("a task that a target group finds unhealthy is replaced with ECS's words")
    func unhealthy() {
        let seen: [String: TaskTrafficHealth] = [
            "a": .healthy, "b": .unhealthy(port, reason: "Health checks failed with these codes: [502]"),
        ]
        let first = reconcile(snapshot(["a", "b"], desired: 2, seen: seen))
        #expect(first.starts.map(\.count) == [1])
        #expect(first.stops.isEmpty)
        // With its replacement healthy it goes.
        let second = reconcile(snapshot(["a", "b", "c"], desired: 2, seen: seen.merging(["c": .healthy]) { $1 }))
        #expect(second.stops.map(\.task.id) == ["b"])
        #expect(
            second.stops.map(\.reason) == ["Task failed ELB health checks in (target-group \(port.targetGroup.arn))"])
        #expect(
            second.messages.map(\.text).contains(
                "(service web) (task b) (port 80) is unhealthy in (target-group \(port.targetGroup.arn)) due to "
                    + "(reason Health checks failed with these codes: [502])."))
    }

    @Test("the grace period counts from the task's start")
    func grace() {
        let seen: [String: TaskTrafficHealth] = ["a": .unhealthy(port, reason: "Request timed out")]
        let within = reconcile(snapshot(["a"], desired: 1, grace: 600, seen: seen))
        #expect(within.starts.isEmpty)
        #expect(within.wakeAt == .test(600))
        #expect(!reconcile(snapshot(["a"], desired: 1, grace: 300, seen: seen)).starts.isEmpty)
    }

    @Test("failed target checks count towards the circuit breaker")
    func counted() {
        var snapshot = snapshot(["a"], desired: 1, seen: ["a": .pending])
        var ended = snapshot.tasks[0]
        ended.id.id = "z"
        ended.verdict.stop = StopRequest(
            code: .serviceSchedulerInitiated,
            reason: "Task failed ELB health checks in (target-group \(port.targetGroup.arn))", at: .test(100))
        snapshot.tasks.append(ended.observed(.stopped, at: .test(130)))
        #expect(reconcile(snapshot).service.primary?.failedTasks == 1)
    }
}
