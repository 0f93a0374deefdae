import Domain
import Identifiers
import JSONBytes
import LoadBalancing
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("The ways into Express services")
struct ExpressIngressTests {
    private static func service(_ name: String, in front: FrontHarness) throws -> ServiceRecord {
        let services = front.store.committed().services.values().map { $0.1 }
        return try #require(services.first { $0.id.name == name })
    }

    private static func update(_ front: FrontHarness, _ more: [String: JSONValue]) async throws -> JSONValue? {
        let members = more.merging(["serviceArn": .string(ExpressServiceTests.arn)]) { $1 }
        let reply = try await front.call("UpdateExpressGatewayService", .object(members))
        try #require(reply.status == 200, "\(reply.json)")
        return reply.json["service"]?["targetConfiguration"]
    }

    @Test("a service gets a target group and a rule for its own name on a load balancer, and says where it is reached")
    func made() async throws {
        let front = try await ExpressServiceTests.world()
        let reply = try await ExpressServiceTests.create(
            front, ["healthCheckPath": "/up?deep=1", "primaryContainer": ["image": "shop:1", "containerPort": 8080]])
        let service = try Self.service("shop", in: front)
        let ingress = try #require(service.express?.ingress)
        let paths = reply.json["service"]?["activeConfigurations"]?[0]?["ingressPaths"]
        #expect(paths == [["accessType": "PUBLIC", "endpoint": .string("http://\(ingress.host)/")]])
        #expect(ingress.host.hasPrefix("shop-") && ingress.host.hasSuffix(".ecs.us-east-1.localhost"))
        let state = front.store.committed()
        let group = try #require(state.targetGroups[ingress.targetGroup])
        #expect(group.type == .ip && group.protocol == .http && group.port == 8080)
        #expect(group.healthCheck.path == "/up?deep=1")
        let rule = try #require(state.listenerRules[ingress.rule])
        #expect(rule.conditions == [.hostHeader([ingress.host])])
        #expect(rule.targetGroups == [group.id])
        let listener = try #require(state.listeners[rule.id.listener])
        #expect(listener.port == 80 && listener.protocol == .http && listener.targetGroups.isEmpty)
        let port = ServiceLoadBalancer(targetGroup: group.id, containerName: "Main", containerPort: 8080)
        #expect(service.loadBalancers == [port])
        #expect(service.primary?.loadBalancers == [port])
    }

    @Test("an update changes the health check and the port in place; the endpoint stays")
    func updated() async throws {
        let front = try await ExpressServiceTests.world()
        _ = try await ExpressServiceTests.create(front)
        let before = try #require(try Self.service("shop", in: front).express?.ingress)
        let target = try await Self.update(
            front, ["healthCheckPath": "/up", "primaryContainer": ["image": "shop:2", "containerPort": 81]])
        let service = try Self.service("shop", in: front)
        #expect(service.express?.ingress == before)
        #expect(target?["ingressPaths"]?[0]?["endpoint"] == .string(before.endpoint))
        #expect(front.store.committed().targetGroups[before.targetGroup]?.healthCheck.path == "/up")
        #expect(service.loadBalancers.map(\.containerPort) == [81])
        #expect(service.primary?.loadBalancers.map(\.containerPort) == [81])
    }

    @Test(
        "an update makes anew what a caller took away, and what a service of old never had", arguments: [true, false])
    func madeAnew(isOld: Bool) async throws {
        let front = try await ExpressServiceTests.world()
        _ = try await ExpressServiceTests.create(front)
        let before = try #require(try Self.service("shop", in: front).express?.ingress)
        var service = try Self.service("shop", in: front)
        if isOld {
            service.express?.ingress = nil
            service.loadBalancers = []
        }
        let stored = service
        try await front.store.write { transaction in
            transaction.deleteLoadBalancer(before.rule.listener.loadBalancer)
            if isOld { transaction.deleteTargetGroup(before.targetGroup) }
            transaction.put(stored)
        }
        #expect(try await ExpressServiceTests.describe(front)?["activeConfigurations"]?[0]?["ingressPaths"] == nil)
        let target = try await Self.update(front, [:])
        let after = try #require(try Self.service("shop", in: front).express?.ingress)
        #expect(after != before)
        #expect(target?["ingressPaths"]?[0]?["endpoint"] == .string(after.endpoint))
        #expect(try Self.service("shop", in: front).loadBalancers.map(\.targetGroup) == [after.targetGroup])
        #expect(front.store.committed().targetGroups.values().map { $0.0 } == [after.targetGroup])
    }

