import Domain
import Identifiers
import StateStore
import Testing

private struct No: Error, Equatable {}

extension StateStoreSuite {
    static let commits: [StateStoreCheck] = [
        StateStoreCheck("a commit makes everything it put visible at once, under the revision it returned") { make in
            let store = try await make(StoreLimits())
            let committed = try await store.commit { transaction in
                transaction.put(Sample.cluster("default"))
                transaction.put(Sample.service(Sample.web))
                transaction.put(Sample.task("a", of: Sample.web))
                return "done"
            }
            let snapshot = store.committed()
            #expect(committed.result == "done")
            #expect(committed.revision == snapshot.revision)
            #expect(snapshot.allRecords.count == 3)
        },
        StateStoreCheck("a daemon is stored with its definition, revision, deployment and task, and goes again") {
            make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { transaction in
                for record in Sample.daemon { transaction.put(record) }
                // A family of the same name, for ordinary tasks, is another one.
                transaction.put(Sample.family("app", latest: 7))
                var task = Sample.task("a")
                task.daemonRevision = Sample.agentRevision
                transaction.put(task)
            }
            let snapshot = store.committed()
            for record in Sample.daemon { #expect(snapshot.record(record.key) == record) }
            #expect(snapshot.families[Sample.family]?.latestRevision == 7)
            #expect(snapshot.tasks(of: Sample.agent).map(\.id.id) == ["a"])
            #expect(snapshot.version(of: .daemon(Sample.agent)) == snapshot.revision)
            _ = try await store.commit { transaction in
                for record in Sample.daemon { transaction.delete(record.key) }
                transaction.delete(.task(Sample.task("a").id))
            }
            #expect(store.committed().version(of: .daemon(Sample.agent)) == .zero)
            #expect(store.committed().tasks(of: Sample.agent).isEmpty)
        },
        StateStoreCheck("an account setting is found by scope, name and principal, and goes") { make in
            let store = try await make(StoreLimits())
            let setting = Sample.accountSetting("containerInsights", "enhanced")
            _ = try await store.commit { $0.put(setting) }
            #expect(store.committed().accountSettings[setting.id] == setting)
            #expect(store.committed().allRecords == [.accountSetting(setting)])
            _ = try await store.commit { $0.delete(.accountSetting(setting.id)) }
            #expect(store.committed().allRecords.isEmpty)
        },
        StateStoreCheck("rules of events, what is on its way to their targets, and how far was read") { make in
            let store = try await make(StoreLimits())
            var cursor = EventCursorRecord(revision: 7)
            cursor.lagging = [.init(target: EventTargetID(rule: Sample.rule, id: "run"), revision: 3)]
            let told = UserEvent(
                source: "mine", detailType: "Said", detail: #"{"a":1}"#, resources: ["r"],
                time: Timestamp(milliseconds: 5))
            let records: [Record] = [
                .eventRule(Sample.rule()), .eventDelivery(Sample.delivery("b", due: 2)),
                .eventDelivery(Sample.delivery("a", due: 3)), .eventDelivery(Sample.delivery("c", to: "tell")),
                .putEvents(PutEventsRecord(scope: Sample.scope, number: 1, events: [told])), .eventCursor(cursor),
            ]
            _ = try await store.commit { transaction in for record in records { transaction.put(record) } }
            let state = store.committed()
            for record in records { #expect(state.record(record.key) == record) }
            #expect(state.allRecords.count == records.count)
            let target = EventTargetID(rule: Sample.rule, id: "run")
            #expect(state.eventDeliveries(to: target).map(\.id.event) == ["b", "a"])
            _ = try await store.commit { $0.put(Sample.delivery("b", due: 9)) }
            #expect(store.committed().eventDeliveries(to: target).map(\.id.event) == ["a", "b"])
            _ = try await store.commit { transaction in for record in records { transaction.delete(record.key) } }
            #expect(store.committed().allRecords.isEmpty)
            #expect(store.committed().eventDeliveryCount(to: target) == 0)
        },
        StateStoreCheck("load balancers with what belongs to them are kept, found, and go") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { transaction in for record in Sample.balancing { transaction.put(record) } }
            let state = store.committed()
            #expect(state.allRecords == Sample.balancing)
            #expect(state.loadBalancer(named: "web", in: Sample.scope)?.id == Sample.loadBalancer)
            #expect(state.loadBalancer(named: "we", in: Sample.scope) == nil)
            #expect(state.targetGroup(named: "api", in: Sample.scope)?.id == Sample.targetGroup("api").id)
            #expect(state.listeners(of: Sample.loadBalancer).map(\.id) == [Sample.listener])
            #expect(state.rules(of: Sample.listener).map(\.priority) == [7, 8, 9])
            #expect(state.targets(of: Sample.targetGroup("web").id).map(\.id.id) == ["10.0.0.1"])
            #expect(state.rules(using: Sample.targetGroup("web").id).map(\.suffix) == ["0a", "0d"])
            #expect(state.loadBalancers(using: Sample.targetGroup("api").id) == [Sample.loadBalancer])
            _ = try await store.commit { $0.put(Sample.listenerRule("0a", priority: 9, to: [])) }
            #expect(store.committed().rules(using: Sample.targetGroup("web").id).map(\.suffix) == ["0d"])
            #expect(store.committed().loadBalancers(using: Sample.targetGroup("api").id).isEmpty)
            _ = try await store.commit { transaction in
                for record in Sample.balancing { transaction.delete(record.key) }
            }
            #expect(store.committed().allRecords.isEmpty)
            #expect(store.committed().loadBalancers(using: Sample.targetGroup("web").id).isEmpty)
        },
        StateStoreCheck("alarms and what scales services are kept, and go") { make in
            let store = try await make(StoreLimits())
            let records = Sample.monitoring + Sample.scaling
            _ = try await store.commit { transaction in for record in records { transaction.put(record) } }
            #expect(Set(store.committed().allRecords) == Set(records))
            _ = try await store.commit { transaction in for record in records { transaction.delete(record.key) } }
            #expect(store.committed().allRecords.isEmpty)
        },
        StateStoreCheck("capacity providers are kept by name, are aggregates of their own, and go") { make in
            let store = try await make(StoreLimits())
            let blue = Sample.provider("blue")
            _ = try await store.commit { transaction in
                transaction.put(blue)
                transaction.put(Sample.provider("amber"))
            }
            let snapshot = store.committed()
            #expect(snapshot.capacityProviders.values().map(\.1.id.name) == ["amber", "blue"])
            let plan = AggregateVersions(snapshot, [.capacityProvider(blue.id)])
            _ = try await store.commit(expecting: plan) { $0.delete(.capacityProvider(blue.id)) }
            #expect(store.committed().capacityProviders[blue.id] == nil)
            await #expect(throws: CommitError<Never>.self) {
                try await store.commit(expecting: plan) { $0.put(blue) }
            }
        },
        StateStoreCheck("a refusal changes nothing and uses no revision") { make in
            let store = try await make(StoreLimits())
            let before = try await store.commit { $0.put(Sample.cluster("default")) }.revision
            await #expect {
                try await store.commit { (transaction) throws(No) in
                    transaction.put(Sample.cluster("other"))
                    transaction.delete(.cluster(Sample.cluster))
                    throw No()
                }
            } throws: { error in
                guard case CommitError<No>.refused = error else { return false }
                return true
            }
            #expect(store.committed().revision == before)
            #expect(store.committed().allRecords == [.cluster(Sample.cluster("default"))])
            let next = try await store.commit { $0.put(Sample.cluster("third")) }.revision
            #expect(next.value == before.value + 1)
        },
        StateStoreCheck("a body that changes nothing returns the revision it saw") { make in
            let store = try await make(StoreLimits())
            let first = try await store.commit { $0.put(Sample.cluster("default")) }.revision
            let again = try await store.commit { $0.put(Sample.cluster("default")) }.revision
            #expect(again == first)
            #expect(store.committed().revision == first)
        },
        StateStoreCheck("a body sees its own writes, indexes included") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { transaction in
                transaction.put(Sample.task("a", of: Sample.web))
                #expect(transaction.state.tasks(of: Sample.web).map(\.id.id) == ["a"])
                transaction.delete(.task(Sample.task("a").id))
                #expect(transaction.state.tasks(of: Sample.web).isEmpty)
                #expect(transaction.changes.isEmpty)
                transaction.put(Sample.task("b", of: Sample.web))
            }
            #expect(store.committed().tasks(of: Sample.web).map(\.id.id) == ["b"])
        },
        StateStoreCheck("a snapshot that was taken stays as it was") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { $0.put(Sample.task("a", of: Sample.web)) }
            let frozen = store.committed()
            _ = try await store.commit { transaction in
                transaction.delete(.task(Sample.task("a").id))
                transaction.put(Sample.cluster("default"))
            }
            #expect(frozen.tasks(of: Sample.web).count == 1)
            #expect(frozen.clusters.count == 0)
            #expect(store.committed().tasks(of: Sample.web).isEmpty)
        },
        StateStoreCheck("a task's version grows by one with every change, and only then") { make in
            let store = try await make(StoreLimits())
            var task = Sample.task("a")
            for expected in [1, 1, 2] {
                if expected == 2 { task.startedBy = "someone" }
                let written = task
                _ = try await store.commit { $0.put(written) }
                #expect(store.committed().tasks[task.id]?.version == expected)
            }
        },
    ]
}
