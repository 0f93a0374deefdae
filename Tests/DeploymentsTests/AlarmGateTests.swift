import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("A rolling deployment with alarms")
struct AlarmGateTests {
    /// Revision 1 runs, revision 2 begins.
    private func world(rollback: Bool = true) -> ServiceWorld {
        var world = ServiceWorld(.test(desired: 2))
        world.deploy(revision: 1)
        world.run(seconds: 120)
        world.service.configuration.alarms = .init(names: ["errors"], rollback: rollback, enable: true)
        world.alarms = ["errors": .ok]
        world.alarmBakeTime = .seconds(300)
        world.deploy(revision: 2)
        return world
    }

    @Test("stays in progress for its bake time after everything is replaced")
    func bakes() {
        var world = world()
        world.run(seconds: 240)
        #expect(world.live.allSatisfy { $0.definition.revision == 2 })
        #expect(world.service.primary?.rolloutState == .inProgress)
        #expect(world.history.last?.status == .inProgress)
        world.run(seconds: 360)
        #expect(world.service.primary?.rolloutState == .completed)
        #expect(world.history.last?.status == .successful)
    }

    @Test("is taken back by an alarm in its bake time, or fails", arguments: [true, false])
    func fails(rollback: Bool) {
        var world = world(rollback: rollback)
        world.run(seconds: 240)
        world.alarms["errors"] = .alarm
        world.run(seconds: 240)
        #expect(world.history.last?.triggeredAlarms == ["errors"])
        #expect(world.history.last?.status == (rollback ? .rollbackSuccessful : .stopped))
        #expect(world.live.allSatisfy { $0.definition.revision == (rollback ? 1 : 2) })
    }

    @Test("does not wait once its alarms are gone, nor without any")
    func none() {
        var world = world()
        world.alarms = [:]
        world.alarmBakeTime = .zero
        world.run(seconds: 240)
        #expect(world.service.primary?.rolloutState == .completed)
    }
}