    @Test("25 services share a load balancer, the next gets another; each goes with its last service")
    func shared() async throws {
        let front = try await ExpressServiceTests.world()
        for number in 1...26 {
            let reply = try await ExpressServiceTests.create(front, ["serviceName": .string("s\(number)")])
            try #require(reply.status == 200, "\(reply.json)")
        }
        let ingresses = try (1...26).map { try #require(try Self.service("s\($0)", in: front).express?.ingress) }
        let balancers = ingresses.map(\.rule.listener.loadBalancer)
        #expect(Set(balancers[0..<25]).count == 1)
        #expect(balancers[25] != balancers[0])
        #expect(Set(ingresses.map(\.host)).count == 26)
        let priorities = front.store.committed().rules(of: ingresses[0].rule.listener).map(\.priority)
        #expect(priorities == Array(1...25))
        try await front.store.write { transaction in for each in ingresses.dropFirst() { transaction.remove(each) } }
        #expect(front.store.committed().loadBalancers.values().map { $0.0 } == [balancers[0]])
        #expect(front.store.committed().targetGroups.count == 1)
        try await front.store.write { transaction in
            for _ in 1...2 { transaction.remove(ingresses[0]) }
        }
        let state = front.store.committed()
        #expect(state.loadBalancers.count == 0 && state.listeners.count == 0)
        #expect(state.listenerRules.count == 0 && state.targetGroups.count == 0)
    }

    @Test("a load balancer of that name that a caller made is not touched")
    func foreign() async throws {
        let front = try await ExpressServiceTests.world()
        let scope = try #require(front.store.committed().clusters.values().first { _ in true }?.0.scope)
        let name = "ecs-express-gateway-alb-1"
        try await front.store.write { transaction in
            transaction.put(
                LoadBalancerRecord(
                    id: LoadBalancerID(scope: scope, kind: .application, name: name, suffix: "0a"),
                    scheme: .internetFacing, createdAt: .test(), subnets: [], securityGroups: [], addressIndex: 0))
        }
        _ = try await ExpressServiceTests.create(front)
        let ingress = try #require(try Self.service("shop", in: front).express?.ingress)
        #expect(ingress.rule.listener.loadBalancer.name == "ecs-express-gateway-alb-2")
        try await front.store.write { transaction in transaction.remove(ingress) }
        #expect(front.store.committed().loadBalancers.values().map { $0.0.name } == [name])
    }

    @Test("a service's name gives the host name what may stand in one")
    func hosts() async throws {
        let front = try await ExpressServiceTests.world()
        for name in ["_My_Shop", "-", String(repeating: "a", count: 255)] {
            let reply = try await ExpressServiceTests.create(front, ["serviceName": .string(name)])
            try #require(reply.status == 200, "\(reply.json)")
            let host = try #require(try Self.service(name, in: front).express?.ingress?.host)
            let label = try #require(host.split(separator: ".").first)
            #expect(label.utf8.count <= 63 && label.first != "-", "\(host)")
            #expect(label.allSatisfy { $0 == "-" || $0.isNumber || $0.isLowercase }, "\(host)")
        }
    }

    @Test("without room for another load balancer nothing is made, and the caller is told")
    func full() async throws {
        let front = try await ExpressServiceTests.world()
        let scope = try #require(front.store.committed().clusters.values().first { _ in true }?.0.scope)
        try await front.store.write { transaction in
            for index in 0..<BalancingLimits.loadBalancers {
                transaction.put(
                    LoadBalancerRecord(
                        id: LoadBalancerID(scope: scope, kind: .application, name: "own-\(index)", suffix: "0a"),
                        scheme: .internetFacing, createdAt: .test(), subnets: [], securityGroups: [],
                        addressIndex: index))
            }
        }
        let reply = try await ExpressServiceTests.create(front)
        #expect(reply.code == "ClientException")
        let state = front.store.committed()
        #expect(state.services.count == 0 && state.targetGroups.count == 0 && state.taskDefinitions.count == 0)
    }
}
