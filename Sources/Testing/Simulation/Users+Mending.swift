import Domain
import Identifiers
import JSONBytes
import StateStore

// What users do once faults are over.
extension Users {
    /// Once faults are over: asks for what can work, of whatever cannot.
    func mend(in world: World) {
        let state = world.disk.stored
        // One host may go on draining, where the others suffice.
        let draining = world.hosts.filter { state.instances[$0.id]?.status == .draining }
        let missing = world.hosts.contains { !$0.launchType.isManaged && ($0.isGone || $0.isCondemned) }
        for host in draining.dropFirst(missing ? 0 : 1) { setHost(host, "ACTIVE", in: world) }
        // A service of the DAEMON strategy wants a task on every host that is registered, be it lost.
        for host in world.hosts
        where host.isGone && !host.launchType.isManaged && state.instances[host.id]?.status != .inactive {
            deregister(host, in: world)
        }
        mendDaemons(state, in: world)
        mendRules(state, in: world)
        _ = answerHook(state, "CONTINUE", in: world)
        for (_, service) in state.services.values() where service.status == .active {
            guard let kind = Kind(rawValue: service.id.name) else { continue }
            if kind == .sets0 {
                mendTaskSets(of: service, in: world)
                continue
            }
            let isSound = service.taskDefinition.map { Setting.soundRevisions.contains($0.revision) } ?? false
            let isLarge = kind != .everywhere && service.desiredCount > 2
            let (minimum, maximum) = (
                service.configuration.minimumHealthyPercent, service.configuration.maximumPercent
            )
            // Of one task a half is one, and half of one more is none: such bounds allow no move.
            let isTight = kind != .everywhere && minimum > 0 && maximum < 200
            guard !isSound || isLarge || isTight || service.primary?.rolloutState == .failed else { continue }
            var body: [String: JSONValue] = [
                "service": .string(kind.rawValue), "taskDefinition": .string("\(kind.family):1"),
                "forceNewDeployment": true,
            ]
            var count: Int?
            if kind != .everywhere {
                count = min(2, service.desiredCount)
                body["desiredCount"] = .integer(Int64(count ?? 0))
                body["deploymentConfiguration"] = [
                    "minimumHealthyPercent": 0, "maximumPercent": .integer(Int64(maximum)), "lifecycleHooks": [],
                ]
            }
            send("UpdateService", on: service.id, desired: count, body, in: world)
        }
        for (id, task) in state.tasks.values()
        where task.isLive && task.service == nil && task.daemonRevision == nil && task.desiredStatus == .running {
            stop(id, in: world)
        }
    }
}
