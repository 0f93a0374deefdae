import Domain
import Identifiers
import JSONBytes
import StateStore

/// People who want things of the installation at the worst moment, and remember what they were promised.
final class Users {
    /// What is known of a service from answers alone.
    struct Promise {
        /// The desired count that was acknowledged; nil while a request may still change it.
        var desired: Int?
        var open = 0
        /// How many requests there were.
        var count = 0
    }

    var promises: [ServiceID: Promise] = [:]
    private(set) var made: Set<TaskID> = []
    private(set) var stopped: Set<TaskID> = []
    /// Answers of an earlier run of the control plane count no more.
    var epoch = 0
    private var tokens = 0

    enum Kind: String, CaseIterable {
        case web0, web1, own0, port0, everywhere, sets0

        /// Those that the scheduler's own deployments are for.
        static let rolled: [Kind] = [.web0, .web1, .own0, .port0, .everywhere]

        var family: String {
            switch self {
            case .web0, .web1: "web"
            case .own0, .everywhere, .sets0: "own"
            case .port0: "port"
            }
        }
        var isManaged: Bool { family == "web" }
    }

    func forgetPromises() {
        promises = [:]
        made = []
        stopped = []
    }

    // MARK: Acting

    func act(in world: World) {
        let state = world.disk.stored
        switch Int.random(in: 0..<100, using: &world.random) {
        case 0..<20: create(in: world)
        case 20..<43: update(state, in: world)
        case 43..<50: changeTaskSets(state, in: world)
        case 50..<56: delete(state, in: world)
        case 56..<63: runTask(in: world)
        case 63..<66: changeRules(state, in: world)
        case 66..<77: stopTask(state, in: world)
        case 77..<80: protect(state, in: world)
        case 80..<90: setHosts(state, in: world)
        case 90..<93: deregister(state, in: world)
        case 93..<97: changeDaemon(state, in: world)
        default:
            if world.random.oneIn(3) || !answerHook(state, in: world) { stopDeployment(state, in: world) }
        }
    }

    /// Sends a request; what is answered is counted.
    func send(
        _ operation: String, _ body: [String: JSONValue], in world: World,
        then: @escaping (World, Answer?) -> Void = { _, _ in }
    ) {
        let began = epoch
        world.note("user: \(operation)")
        world.call(operation, .object(body), as: .root) { [self] world, answer in
            let result = answer.map { $0.fault ?? "ok" } ?? "no answer"
            world.note("user: \(operation): \(result)")
            world.coverage.operations["\(operation): \(result)", default: 0] += 1
            then(world, began == epoch ? answer : nil)
        }
    }

    func send(
        _ operation: String, on service: ServiceID, desired: Int?, _ body: [String: JSONValue], in world: World
    ) {
        let began = epoch
        var promise = promises[service] ?? Promise()
        // Of requests that overlap nobody knows which came last.
        let isAlone = promise.open == 0
        promise.open += 1
        promise.count += 1
        promise.desired = nil
        promises[service] = promise
        let number = promise.count
        send(operation, body, in: world) { [self] world, answer in
            // Without an answer it may still come about, until the control plane starts anew.
            guard began == epoch, let answer, var promise = promises[service] else { return }
            promise.open -= 1
            if isAlone, promise.count == number, answer.isSuccess { promise.desired = desired }
            promises[service] = promise
        }
    }

    private func create(in world: World) {
        let kind = Kind.rolled.randomElement(using: &world.random) ?? .web0
        var body: [String: JSONValue] = [
            "serviceName": .string(kind.rawValue), "taskDefinition": definition(kind, in: world),
            "deploymentConfiguration": configuration(kind, in: world),
        ]
        if kind.isManaged { body["networkConfiguration"] = Self.network }
        if kind.isManaged, world.random.oneIn(2) {
            body["capacityProviderStrategy"] = Self.capacity(in: world)
        } else {
            body["launchType"] = kind.isManaged ? "FARGATE" : "EC2"
        }
        let count = desired(kind, in: world)
        if kind == .everywhere {
            body["schedulingStrategy"] = "DAEMON"
        } else {
            body["desiredCount"] = .integer(Int64(count))
        }
        send(
            "CreateService", on: ServiceID(cluster: .simulated, name: kind.rawValue),
            desired: kind == .everywhere ? nil : count, body, in: world)
    }

