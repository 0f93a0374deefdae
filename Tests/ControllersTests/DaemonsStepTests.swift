import Controllers
import Domain
import Identifiers
import StateStore
import Synchronization
import TestKit
import Testing

@Suite("The daemons step")
struct DaemonsStepTests {
    static let id = DaemonID(cluster: .test, name: "agent")
    static let definition = TaskDefinitionID(
        family: FamilyID(scope: .test, kind: .daemon, name: "agent"), revision: 1)
    static let revision = DaemonRevisionID(daemon: id, number: "1")
    static let deployment = DaemonDeploymentID(daemon: id, id: "d1")
    static let hosts: Set<ContainerInstanceID> = [.test("a"), .test("b"), .test("other"), .test("plain")]

    static func host(_ id: String, provider: String?, memory: Int = 8192) -> ContainerInstanceRecord {
        var host = ContainerInstanceRecord.test(id, memory: memory)
        host.capacityProvider = provider
        return host
    }

    /// Hosts `a` and `b` of provider `own`, one of another, one of none, and a daemon on `own`.
    static func world(memory: Int = 8192) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            transaction.put(host("a", provider: "own", memory: memory))
            transaction.put(host("b", provider: "own"))
            transaction.put(host("other", provider: "other"))
            transaction.put(host("plain", provider: nil))
            transaction.put(
                DaemonTaskDefinitionRecord(
                    id: definition, definition: TaskDefinitionRecord.test(mode: .bridge).definition,
                    registeredAt: .test(), registeredBy: "test"))
            var made = DaemonRevisionRecord(
                id: revision, definition: definition, capacityProviders: ["own"], createdAt: .test())
            made.propagatesTags = true
            made.enableECSManagedTags = true
            transaction.put(made)
            var daemon = DaemonRecord(
                id: id, revision: revision, deployment: deployment, createdAt: .test(), createdBy: "test")
            daemon.tags = [KeyValue(key: "team", value: "a")]
            transaction.put(daemon)
            transaction.put(
                DaemonDeploymentRecord(
                    id: deployment, target: revision, configuration: DaemonDeploymentConfiguration(),
                    createdAt: .test()))
        }
    }

    static func commits(
        _ state: StateSnapshot, connected: Set<ContainerInstanceID> = hosts, keys: Set<DaemonsKey>? = nil,
        now: Timestamp = .test(1)
    ) -> [DaemonCommit] {
        var step = DaemonsStep()
        return step.step(keys, state, connected: connected, now: now, ids: SeededIDSource(seed: 1))
    }

    static func apply(_ commits: [DaemonCommit], to state: StateSnapshot) -> StateSnapshot {
        state.applying { transaction in
            for commit in commits {
                transaction.put(commit.daemon)
                transaction.put(commit.deployment)
                for task in commit.tasks { transaction.put(task) }
            }
        }
    }

    @Test("its tasks are made on the hosts of the providers, placed, and say whose they are")
    func tasks() throws {
        let commit = try #require(Self.commits(Self.world()).first)
        #expect(commit.tasks.map(\.placement?.instance) == [.test("a"), .test("b")])
        let task = try #require(commit.tasks.first)
        #expect(task.group == "daemon:agent")
        #expect(task.startedBy == "d1")
        #expect(task.daemonRevision == Self.revision)
        #expect(task.definition == Self.definition)
        #expect(task.capacityProvider == "own")
        #expect(task.launchType == .ec2)
        #expect(task.networkMode == .bridge)
        #expect(
            task.tags == [
                KeyValue(key: "team", value: "a"), KeyValue(key: "aws:ecs:clusterName", value: "default"),
            ])
        #expect(Set(commit.expected.versions.keys).isSuperset(of: [.daemon(Self.id), .instance(.test("a"))]))
    }

    @Test("a plan that was carried out leaves nothing to do")
    func rests() {
        let state = Self.apply(Self.commits(Self.world()), to: Self.world())
        #expect(Self.commits(state).isEmpty)
    }

    @Test("a host that is not connected or has no room gets none, and the deployment says why")
    func refused() throws {
        let silent = try #require(Self.commits(Self.world(), connected: [.test("b")]).first)
        #expect(silent.tasks.map(\.placement?.instance) == [.test("b")])
        let state = Self.apply(Self.commits(Self.world(memory: 256)), to: Self.world(memory: 256))
        let running = state.applying { transaction in
            for (_, task) in state.tasks.values() { transaction.put(task.observed(.running)) }
        }
        let commit = try #require(Self.commits(running, now: .test(60)).first)
        #expect(commit.deployment.status == .inProgress)
        #expect(commit.deployment.statusReason?.hasPrefix("RESOURCE:MEMORY") == true)
    }

    @Test("a change of a host plans the daemons of its cluster, nothing else does")
    func keys() {
        #expect(Self.commits(Self.world(), keys: []).isEmpty)
        #expect(Self.commits(Self.world(), keys: [.host(.test("a"))]).count == 1)
        #expect(Self.commits(Self.world(), keys: [.host(.test("nowhere"))]).isEmpty)
    }

    @Test("an alarm of its deployment plans it, and what it says counts")
    func alarms() throws {
        let alarm = AlarmID(scope: .test, name: "errors")
        var state = Self.world().applying { transaction in
            guard var deployment = transaction.state.daemonDeployments[Self.deployment] else { return }
            deployment.configuration.alarmNames = [alarm.name]
            deployment.configuration.heedsAlarms = true
            transaction.put(deployment)
        }
        var step = DaemonsStep()
        let ids = SeededIDSource(seed: 1)
        state = Self.apply(step.step(nil, state, connected: Self.hosts, now: .test(1), ids: ids), to: state)
        state = state.applying { transaction in
            let rule = CompositeAlarm(rule: "TRUE")
            var record = AlarmRecord(id: alarm, rule: .composite(rule), createdAt: .test())
            record.state = .alarm
            transaction.put(record)
        }
        let others = step.step(
            [.alarm(AlarmID(scope: .test, name: "other"))], state, connected: Self.hosts, now: .test(2), ids: ids)
        #expect(others.isEmpty)
        let commits = step.step([.alarm(alarm)], state, connected: Self.hosts, now: .test(2), ids: ids)
        #expect(commits.first?.deployment.status == .stopped)
        #expect(commits.first?.deployment.triggeredAlarms == [alarm.name])
    }

    /// The world with 8000 of the 8192 MiB of host `a` taken by a task of no daemon.
    static func crowded() -> StateSnapshot {
        world().applying { transaction in
            transaction.put(TaskRecord.test("big", memory: 8000).placed(on: "a").observed(.running))
            transaction.put(TaskRecord.test("small", memory: 64).placed(on: "a").observed(.running))
        }
    }

    static func ended(_ task: String, in state: StateSnapshot) -> StateSnapshot {
        state.applying { transaction in
            guard let record = transaction.state.tasks[TaskID(cluster: .test, id: task)] else { return }
            transaction.put(record.observed(.stopped))
        }
    }

    @Test("a host without room is planned again when a task that leaves it makes room, and not before")
    func room() {
        var step = DaemonsStep()
        let ids = SeededIDSource()
        func commits(_ keys: Set<DaemonsKey>?, _ state: StateSnapshot) -> [DaemonCommit] {
            step.step(keys, state, connected: Self.hosts, now: .test(1), ids: ids)
        }
        let first = commits(nil, Self.crowded())
        #expect(first.flatMap(\.tasks).map(\.placement?.instance) == [.test("b")])
        let crowded = Self.ended("small", in: Self.apply(first, to: Self.crowded()))
        #expect(commits([.room(.test("a"))], crowded).isEmpty)
        let roomy = Self.ended("big", in: crowded)
        #expect(commits([.room(.test("b"))], roomy).isEmpty)
        #expect(commits([.room(.test("other"))], roomy).isEmpty)
        #expect(commits([.room(.test("a"))], roomy).flatMap(\.tasks).map(\.placement?.instance) == [.test("a")])
    }

    @Test("a host that is drained is planned again when the last task of no daemon leaves it")
    func drains() {
        let placed = Self.apply(Self.commits(Self.crowded()), to: Self.crowded())
        let draining = placed.applying { transaction in
            var host = Self.host("b", provider: "own")
            host.status = .draining
            transaction.put(host)
            for id in ["one", "two"] { transaction.put(TaskRecord.test(id).placed(on: "b").observed(.running)) }
        }
        var step = DaemonsStep()
        let ids = SeededIDSource()
        func stops(_ keys: Set<DaemonsKey>?, _ state: StateSnapshot) -> [Int] {
            step.step(keys, state, connected: Self.hosts, now: .test(1), ids: ids).map(\.stopped)
        }
        #expect(!stops(nil, draining).contains(1))
        let one = Self.ended("one", in: draining)
        #expect(stops([.room(.test("b"))], one).isEmpty)
        #expect(stops([.room(.test("b"))], Self.ended("two", in: one)) == [1])
    }

    @Test("a look asks for room only on hosts where something changed")
    func asksOnce() {
        let ids = CountingIDs()
        var step = DaemonsStep()
        let state = Self.world(memory: 256)
        let first = step.step(nil, state, connected: Self.hosts, now: .test(1), ids: ids)
        let full = Self.apply(first, to: state)
        let drawn = ids.count
        #expect(drawn > 0)
        #expect(step.step([.daemon(Self.id)], full, connected: Self.hosts, now: .test(1), ids: ids).isEmpty)
        #expect(ids.count == drawn)
        let changed = full.applying { $0.put(TaskRecord.test("new", memory: 64).placed(on: "a").observed(.running)) }
        #expect(step.step([.daemon(Self.id)], changed, connected: Self.hosts, now: .test(1), ids: ids).isEmpty)
        #expect(ids.count > drawn)
    }

    @Test("a deleted definition stays while a daemon uses it, and is DELETED afterwards")
    func definitions() throws {
        let deleted = Self.world().applying { transaction in
            guard var record = transaction.state.daemonTaskDefinitions[Self.definition] else { return }
            record.status = .deleteInProgress
            transaction.put(record)
        }
        #expect(DaemonsStep.unusedDefinitions(deleted).isEmpty)
        let unused = deleted.applying { $0.delete(.daemon(Self.id)) }
        #expect(DaemonsStep.unusedDefinitions(unused).map(\.status) == [.deleted])
    }
}

/// Tells how many times it was asked.
private final class CountingIDs: IDSource {
    private let source = SeededIDSource()
    private let asked = Mutex(0)

    var count: Int { asked.withLock(\.self) }

    func bits() -> UInt64 {
        asked.withLock { $0 += 1 }
        return source.bits()
    }
}
