import Controllers
import Deployments
import Domain
import Identifiers
import StateStore
import TestKit
import Testing

@Suite("The services step with two revisions beside each other")
struct StrategyStepsTests {
    /// `web` with two tasks of revision 1, and a deployment of revision 2 by steps of 50 percent, ten minutes apart.
    private func world() throws -> StepsWorld {
        var service = ServiceRecord.test(desired: 2)
        var world = StepsWorld(hosts: StepsTests.managed, service: service)
        for _ in 0..<3 {
            world.settle()
            world.pass(41)
        }
        world.settle()
        service = try #require(world.service)
        try #require(service.primary?.rolloutState == .completed)
        service.configuration.strategy = .linear
        service.configuration.linear = .init(step: TrafficWeight(tenths: 500), bakeTimeInMinutes: 10)
        service.configuration.bakeTimeInMinutes = 10
        var green = DeploymentRecord(
            id: world.ids.deploymentID(), taskDefinition: .test("web", 2), createdAt: world.now, launchType: .fargate)
        green.lifecycle = service.newLifecycle(now: world.now)
        green.revision = ServiceRevisionID(service: service.id, number: "2")
        service.deployments[0].status = .active
        service.deployments[0].revision = ServiceRevisionID(service: service.id, number: "1")
        service.deployments.insert(green, at: 0)
        let history = ServiceDeploymentRecord(
            id: ServiceDeploymentID(service: service.id, id: "deployment"), deployment: green,
            target: ServiceRevisionID(service: service.id, number: "2"), sources: [],
            configuration: service.configuration, breaker: .init(status: .disabled, threshold: 3))
        world.state = world.state.applying { transaction in
            transaction.put(TaskDefinitionRecord.test("web", 2))
            transaction.put(service)
            transaction.put(history)
        }
        return world
    }

    private func weights(_ world: StepsWorld) -> [Double] {
        ["1", "2"].compactMap { number in
            world.service.map { $0.productionWeight(of: ServiceRevisionID(service: $0.id, number: number)).percent }
        }
    }

    @Test("wakes for every step of the traffic, and a new one goes on where the last one stood")
    func steps() throws {
        var world = try world()
        world.settle()
        #expect(world.tasks.count(where: \.isLive) == 4)
        #expect(weights(world) == [100, 0])
        world.pass(1)
        world.settle()
        var seen: [[Double]] = []
        for _ in 0..<20 where world.service?.isSteady != true {
            // Killed and started again: nothing is known but what is stored.
            world.services = ServicesStep()
            world.settle()
            let wake = try #require(world.services.wakeAt)
            world.pass(Int(max(1, wake.seconds - world.now.seconds)))
            world.settle()
            if seen.last != weights(world) { seen.append(weights(world)) }
        }
        #expect(seen.filter { $0 != [100, 0] } == [[50, 50], [0, 100]])
        world.pass(1)
        world.settle()
        #expect(world.service?.deployments.count == 1)
        #expect(world.tasks.filter(\.isLive).map(\.definition.revision) == [2, 2])
        let record = try #require(world.state.serviceDeployments.values().map(\.1).first)
        #expect(record.status == .successful && record.stage == .cleanUp)
        // Twice ten minutes went by: between the steps, and before the old revision was given up.
        let started = try #require(record.startedAt?.seconds)
        let finished = try #require(record.finishedAt?.seconds)
        #expect((1_200..<1_500).contains(finished - started))
    }
}
