import Domain
import Identifiers
import StateStore
import Testing

extension StateStoreSuite {
    static let snapshots: [StateStoreCheck] = [
        StateStoreCheck("tables list in the order of their keys, from any start") { make in
            let store = try await make(StoreLimits())
            var random = SeededGenerator(seed: 7)
            let names = (0..<60).map { "service\($0)" }.shuffled(using: &random)
            let other = ClusterID(scope: Sample.scope, name: "other")
            _ = try await store.commit { transaction in
                for name in names { transaction.put(Sample.service(ServiceID(cluster: Sample.cluster, name: name))) }
                transaction.put(Sample.service(ServiceID(cluster: other, name: "elsewhere")))
            }
            let snapshot = store.committed()
            #expect(snapshot.services(in: Sample.cluster).map(\.id.name) == names.sorted())
            let start = ServiceID(cluster: Sample.cluster, name: "service30")
            #expect(
                snapshot.services(in: Sample.cluster, from: start).map(\.id.name)
                    == names.sorted().filter { $0 >= "service30" })
        },
        StateStoreCheck("revisions of a family list by number") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { transaction in
                for revision in [10, 2, 1, 9] {
                    transaction.put(
                        TaskDefinitionRecord(
                            id: TaskDefinitionID(family: Sample.family, revision: revision),
                            definition: TaskDefinition(containers: []), registeredAt: Timestamp(milliseconds: 1),
                            registeredBy: "root"))
                }
            }
            #expect(store.committed().revisions(of: Sample.family).map(\.id.revision) == [1, 2, 9, 10])
        },
        StateStoreCheck("service deployments and revisions list by service; those that are open by themselves") {
            make in
            let store = try await make(StoreLimits())
            let api = ServiceID(cluster: Sample.cluster, name: "api")
            _ = try await store.commit { transaction in
                for service in [Sample.web, api] {
                    transaction.put(Sample.revision("1", of: service))
                    transaction.put(Sample.serviceDeployment("a", of: service, .successful))
                    transaction.put(Sample.serviceDeployment("b", of: service))
                }
            }
            let state = store.committed()
            #expect(state.revisions(of: api).map(\.id.number) == ["1"])
            #expect(state.serviceDeployments(of: api).map(\.id.id) == ["a", "b"])
            #expect(state.openServiceDeployments(of: api).map(\.id.id) == ["b"])
            _ = try await store.commit { $0.put(Sample.serviceDeployment("b", of: api, .stopped)) }
            #expect(store.committed().openServiceDeployments(of: api).isEmpty)
            #expect(store.committed().openServiceDeployments(of: Sample.web).count == 1)
        },
        StateStoreCheck("indexes equal a scan after random changes") { make in
            for seed in UInt64(1)...5 {
                let store = try await make(StoreLimits())
                var random = SeededGenerator(seed: seed)
                var earlier: [StateSnapshot] = []
                for _ in 0..<40 {
                    let changes = (0..<10).map { _ in randomChange(&random) }
                    _ = try await store.commit { transaction in
                        for change in changes {
                            switch change {
                            case .put(let record): transaction.put(record)
                            case .delete(let key): transaction.delete(key)
                            }
                        }
                    }
                    expectTrueIndexes(store.committed(), seed: seed)
                    earlier.append(store.committed())
                    for old in earlier { expectChangedInstances(of: store.committed(), since: old, seed: seed) }
                }
            }
        },
    ]

    private enum RandomChange: Sendable { case put(Record), delete(RecordKey) }

    private static let services = ["web", "api"].map { ServiceID(cluster: Sample.cluster, name: $0) }
    private static let hosts = ["h1", "h2", "h3"].map { ContainerInstanceID(scope: Sample.scope, id: $0) }
    private static let families = ["app", "db"].map { FamilyID(scope: Sample.scope, name: $0) }

    private static func randomChange(_ random: inout SeededGenerator) -> RandomChange {
        if Int.random(in: 0..<6, using: &random) == 0 {
            let host = Sample.instance(
                "h\(Int.random(in: 1...3, using: &random))", in: Bool.random(using: &random) ? Sample.cluster : nil)
            return Bool.random(using: &random) ? .put(.instance(host)) : .delete(.instance(host.id))
        }
        var task = Sample.task(
            "t\(Int.random(in: 0..<12, using: &random))",
            on: Bool.random(using: &random) ? hosts.randomElement(using: &random) : nil)
        if Int.random(in: 0..<4, using: &random) == 0 { return .delete(.task(task.id)) }
        task.service = Bool.random(using: &random) ? services.randomElement(using: &random) : nil
        task.definition.family = families.randomElement(using: &random) ?? task.definition.family
        let time = Timestamp(milliseconds: Int64.random(in: 1...9, using: &random))
        task.createdAt = Timestamp(milliseconds: Int64.random(in: 1...3, using: &random))
        task.pinnedTo = Bool.random(using: &random) ? hosts.first : nil
        switch Int.random(in: 0..<4, using: &random) {
        case 0: task.verdict.stop = StopRequest(code: .userInitiated, reason: "", at: time)
        case 1: task.verdict.lostAt = time
        case 2:
            task.observed = ObservedTask()
            task.observed?.status = TaskStatus.allCases.randomElement(using: &random) ?? .running
        default: break
        }
        return .put(.task(task))
    }

    private static func expectChangedInstances(of snapshot: StateSnapshot, since old: StateSnapshot, seed: UInt64) {
        func version(_ host: ContainerInstanceID, in state: StateSnapshot) -> Revision {
            state.version(of: .instance(host))
        }
        let moved = hosts.filter { version($0, in: snapshot) != version($0, in: old) }
        let changed = snapshot.instances(changedAfter: old.revision)
        #expect(changed?.isSuperset(of: moved) == true, "seed \(seed)")
        #expect(
            changed?.contains {
                version($0, in: snapshot) == version($0, in: old) && version($0, in: snapshot) != .zero
            } == false, "seed \(seed)")
        if snapshot.revision > old.revision { #expect(old.instances(changedAfter: snapshot.revision) == nil) }
    }

    private static func expectTrueIndexes(_ snapshot: StateSnapshot, seed: UInt64) {
        let all = snapshot.tasks.values().map { $0.1 }
        #expect(all.map(\.id) == all.map(\.id).sorted(), "seed \(seed)")
        for service in services {
            #expect(snapshot.tasks(of: service) == all.filter { $0.service == service }, "seed \(seed)")
            #expect(
                snapshot.liveTasks(of: service) == all.filter { $0.service == service && $0.isLive }, "seed \(seed)")
        }
        for host in hosts {
            #expect(snapshot.tasks(on: host) == all.filter { $0.placement?.instance == host }, "seed \(seed)")
            let live = all.filter { $0.placement?.instance == host && $0.isLive }
            #expect(snapshot.liveTasks(on: host) == live, "seed \(seed)")
            #expect(snapshot.liveTaskCount(on: host) == live.count, "seed \(seed)")
        }
        for family in families {
            #expect(snapshot.tasks(of: family) == all.filter { $0.definition.family == family }, "seed \(seed)")
        }
        let waiting = all.filter { $0.placement == nil && $0.isLive }
            .sorted {
                ($0.pinnedTo == nil ? 1 : 0, $0.createdAt, $0.id) < ($1.pinnedTo == nil ? 1 : 0, $1.createdAt, $1.id)
            }
        #expect(snapshot.unplacedTasks.ascending().map(\.id) == waiting.map(\.id), "seed \(seed)")
        let stopped = all.filter { !$0.isLive && ($0.stoppedAt ?? $0.createdAt) < Timestamp(milliseconds: 5) }
        #expect(Set(snapshot.tasks(stoppedBefore: Timestamp(milliseconds: 5))) == Set(stopped), "seed \(seed)")
        let instances = snapshot.instances.values().map { $0.1 }
        for cluster in [Sample.cluster, nil] {
            #expect(snapshot.instances(in: cluster) == instances.filter { $0.cluster == cluster }, "seed \(seed)")
        }
    }
}
