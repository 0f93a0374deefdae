import Balancer
import Identifiers
import LoadBalancing
import StateStore
import TestKit
import Testing

@testable import Controllers

// The records' words; where the port has the same, they are reached through the plan.
import struct Domain.ListenerRecord
import struct Domain.ListenerRuleRecord
import struct Domain.LoadBalancerRecord
import struct Domain.RuleAction
import struct Domain.TargetRecord

@Suite("What load balancers ask of the data plane")
struct DataPlanePlanTests {
    private static let balancer = LoadBalancerID(scope: .test, kind: .application, name: "front", suffix: "0b")
    private static let group = TargetGroupID(scope: .test, name: "web", suffix: "0a")
    private static let listener = ListenerID(loadBalancer: balancer, suffix: "0c")

    private func state(forwarding action: RuleAction, targets: [TargetRecord] = []) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            transaction.put(
                .loadBalancer(
                    LoadBalancerRecord(
                        id: Self.balancer, scheme: .internetFacing, createdAt: .test(), subnets: [], securityGroups: [],
                        addressIndex: 2)))
            transaction.put(.targetGroup(.test(Self.group)))
            transaction.put(
                .listener(
                    ListenerRecord(
                        id: Self.listener, port: 8080, protocol: .http, defaultActions: [action], defaultRule: "0d",
                        createdAt: .test())))
            for target in targets { transaction.put(.target(target)) }
        }
    }

    private func plan(_ state: StateSnapshot) throws -> DataPlanePlan {
        DataPlanePlan(state, pool: try #require(AddressPool("10.98.0.0/24")), shared: ["127.0.0.1"])
    }

    @Test("a load balancer has its own address, its name, and its listeners with what they forward to")
    func forwards() throws {
        var draining = TargetRecord(id: TargetID(group: Self.group, id: "10.99.0.8", port: 80), registeredAt: .test())
        draining.drainingSince = .test()
        let ready = TargetRecord(id: TargetID(group: Self.group, id: "10.99.0.7", port: 80), registeredAt: .test())
        let action = RuleAction(.forward(.init(groups: [.init(group: Self.group, weight: 7)])))
        let planned = try plan(state(forwarding: action, targets: [ready, draining]))
        let balancer = try #require(planned.plan.loadBalancers.first)
        #expect(balancer.addresses == ["10.98.0.3"])
        #expect(balancer.names == ["front-0b.us-east-1.elb.localhost"])
        #expect(balancer.listeners.map(\.port) == [8080])
        #expect(balancer.listeners[0].defaultAction == .forward(.init([.init(Self.group.arn, weight: 7)])))
        let group = try #require(planned.plan.targetGroups.first)
        #expect(group.check.codes == [200...200, 301...303])
        #expect(group.check.path == "/health")
        #expect(group.targets.map(\.address) == ["10.99.0.7", "10.99.0.8"])
        #expect(group.targets.map(\.state) == [.active, .draining])
    }

    @Test("it is reached by the whole .localhost names of its rules too, but by no other load balancer's")
    func names() throws {
        let action = RuleAction(.fixedResponse(.init(status: 404, contentType: nil, body: "no")))
        let hosts = [
            "Shop.ecs.us-east-1.localhost", "*.localhost", "a?.localhost", "other-0b.us-east-1.elb.localhost", "a.test",
        ]
        let state = state(forwarding: action).applying { transaction in
            transaction.put(
                .listenerRule(
                    ListenerRuleRecord(
                        id: ListenerRuleID(listener: Self.listener, suffix: "0e"), priority: 1,
                        conditions: [.hostHeader(hosts), .path(["x.localhost"])], actions: [action],
                        createdAt: .test())))
        }
        #expect(
            try plan(state).plan.loadBalancers.first?.names
                == ["front-0b.us-east-1.elb.localhost", "shop.ecs.us-east-1.localhost"])
    }

    @Test("groups that nothing forwards to are not in it")
    func unused() throws {
        let action = RuleAction(.fixedResponse(.init(status: 404, contentType: nil, body: "no")))
        let planned = try plan(state(forwarding: action))
        #expect(planned.plan.targetGroups.isEmpty)
        #expect(planned.plan.loadBalancers[0].listeners[0].defaultAction == .fixed(.init(status: 404, body: "no")))
    }

    @Test("what is seen comes back under the targets' own names, with ELB's reasons")
    func health() throws {
        let target = TargetRecord(id: TargetID(group: Self.group, id: "10.99.0.7", port: 80), registeredAt: .test())
        let action = RuleAction(.forward(.init(groups: [.init(group: Self.group, weight: 1)])))
        let planned = try plan(state(forwarding: action, targets: [target]))
        func told(_ state: SeenTarget.State, _ failure: SeenTarget.Failure? = nil) -> String? {
            let seen = SeenTarget(
                group: Self.group.arn, target: TargetPlan(address: "10.99.0.7", port: 80), state: state,
                failure: failure)
            return planned.health([seen])[target.id].map { "\($0.state) \($0.description ?? "-")" }
        }
        #expect(told(.healthy) == "healthy -")
        #expect(told(.initial) == "initial Initial health checks in progress")
        #expect(told(.unhealthy, .timeout) == "unhealthy Request timed out")
        #expect(told(.unhealthy, .code(502)) == "unhealthy Health checks failed with these codes: [502]")
        #expect(told(.unhealthy, .connection("refused")) == "unhealthy Health checks failed")
        #expect(told(.draining) == nil)
    }
}
