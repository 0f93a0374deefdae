import Controllers
import Domain
import Identifiers
import StateStore
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
