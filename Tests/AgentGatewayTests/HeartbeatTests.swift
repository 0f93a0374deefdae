import AgentWire
import Domain
import Identifiers
import LoadBalancing
import StateStore
import TestKit
import Testing

@testable import AgentGateway

@Suite("Heartbeats and routes")
struct HeartbeatTests {
    private let own = ContainerInstanceRecord.host(here, block: "10.99.1.0/24", via: "10.0.0.1")
    private let peer = ContainerInstanceRecord.host(elsewhere, block: "10.99.2.0/24", via: "10.0.0.2")

    @Test("heartbeats come every 20 seconds as long as they are answered")
    func regular() {
        var bench = SessionBench([])
        bench.step(.opened)
        var times: [Double] = []
        for second in 1...100 {
            bench.step(.tick, at: Double(second))
            if !bench.heartbeats.isEmpty { times.append(Double(second)) }
            bench.acknowledgeAll()
        }
        #expect(times == [20, 40, 60, 80, 100])
    }

    @Test(
        "a host that does not answer is silent since it was last heard, and is closed",
        arguments: [
            (GatewayConfiguration(), 60.0), (GatewayConfiguration(lostAfter: .seconds(3)), 3.0),
            (GatewayConfiguration(lostAfter: .seconds(600)), 60.0),
        ])
    func silence(row: (configuration: GatewayConfiguration, limit: Double)) {
        var bench = SessionBench([], configuration: row.configuration)
        bench.step(.opened, at: 10)
        bench.step(.tick, at: 10 + row.limit - 0.1)
        #expect(!bench.outputs.contains { if case .close = $0 { true } else { false } })
        bench.step(.tick, at: 10 + row.limit)
        #expect(
            bench.outputs == [
                .disconnected(since: moment(10).instant), .close(code: 1001, reason: "heartbeats are not answered"),
            ])
        #expect(bench.session.deadline == nil)
    }

    @Test("several heartbeats fit into the shortest time in which a host counts as lost")
    func shortest() {
        let configuration = GatewayConfiguration(lostAfter: .seconds(3))
        #expect(configuration.heartbeatInterval * 3 <= configuration.silenceLimit)
    }

    @Test("the first heartbeat carries the routes to all other hosts, later ones only what is not acknowledged")
    func routes() {
        var bench = SessionBench([], hosts: [own, peer])
        bench.step(.opened)
        #expect(bench.heartbeats.first?.berth?.network?.peers == [PeerRoute(block: "10.99.2.0/24", via: "10.0.0.2")])
        bench.step(.tick, at: 20)
        #expect(bench.heartbeats.first?.berth?.network != nil)
        bench.acknowledgeAll()
        bench.step(.tick, at: 40)
        #expect(bench.heartbeats.count == 1)
        #expect(bench.heartbeats.first?.berth == nil)
    }

    @Test("routes that change are pushed at once, but not more than once a second")
    func pushes() {
        var bench = SessionBench([], hosts: [own])
        bench.step(.opened)
        bench.view.state.apply(key: .instance(elsewhere), after: .instance(peer))
        bench.refreshRoutes()
        bench.step(.changed, at: 0.5)
        #expect(bench.heartbeats.isEmpty)
        #expect(bench.session.deadline == moment(1).instant)
        bench.step(.tick, at: 1)
        #expect(bench.heartbeats.first?.berth?.network?.peers.map(\.via) == ["10.0.0.2"])

        var gone = peer
        gone.status = .inactive
        bench.view.state.apply(key: .instance(elsewhere), after: .instance(gone))
        bench.refreshRoutes()
        bench.step(.changed, at: 3)
        #expect(bench.heartbeats.first?.berth?.network?.peers == [])
    }

    @Test("an agent without a block gets no routes: it is not ours")
    func stockAgent() {
        var bench = SessionBench([], hosts: [.host(here), peer])
        bench.step(.opened)
        #expect(bench.heartbeats.first?.berth == nil)
    }

    @Test("the names of load balancers are told with their addresses, anew when one comes or a rule names another host")
    func names() {
        let id = LoadBalancerID(scope: .test, kind: .application, name: "web", suffix: "0b")
        let listener = ListenerID(loadBalancer: id, suffix: "0c")
        var routes = PeerRoutes(state([], hosts: [own]), pool: AddressPool("10.98.0.0/24"))
        #expect(routes.network(without: own.id).balancers == BalancerNetwork(range: "10.98.0.0/24", names: []))
        var now = state([], hosts: [own]).applying { transaction in
            transaction.put(
                .loadBalancer(
                    LoadBalancerRecord(
                        id: id, scheme: .internal, createdAt: .test(), subnets: [], securityGroups: [], addressIndex: 4)
                ))
            transaction.put(
                .listener(
                    ListenerRecord(
                        id: listener, port: 80, protocol: .http, defaultActions: [], defaultRule: "0d",
                        createdAt: .test())))
        }
        let isNews = routes.update(now)
        let name = "internal-web-0b.us-east-1.elb.localhost"
        #expect(
            isNews
                && routes.network(without: own.id).balancers?.names == [
                    BalancerName(address: "10.98.0.5", names: [name])
                ])
        now = now.applying { transaction in
            transaction.put(
                .listenerRule(
                    ListenerRuleRecord(
                        id: ListenerRuleID(listener: listener, suffix: "0e"), priority: 1,
                        conditions: [.hostHeader(["Shop.localhost", "*.localhost", "a.test"])], actions: [],
                        createdAt: .test())))
        }
        let isNewer = routes.update(now)
        #expect(isNewer && routes.network(without: own.id).balancers?.names.first?.names == [name, "shop.localhost"])
        #expect(PeerRoutes(now).network(without: own.id).balancers == nil)
    }

    @Test("routes that are the same after a change of the host are no news")
    func sameRoutes() {
        var routes = PeerRoutes(state([], hosts: [own, peer]))
        var draining = peer
        draining.status = .draining
        let isNews = routes.update(state([], hosts: [own, draining]))
        #expect(!isNews)
        #expect(routes.generation == 0)
    }
}