    private func update(_ state: StateSnapshot, in world: World) {
        guard let (service, kind) = anyService(state, in: world) else { return create(in: world) }
        var body: [String: JSONValue] = ["service": .string(kind.rawValue)]
        var count: Int?
        switch Int.random(in: 0..<4, using: &world.random) {
        case 0 where kind != .everywhere:
            count = desired(kind, in: world)
            body["desiredCount"] = .integer(Int64(count ?? 0))
        case 1: body["taskDefinition"] = definition(kind, in: world)
        case 2: body["forceNewDeployment"] = true
        default:
            body["taskDefinition"] = definition(kind, in: world)
            body["deploymentConfiguration"] = configuration(kind, in: world)
            if kind.isManaged, world.random.oneIn(3) {
                body["capacityProviderStrategy"] = Self.capacity(in: world)
                body["forceNewDeployment"] = true
            }
        }
        send("UpdateService", on: service.id, desired: count, body, in: world)
    }

    private func delete(_ state: StateSnapshot, in world: World) {
        let active = state.services.values().map(\.1).filter { $0.status == .active }
        guard let service = active.randomElement(using: &world.random) else { return }
        send(
            "DeleteService", on: service.id, desired: nil, ["service": .string(service.id.name), "force": true],
            in: world)
    }

    private func runTask(in world: World) {
        let isManaged = world.random.oneIn(2)
        tokens += 1
        var body: [String: JSONValue] = [
            "taskDefinition": .string("\(isManaged ? "web" : "own"):\(Setting.jobRevision)"),
            "launchType": isManaged ? "FARGATE" : "EC2",
            "count": .integer(Int64.random(in: 1...3, using: &world.random)),
        ]
        if isManaged { body["networkConfiguration"] = Self.network }
        body["startedBy"] = .string("user-\(tokens)")
        if world.random.oneIn(2) { body["clientToken"] = .string("token-\(tokens)") }
        runTask(body, again: body["clientToken"] == nil ? 0 : 4, in: world)
    }

    /// With a token a user asks again until there is an answer, and sometimes once more.
    private func runTask(_ body: [String: JSONValue], again: Int, in world: World) {
        send("RunTask", body, in: world) { [self] world, answer in
            if again > 0, answer?.isSuccess != true || world.random.oneIn(4) {
                world.after(world.seconds(1...20)) { [self] in runTask(body, again: again - 1, in: $0) }
            }
            guard let answer, answer.isSuccess, case .array(let tasks)? = answer.json["tasks"] else { return }
            made.formUnion(tasks.compactMap { $0["taskArn"]?.string.flatMap(TaskID.init(arn:)) })
        }
    }

    private func stopTask(_ state: StateSnapshot, in world: World) {
        let live = state.tasks.values().map(\.1).filter(\.isLive)
        guard let task = live.randomElement(using: &world.random) else { return runTask(in: world) }
        stop(task.id, in: world)
    }

    private func protect(_ state: StateSnapshot, in world: World) {
        let live = state.tasks.values().map(\.1).filter { $0.isLive && $0.service != nil }
        guard let task = live.randomElement(using: &world.random) else { return }
        send(
            "UpdateTaskProtection",
            [
                "cluster": "default", "tasks": [.string(task.id.arn)],
                "protectionEnabled": .boolean(!world.random.oneIn(4)),
                "expiresInMinutes": .integer(Int64.random(in: 1...8, using: &world.random)),
            ], in: world)
    }

