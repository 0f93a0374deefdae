import Controllers
import Domain
import Identifiers
import Placement
import StateStore
import TaskLifecycle
import TestKit
import Testing

@Suite("The steps of services and placement")
struct StepsTests {
    static let managed = [
        ContainerInstanceRecord.test("h1", launchType: .fargate), .test("h2", launchType: .fargate),
    ]

    @Test("bring a service to its desired count and a steady state")
    func converges() throws {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 4))
        world.settle()
        #expect(world.tasks.count == 4)
        #expect(Set(world.tasks.compactMap(\.placement?.instance.id)) == ["h1", "h2"])
        world.pass(1)
        world.settle()
        let wake = try #require(world.services.wakeAt)
        world.pass(Int(wake.seconds - world.now.seconds))
        world.settle()
        let service = try #require(world.service)
        #expect(service.isSteady)
        #expect(service.primary?.rolloutState == .completed)
        #expect(service.events.first?.message == "(service web) has reached a steady state.")
    }

    @Test("keep the way into an Express service until its last task is gone")
    func expressEnds() throws {
        let listener = ListenerID(
            loadBalancer: LoadBalancerID(scope: .test, kind: .application, name: "shared", suffix: "0b"), suffix: "0c")
        let group = TargetGroupID(scope: .test, name: "web", suffix: "0a")
        let rule = ListenerRuleID(listener: listener, suffix: "0e")
        var service = ServiceRecord.test(desired: 1)
        service.express = ExpressSettings(infrastructureRoleARN: "", updatedAt: .test())
        service.express?.ingress = ExpressIngress(rule: rule, targetGroup: group, host: "web.ecs.us-east-1.localhost")
        var world = StepsWorld(hosts: Self.managed, service: service)
        let action = RuleAction(.forward(ForwardAction(groups: [.init(group: group, weight: 1)])))
        world.state = world.state.applying { transaction in
            var balancer = LoadBalancerRecord(
                id: listener.loadBalancer, scheme: .internetFacing, createdAt: .test(), subnets: [],
                securityGroups: [], addressIndex: 0)
            balancer.tags = [ExpressIngress.tag]
            transaction.put(balancer)
            transaction.put(.targetGroup(.test(group)))
            transaction.put(
                ListenerRecord(
                    id: listener, port: 80, protocol: .http,
                    defaultActions: [RuleAction(.fixedResponse(FixedResponseAction(status: 404)))],
                    defaultRule: "0d", createdAt: .test()))
            transaction.put(
                ListenerRuleRecord(id: rule, priority: 1, conditions: [], actions: [action], createdAt: .test()))
        }
        world.settle()
        world.pass(1)
        world.settle()
        let running = try #require(world.service)
        var task = try #require(world.tasks.first)
        task.traffic = .registered
        let held = task
        world.state = world.state.applying { transaction in
            transaction.put(held)
            transaction.put(running.desiring(.deletion))
        }
        world.settle()
        #expect(world.service?.status == .draining)
        #expect(world.state.listenerRules[rule] != nil && world.state.targetGroups[group] != nil)
        world.pass(1)
        world.settle()
        #expect(world.service?.status == .inactive)
        #expect(world.state.listenerRules[rule] == nil && world.state.targetGroups[group] == nil)
        #expect(world.state.listeners[listener] == nil && world.state.loadBalancers[listener.loadBalancer] == nil)
    }

    @Test("check an Express service by the path of its old revision again once that is deployed anew")
    func expressRollsBack() throws {
        let listener = ListenerID(
            loadBalancer: LoadBalancerID(scope: .test, kind: .application, name: "shared", suffix: "0b"), suffix: "0c")
        let group = TargetGroupID(scope: .test, name: "web", suffix: "0a")
        var settings = ExpressSettings(infrastructureRoleARN: "", updatedAt: .test())
        settings.ingress = ExpressIngress(
            rule: ListenerRuleID(listener: listener, suffix: "0e"), targetGroup: group,
            host: "web.ecs.us-east-1.localhost")
        var service = ServiceRecord.test(
            desired: 1, deployments: [.test(2), .test(1, status: .active, rollout: .completed)])
        var revisions: [ServiceRevisionRecord] = []
        for (index, path) in ["/new", "/old"].enumerated() {
            let id = ServiceRevisionID(service: service.id, number: "\(index)")
            service.deployments[index].revision = id
            var revision = ServiceRevisionRecord(id: id, of: service.deployments[index], images: [])
            settings.healthCheckPath = path
            revision.express = settings
            revisions.append(revision)
        }
        service.express = revisions[0].express
        var history = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: service.id, id: "d"), deployment: service.deployments[0],
            target: revisions[0].id, sources: [revisions[1].id], configuration: service.configuration,
            breaker: .init(status: .disabled, threshold: 3))
        history.status = .inProgress
        var world = StepsWorld(hosts: Self.managed, service: service)
        var balanced = TargetGroupRecord.test(group)
        balanced.healthCheck.path = "/new"
        let (stored, begun) = (balanced, history)
        world.state = world.state.applying { transaction in
            for revision in revisions { transaction.put(revision) }
            transaction.put(stored)
            transaction.put(begun)
        }
        world.settle()
        #expect(world.state.targetGroups[group]?.healthCheck.path == "/new")
        history.status = .rollbackRequested
        let asked = history
        world.state = world.state.applying { transaction in transaction.put(asked) }
        world.settle()
        #expect(world.service?.primary?.revision == revisions[1].id)
        #expect(world.service?.express?.healthCheckPath == "/old")
        #expect(world.state.targetGroups[group]?.healthCheck.path == "/old")
    }

    @Test("give every host its daemon, hosts that come later too, and let it go from a draining one last")
    func daemon() throws {
        var service = ServiceRecord.test(
            desired: 0, minimum: 0, maximum: 100, deployments: [.test(1, launchType: .ec2)])
        service.schedulingStrategy = .daemon
        let first = ContainerInstanceRecord.test("h1")
        var world = StepsWorld(hosts: [first], service: service)
        world.settle()
        #expect(world.tasks.map(\.placement?.instance.id) == ["h1"])
        let second = ContainerInstanceRecord.test("h2")
        world.state = world.state.applying { $0.put(second) }
        world.connected.insert(second.id)
        let planned = world.services.step([.instance(second.id)], world.state, now: world.now, ids: world.ids)
        #expect(planned.first?.tasks.map(\.pinnedTo) == [second.id])
        world.settle()
        world.pass(1)
        #expect(world.service?.desiredCount == 2)
        var draining = first
        draining.status = .draining
        let other = TaskRecord.test("other").observed(.running)
        world.state = world.state.applying { transaction in
            transaction.put(draining)
            transaction.put(other)
        }
        world.settle()
        #expect(world.tasks.allSatisfy { $0.desiredStatus == .running })
        world.state = world.state.applying { $0.put(other.observed(.stopped)) }
        world.settle()
        #expect(world.tasks.filter { $0.desiredStatus == .stopped }.map(\.pinnedTo) == [first.id])
    }

    @Test("divide a service's tasks by base and weight, and give up what is above the share")
    func strategy() {
        var service = ServiceRecord.test(desired: 7)
        service.capacityProviderStrategy = [
            CapacityProviderItem(provider: "FARGATE", weight: 1, base: 2),
            CapacityProviderItem(provider: "FARGATE_SPOT", weight: 4),
        ]
        service.deployments[0].capacityProviderStrategy = service.capacityProviderStrategy
        var world = StepsWorld(hosts: Self.managed, service: service)
        func counts() -> [String?: Int] {
            Dictionary(world.tasks.filter(\.isLive).map { ($0.capacityProvider, 1) }, uniquingKeysWith: +)
        }
        world.settle()
        #expect(counts() == ["FARGATE": 3, "FARGATE_SPOT": 4])
        for (desired, expected) in [(12, (4, 8)), (3, (2, 1)), (1, (1, 0)), (7, (3, 4))] {
            world.pass(60)
            world.state = world.state.applying { transaction in
                guard let service = transaction.state.services.values().map(\.1).first else { return }
                transaction.put(service.desiring(.update(count: desired)))
            }
            world.settle()
            world.pass(60)
            world.settle()
            #expect(counts()["FARGATE"] ?? 0 == expected.0, "desired \(desired)")
            #expect(counts()["FARGATE_SPOT"] ?? 0 == expected.1, "desired \(desired)")
        }
    }

    @Test("replace a task that ended by a new one")
    func replaces() throws {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 2))
        world.settle()
        world.pass(1)
        let victim = try #require(world.tasks.first)
        world.state = world.state.applying { transaction in
            var report = TaskReport(task: victim.id, status: .stopped)
            report.containers = [ContainerReport(name: "app", status: .stopped, exitCode: 137)]
            transaction.put(victim.applying(report, now: world.now))
        }
        world.settle()
        #expect(world.tasks.count == 3)
        #expect(world.tasks.filter(\.isLive).count == 2)
        #expect(world.state.tasks[victim.id]?.stopCode == .essentialContainerExited)
    }

    @Test("carry out large plans in chunks of at most 100 records")
    func chunks() {
        let big = [ContainerInstanceRecord.test("h1", launchType: .fargate, cpu: 200_000, memory: 400_000)]
        var world = StepsWorld(hosts: big, service: .test(desired: 250))
        world.settle()
        #expect(world.tasks.filter { $0.placement != nil }.count == 250)
    }

    @Test("say once why a task finds no host, after a moment of patience")
    func refusals() throws {
        let deployment = DeploymentRecord.test(1, launchType: .ec2)
        let tiny = ContainerInstanceRecord.test("h1", cpu: 300)
        var world = StepsWorld(hosts: [tiny], service: .test(desired: 2, deployments: [deployment]))
        world.settle()
        #expect(world.tasks.allSatisfy { $0.refusals.isEmpty })
        world.pass(4)
        world.settle()
        let waiting = try #require(world.tasks.first { $0.placement == nil })
        #expect(waiting.refusals == [PlacementRefusalCount(reason: "RESOURCE:CPU", hosts: 1)])
        let text =
            "(service web) was unable to place a task because no container instance met all of its requirements. The "
            + "closest matching (container-instance h1) has insufficient CPU units available. For more information, see "
            + "the Troubleshooting section of the Amazon ECS Developer Guide."
        func told() -> Int { world.service?.events.count { $0.message == text } ?? 0 }
        #expect(told() == 1)
        world.pass(3_600)
        world.settle()
        #expect(told() == 1)
        world.pass(6 * 3_600)
        world.settle()
        #expect(told() == 2)
    }

    @Test("a task that finds no host does not keep others waiting")
    func noBlocking() {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 1))
        world.state = world.state.applying { transaction in
            for number in 0..<200 {
                transaction.put(TaskRecord.test("huge\(number)", launchType: .fargate, cpu: 100_000 + number))
            }
        }
        world.now = .test(10)
        world.settle()
        #expect(world.tasks.count { $0.placement != nil && $0.service != nil } == 1)
        #expect(world.tasks.count { !$0.refusals.isEmpty } == 200)
    }

    @Test("a placement expects the host and the task as they were")
    func expectations() throws {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 0))
        world.state = world.state.applying { $0.put(TaskRecord.test("a", launchType: .fargate)) }
        let commit = try #require(
            world.placement.step(world.state, connected: world.connected, now: world.now, using: &world.random))
        let placement = try #require(commit.placements.first)
        #expect(
            commit.expected
                == AggregateVersions(world.state, [.task(placement.task), .instance(placement.instance)]))
    }

    @Test("a host that is not connected gets nothing")
    func disconnected() {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 2))
        world.connected = [.test("h2")]
        world.settle()
        #expect(world.tasks.allSatisfy { $0.placement?.instance.id == "h2" })
    }

    @Test("one seed gives one trace", arguments: 1...5)
    func trace(seed: UInt64) {
        func run() -> UInt64 {
            var world = StepsWorld(seed: seed, hosts: Self.managed, service: .test(desired: 6))
            for _ in 0..<10 {
                world.settle()
                world.pass(10)
            }
            return world.trace
        }
        #expect(run() == run())
    }

    @Test("only plan the services that changed")
    func touched() {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 1))
        world.state = world.state.applying { $0.put(ServiceRecord.test("api", desired: 1)) }
        let api = ServiceID(cluster: .test, name: "api")
        let commits = world.services.step([.service(api)], world.state, now: world.now, ids: world.ids)
        #expect(commits.map(\.service.id) == [api])
    }

    @Test("plan the services of a host that drains")
    func draining() throws {
        var world = StepsWorld(hosts: Self.managed, service: .test(desired: 1))
        world.settle()
        let host = try #require(world.tasks.first?.placement?.instance)
        world.state = world.state.applying { transaction in
            guard var record = transaction.state.instances[host] else { return }
            record.status = .draining
            transaction.put(record)
        }
        let commits = world.services.step([.instance(host)], world.state, now: world.now, ids: world.ids)
        #expect(commits.map(\.stopped) == [1])
    }
}
