import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Which group has a revision's traffic")
struct ServiceTrafficTests {
    private static let first = TargetGroupID(scope: .test, name: "first", suffix: "0a")
    private static let second = TargetGroupID(scope: .test, name: "second", suffix: "0b")
    private static let listener = ListenerID(
        loadBalancer: LoadBalancerID(scope: .test, kind: .application, name: "front", suffix: "0c"), suffix: "0d")
    private static let production = ListenerRuleReference.rule(ListenerRuleID(listener: listener, suffix: "0e"))
    private static let test = ListenerRuleReference.rule(ListenerRuleID(listener: listener, suffix: "0f"))

    private static var port: ServiceLoadBalancer {
        var port = ServiceLoadBalancer(targetGroup: first, containerName: "app", containerPort: 80)
        port.shift = ServiceLoadBalancer.Shift(alternate: second, production: production, test: test)
        return port
    }

    private func deployment(_ number: Int, _ port: ServiceLoadBalancer, _ status: DeploymentStatus) -> DeploymentRecord
    {
        var deployment = DeploymentRecord.test(number, status: status)
        deployment.loadBalancers = [port]
        return deployment
    }

    private func service(_ deployments: [DeploymentRecord]) -> ServiceRecord {
        var service = ServiceRecord.test(desired: 1, deployments: deployments)
        service.loadBalancers = [Self.port]
        return service
    }

    private func lifecycle(
        blue: Int?, production: Int = 0, test: Int = 0
    ) -> DeploymentLifecycle {
        var lifecycle = DeploymentLifecycle(
            stage: .scaleUp, since: .test(), blue: blue.map { DeploymentID(rawValue: "ecs-svc/\($0)") })
        lifecycle.production = TrafficWeight(tenths: production)
        lifecycle.test = TrafficWeight(tenths: test)
        return lifecycle
    }

    @Test("a first revision has the group that the service names first")
    func firstRevision() {
        #expect(service([]).ports(ofNewWith: lifecycle(blue: nil)) == [Self.port])
    }

    @Test("a revision that runs beside another has the other group, and the next one the first again")
    func turns() {
        let blue = deployment(1, Self.port, .primary)
        #expect(service([blue]).ports(ofNewWith: lifecycle(blue: 1)) == [Self.port.swapped])
        let green = deployment(2, Self.port.swapped, .primary)
        #expect(service([green]).ports(ofNewWith: lifecycle(blue: 2)) == [Self.port])
    }

    @Test("a service that begins to shift leaves the group that serves")
    func begins() {
        var plain = Self.port
        plain.shift = nil
        #expect(service([deployment(1, plain, .primary)]).ports(ofNewWith: lifecycle(blue: 1)) == [Self.port.swapped])
    }

    @Test("a revision whose tasks replace others a few at a time stays in their group")
    func rolling() {
        let serving = deployment(2, Self.port.swapped, .primary)
        #expect(service([serving]).ports(ofNewWith: nil) == [Self.port.swapped])
    }

    @Test(
        "rules weigh the two groups as the deployment shares traffic",
        arguments: [
            (0, 0, [100, 0], [100, 0]), (0, 1000, [100, 0], [0, 100]), (200, 0, [80, 20], nil),
            (35, 0, [965, 35], nil), (1000, 0, [0, 100], [0, 100]),
        ] as [(Int, Int, [Int], [Int]?)])
    func weights(production: Int, test: Int, wanted: [Int], tested: [Int]?) {
        var green = deployment(2, Self.port.swapped, .primary)
        green.lifecycle = lifecycle(blue: 1, production: production, test: test)
        let weights = service([green, deployment(1, Self.port, .active)]).ruleWeights
        func named(_ weights: [Int]?) -> [TargetGroupID: Int]? {
            weights.map { [Self.first: $0[0], Self.second: $0[1]] }
        }
        #expect(weights[Self.production] == named(wanted))
        #expect(weights[Self.test] == named(tested))
    }

    @Test("without a shift no rule is touched")
    func untouched() {
        var plain = Self.port
        plain.shift = nil
        #expect(service([deployment(1, plain, .primary)]).ruleWeights.isEmpty)
    }
}