    func stop(_ id: TaskID, in world: World) {
        send("StopTask", ["task": .string(id.arn)], in: world) { [self] _, answer in
            if answer?.isSuccess == true { stopped.insert(id) }
        }
    }

    private func setHosts(_ state: StateSnapshot, in world: World) {
        let own = world.hosts.filter { !$0.launchType.isManaged }
        guard let host = own.randomElement(using: &world.random) else { return }
        let isDraining = state.instances[host.id]?.status == .draining
        setHost(host, isDraining ? "ACTIVE" : "DRAINING", in: world)
    }

    func setHost(_ host: SimulatedHost, _ status: JSONValue, in world: World) {
        send(
            "UpdateContainerInstancesState", ["containerInstances": [.string(host.id.id)], "status": status], in: world)
    }

    /// One host of each kind at most, so that the others carry what there is.
    private func deregister(_ state: StateSnapshot, in world: World) {
        guard let host = world.hosts.randomElement(using: &world.random) else { return }
        guard world.maySpare(host) else { return }
        deregister(host, in: world)
    }

    func deregister(_ host: SimulatedHost, in world: World) {
        host.isCondemned = true
        send("DeregisterContainerInstance", ["containerInstance": .string(host.arn), "force": true], in: world)
    }

    private func stopDeployment(_ state: StateSnapshot, in world: World) {
        let open = state.services.values().flatMap { state.openServiceDeployments(of: $0.0) }
        guard let deployment = open.randomElement(using: &world.random) else { return update(state, in: world) }
        let type: JSONValue = world.random.oneIn(2) ? "ROLLBACK" : "ABORT"
        send(
            "StopServiceDeployment", ["serviceDeploymentArn": .string(deployment.id.arn), "stopType": type], in: world)
    }

    private func anyService(_ state: StateSnapshot, in world: World) -> (ServiceRecord, Kind)? {
        let active = state.services.values().map(\.1).filter { $0.status == .active && $0.controller == .ecs }
        guard let service = active.randomElement(using: &world.random), let kind = Kind(rawValue: service.id.name)
        else { return nil }
        return (service, kind)
    }

    private static let network: JSONValue = ["awsvpcConfiguration": ["subnets": ["subnet-1"]]]

    func desired(_ kind: Kind, in world: World) -> Int {
        Int.random(in: 0...(kind == .port0 ? 2 : 4), using: &world.random)
    }

    func definition(_ kind: Kind, in world: World) -> JSONValue {
        let isSound = !world.options.hasFaults || !world.random.oneIn(3)
        let revisions = isSound ? Setting.soundRevisions : Array(5...Setting.behaviours.count)
        return .string("\(kind.family):\(revisions.randomElement(using: &world.random) ?? 1)")
    }

    private func configuration(_ kind: Kind, in world: World) -> JSONValue {
        let bounds: [(Int64, Int64)] = [(100, 200), (50, 100), (50, 200), (0, 100), (75, 125), (100, 150)]
        var (minimum, maximum) = bounds.randomElement(using: &world.random) ?? (100, 200)
        // Where a port allows one task on a host, or one host one task, a place must become free first.
        if kind == .port0 { (minimum, maximum) = (0, max(100, maximum)) }
        if kind == .everywhere { (minimum, maximum) = (world.random.oneIn(2) ? 0 : 50, 100) }
        var configuration: [String: JSONValue] = [
            "minimumHealthyPercent": .integer(minimum), "maximumPercent": .integer(maximum),
        ]
        if world.random.oneIn(2) {
            configuration["deploymentCircuitBreaker"] = ["enable": true, "rollback": .boolean(world.random.oneIn(2))]
        }
        configuration.merge(strategy(kind, in: world)) { $1 }
        return .object(configuration)
    }
}

extension ClusterID {
    static let simulated = ClusterID(scope: Scope(account: "000000000000", region: "us-east-1"), name: "default")
}
