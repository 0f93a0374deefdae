import Controllers
import Domain
import Identifiers
import StateStore
import TestKit
import Testing

@Suite("What is forgotten")
struct RetentionStepTests {
    func deleted(at seconds: Int, _ body: (inout Transaction) -> Void) -> [RecordKey] {
        RetentionStep().step(StateSnapshot().applying(body), now: .test(seconds)).flatMap { $0 }.map(\.key)
    }

    @Test("are stopped tasks after an hour", arguments: [(3_599, 0), (3_600, 1)])
    func stoppedTasks(seconds: Int, count: Int) {
        let keys = deleted(at: seconds) { transaction in
            transaction.put(TaskRecord.test("a").observed(.stopped))
            transaction.put(TaskRecord.test("b").observed(.running))
        }
        #expect(keys.count == count)
    }

    static let references: [(String, @Sendable (inout Transaction) -> Void, Bool)] = [
        ("nothing", { _ in }, true), ("a stopped task", { $0.put(TaskRecord.test("a").observed(.stopped)) }, false),
        (
            "a task of another revision",
            { transaction in
                var task = TaskRecord.test("a")
                task.definition = .test("web", 2)
                transaction.put(task)
            }, true
        ),
        ("a service", { $0.put(ServiceRecord.test(desired: 0)) }, false),
        (
            "a service's old deployment",
            { transaction in
                transaction.put(
                    ServiceRecord.test(desired: 0, deployments: [.test(2, revision: 2), .test(1, revision: 1)]))
            }, false
        ),
        (
            "a task set",
            { transaction in
                var service = ServiceRecord.test(desired: 0, deployments: [.test(2, revision: 2)])
                service.taskSets = [TaskSetRecord(deployment: .test(1, revision: 1), scale: 100)]
                transaction.put(service)
            }, false
        ),
    ]

    @Test("are deleted revisions, once nothing refers to them", arguments: references)
    func definitions(what: String, put: @Sendable (inout Transaction) -> Void, isGone: Bool) {
        let keys = deleted(at: 0) { transaction in
            var record = TaskDefinitionRecord.test("web", 1)
            record.status = .deleteInProgress
            transaction.put(record)
            transaction.put(TaskDefinitionRecord.test("web", 2))
            put(&transaction)
        }
        #expect(keys == (isGone ? [.taskDefinition(.test("web", 1))] : []), "\(what)")
    }

    @Test("are deleted capacity providers after an hour", arguments: [(3_599, 0), (3_600, 1)])
    func capacityProviders(seconds: Int, count: Int) {
        let scope = Scope.test
        let keys = deleted(at: seconds) { transaction in
            var gone = CapacityProviderRecord(
                id: CapacityProviderID(scope: scope, name: "gone"), createdAt: .test(), autoScalingGroup: "g")
            gone.status = .inactive
            gone.deletedAt = .test()
            transaction.put(gone)
            transaction.put(
                CapacityProviderRecord(
                    id: CapacityProviderID(scope: scope, name: "kept"), createdAt: .test(), autoScalingGroup: "h"))
        }
        #expect(keys.count == count)
    }

