import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Protected tasks")
struct ProtectionTests {
    static let new = DeploymentRecord.test(2, revision: 2)
    static let old = DeploymentRecord.test(1, revision: 1, status: .active, rollout: .completed)

    /// Healthy tasks `n0…` of the new and `o0…` of the old deployment; those named are protected for a minute.
    static func snapshot(
        desired: Int, new: Int, old: Int, protected: Set<String>, at now: Int = 100
    ) -> ServiceSnapshot {
        let service = ServiceRecord.test(
            desired: desired, deployments: old > 0 ? [Self.new, Self.old] : [Self.new])
        let names = (0..<new).map { ("n\($0)", Self.new) } + (0..<old).map { ("o\($0)", Self.old) }
        let tasks = names.map { name, deployment in
            var task = TaskRecord.test(name, launchType: .fargate).of(service, deployment).observed(.running)
            if protected.contains(name) { task.protection = TaskProtection(expiresAt: .test(160)) }
            return task
        }
        return ServiceSnapshot(
            service: service, tasks: tasks, definitions: [:], now: .test(now),
            freshID: DeploymentID(rawValue: "ecs-svc/9"))
    }

    static let blocked =
        "was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks."

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var desired: Int
        var new: Int
        var old = 0
        var protected: Set<String>
        var stops: Set<String>
        var starts = 0
        /// The deployment that the service event names.
        var blocked: String?
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "scale-in takes others", desired: 1, new: 3, protected: ["n2"], stops: ["n0", "n1"]),
        Row(
            name: "scale-in stops short of them and says so", desired: 1, new: 3, protected: ["n1", "n2"],
            stops: ["n0"], blocked: "ecs-svc/2"),
        Row(
            name: "scale-in to zero leaves them", desired: 0, new: 2, protected: ["n0"], stops: ["n1"],
            blocked: "ecs-svc/2"),
        Row(
            name: "a rollout replaces the others", desired: 2, new: 2, old: 2, protected: ["o0"], stops: ["o1"],
            blocked: "ecs-svc/1"),
        Row(
            name: "a rollout that waits for its own tasks is not blocked by them", desired: 1, new: 0, old: 1,
            protected: ["o0"], stops: [], starts: 1),
        Row(
            name: "protection within the desired count hinders nothing", desired: 2, new: 2, protected: ["n0"],
            stops: []),
    ]

    @Test("are left alone by scale-in and rollouts", arguments: rows)
    func plansOneStep(row: Row) {
        let plan = reconcile(
            Self.snapshot(desired: row.desired, new: row.new, old: row.old, protected: row.protected))
        #expect(Set(plan.stops.map(\.task.id)) == row.stops)
        #expect(plan.starts.reduce(0) { $0 + $1.count } == row.starts)
        let said = plan.messages.map(\.text).filter { $0.hasSuffix(Self.blocked) }
        let expected = row.blocked.map { id in
            ["(service web) was unable to reach steady state because task set (\(id)) \(Self.blocked)"]
        }
        #expect(said == expected ?? [])
    }

    @Test("are looked at again when their protection ends, and go then")
    func expiry() {
        let before = reconcile(Self.snapshot(desired: 0, new: 1, old: 0, protected: ["n0"]))
        #expect(before.stops.isEmpty)
        #expect(before.wakeAt == .test(160))
        let after = reconcile(Self.snapshot(desired: 0, new: 1, old: 0, protected: ["n0"], at: 160))
        #expect(after.stops.map(\.task.id) == ["n0"])
    }

    @Test("that do not serve yet do not take the place of others that do", arguments: [(100, []), (120, ["n1"])])
    func unsettled(now: Int, stops: [String]) {
        var snapshot = Self.snapshot(desired: 1, new: 2, old: 0, protected: ["n0"], at: now)
        snapshot.tasks[0].observed?.startedAt = .test(80)
        let plan = reconcile(snapshot)
        #expect(plan.stops.map(\.task.id) == stops)
        if stops.isEmpty { #expect(plan.wakeAt == .test(120)) }
    }

    @Test("go when they are unhealthy")
    func unhealthy() {
        var snapshot = Self.snapshot(desired: 1, new: 2, old: 0, protected: ["n0", "n1"])
        snapshot.definitions = [.test("web", 2): TaskDefinitionRecord.test("web", 2, healthCheck: true).definition]
        snapshot.tasks[0] = snapshot.tasks[0].reporting(.unhealthy)
        snapshot.tasks[1] = snapshot.tasks[1].reporting(.healthy)
        let plan = reconcile(snapshot)
        #expect(plan.stops.map(\.task.id) == ["n0"])
        #expect(plan.stops.first?.reason == "Task failed container health checks")
    }

    @Test(
        "block a service when there are more than its deployments want",
        arguments: [
            (2, 2, 0, ["n0", "n1"], false), (1, 2, 0, ["n0", "n1"], true), (2, 2, 1, ["o0"], true),
            (2, 2, 1, ["n0"], false),
        ])
    func blocks(desired: Int, new: Int, old: Int, protected: [String], expected: Bool) {
        let snapshot = Self.snapshot(desired: desired, new: new, old: old, protected: Set(protected))
        #expect(snapshot.service.isBlockedByProtection(snapshot.tasks, now: snapshot.now) == expected)
        #expect(!snapshot.service.isBlockedByProtection(snapshot.tasks, now: .test(160)))
    }

    @Test("block a service of task sets when one has more than its share", arguments: [(100, false), (50, true)])
    func taskSets(scale: Double, expected: Bool) {
        var snapshot = Self.snapshot(desired: 2, new: 2, old: 0, protected: ["n0", "n1"])
        snapshot.service.deployments = []
        snapshot.service.controller = .external
        snapshot.service.taskSets = [TaskSetRecord(deployment: Self.new, scale: scale)]
        #expect(snapshot.service.isBlockedByProtection(snapshot.tasks, now: snapshot.now) == expected)
        snapshot.service.taskSets[0].status = .draining
        #expect(!snapshot.service.isBlockedByProtection(snapshot.tasks, now: snapshot.now))
    }
}