    @Test("are not tasks that a lost host may bring back")
    func lostTasks() {
        let task = TaskRecord.test("a").observed(.running)
        var lost = task
        lost.verdict.lostAt = .test()
        var host = ContainerInstanceRecord.test("h1")
        host.lostAt = .test()
        #expect(
            deleted(at: 7_200) { transaction in
                transaction.put(host)
                transaction.put(lost)
            }.isEmpty)
        #expect(deleted(at: 7_200) { $0.put(lost) } == [.task(task.id)])
    }

    @Test("are the tasks of a lost host once it is deregistered")
    func deregisteredLostHost() {
        var lost = TaskRecord.test("a").observed(.running)
        lost.verdict.lostAt = .test()
        var host = ContainerInstanceRecord.test("h1")
        host.lostAt = .test()
        host.status = .inactive
        host.deregisteredAt = .test(7_000)
        let keys = deleted(at: 7_200) { transaction in
            transaction.put(host)
            transaction.put(lost)
        }
        #expect(keys == [.task(lost.id)])
    }

    @Test(
        "are deregistered hosts after an hour, each after its keys, when no task refers to them",
        arguments: [(3_599, false, 0), (3_600, false, 2), (3_600, true, 0)])
    func instances(seconds: Int, hasTask: Bool, count: Int) {
        var gone = ContainerInstanceRecord.test("h1")
        gone.status = .inactive
        gone.deregisteredAt = .test()
        let keys = deleted(at: seconds) { transaction in
            transaction.put(gone)
            transaction.put(ContainerInstanceRecord.test("h2"))
            for host in ["h1", "h2"] {
                transaction.put(
                    AccessKeyRecord(
                        id: "AKIA" + host, secret: "s", scope: .test, principal: .node(.test(host)), createdAt: .test())
                )
            }
            transaction.put(
                AccessKeyRecord(id: "AKIAROOT", secret: "s", scope: .test, principal: .root, createdAt: .test()))
            if hasTask { transaction.put(TaskRecord.test("a").observed(.stopped, at: .test(3_000))) }
        }
        #expect(keys == [.accessKey("AKIAh1"), .instance(gone.id)].prefix(count).map { $0 })
    }

    @Test("are inactive services, dead join tokens and old client tokens")
    func others() {
        var inactive = ServiceRecord.test("old", desired: 0)
        inactive.status = .inactive
        let token = JoinTokenRecord(digest: "d", scope: .test, createdAt: .test(), expiresAt: .test(60))
        let client = IdempotencyRecord(scope: .test, key: "k", requestDigest: "", tasks: [], createdAt: .test())
        let body: (inout Transaction) -> Void = { transaction in
            transaction.put(inactive)
            transaction.put(ServiceRecord.test("new", desired: 0))
            transaction.put(token)
            transaction.put(client)
        }
        #expect(deleted(at: 59, body).isEmpty)
        #expect(deleted(at: 3_600, body) == [.service(inactive.id), .joinToken("d")])
        #expect(deleted(at: 86_400, body).count == 3)
    }

    @Test(
        "of daemons: ended deployments, an hour after the daemon or 90 days, with what only they name",
        arguments: [(true, 3_599, 0), (true, 3_600, 2), (false, 3_600, 0), (false, 90 * 86_400, 2)])
    func daemons(isGone: Bool, seconds: Int, count: Int) {
        let id = DaemonID(cluster: .test, name: "agent")
        let old = DaemonRevisionID(daemon: id, number: "1")
        let current = DaemonRevisionID(daemon: id, number: "2")
        let definition = TaskDefinitionID(
            family: FamilyID(scope: .test, kind: .daemon, name: "agent"), revision: 1)
        let keys = deleted(at: seconds) { transaction in
            for (number, revision) in [old, current].enumerated() {
                transaction.put(
                    DaemonRevisionRecord(
                        id: revision, definition: definition, capacityProviders: ["own"], createdAt: .test()))
                var deployment = DaemonDeploymentRecord(
                    id: DaemonDeploymentID(daemon: id, id: "d\(number)"), target: revision,
                    configuration: DaemonDeploymentConfiguration(), createdAt: .test())
                deployment.status = .successful
                deployment.finishedAt = number == 0 ? .test() : .test(seconds)
                transaction.put(deployment)
            }
            guard !isGone else { return }
            transaction.put(
                DaemonRecord(
                    id: id, revision: current, deployment: DaemonDeploymentID(daemon: id, id: "d1"),
                    createdAt: .test(), createdBy: "test"))
        }
        #expect(
            keys
                == [.daemonDeployment(DaemonDeploymentID(daemon: id, id: "d0")), .daemonRevision(old)].prefix(count)
                .map { $0 })
    }

    @Test("goes in chunks of a hundred")
    func chunks() {
        let state = StateSnapshot().applying { transaction in
            for number in 0..<250 { transaction.put(TaskRecord.test("t\(number)").observed(.stopped)) }
        }
        #expect(RetentionStep().step(state, now: .test(4_000)).map(\.count) == [100, 100, 50])
    }

    @Test("are service deployments after 90 days but the newest, with the revisions that only they name")
    func serviceDeployments() {
        let service = ServiceRecord.test(desired: 1)
        let fill = { (transaction: inout Transaction) in
            transaction.put(service)
            for number in 1...3 { transaction.put(history: number, of: service) }
        }
        let day = 24 * 3_600
        #expect(deleted(at: 90 * day, fill).isEmpty)
        let keys = deleted(at: 90 * day + 2, fill)
        #expect(keys.count == 4)
        #expect(!keys.contains(.serviceDeployment(ServiceDeploymentID(service: service.id, id: "d3"))))
        #expect(!keys.contains(.serviceRevision(ServiceRevisionID(service: service.id, number: "3"))))
    }

    @Test("are service deployments beyond a hundred, and all when their service is gone")
    func manyServiceDeployments() {
        let service = ServiceRecord.test(desired: 1)
        let keys = deleted(at: 200) { transaction in
            transaction.put(service)
            for number in 1...103 { transaction.put(history: number, of: service) }
        }
        #expect(keys.count == 6)
        #expect(deleted(at: 1) { $0.put(history: 1, of: service) }.count == 2)
    }
}

extension Transaction {
    /// A finished service deployment that began after `number` seconds, and its revision.
    fileprivate mutating func put(history number: Int, of service: ServiceRecord) {
        var deployment = DeploymentRecord.test(number)
        deployment.createdAt = .test(number)
        let revision = ServiceRevisionID(service: service.id, number: "\(number)")
        put(ServiceRevisionRecord(id: revision, of: deployment, images: []))
        var record = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: service.id, id: "d\(number)"), deployment: deployment, target: revision,
            sources: [], configuration: service.configuration, breaker: .init(status: .disabled, threshold: 3))
        record.status = .successful
        put(record)
    }
}
