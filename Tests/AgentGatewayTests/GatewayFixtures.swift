import AgentWire
import Domain
import Identifiers
import StateStore

@testable import AgentGateway

let scope = Scope(account: "123456789012", region: "us-east-1")
let demo = ClusterID(scope: scope, name: "demo")
let here = ContainerInstanceID(scope: scope, id: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
let elsewhere = ContainerInstanceID(scope: scope, id: "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
let web = TaskDefinitionID(family: FamilyID(scope: scope, name: "web"), revision: 1)

func moment(_ seconds: Double) -> Moment {
    Moment(
        instant: Instant(nanoseconds: Int64(seconds * 1_000_000_000)),
        wall: Timestamp(milliseconds: 1_795_000_000_000 + Int64(seconds * 1000)))
}

func taskID(_ name: String) -> TaskID {
    TaskID(cluster: demo, id: String(repeating: "0", count: 32 - name.count) + name)
}

extension ContainerInstanceRecord {
    static func host(_ id: ContainerInstanceID, block: String? = nil, via: String? = nil) -> ContainerInstanceRecord {
        var host = ContainerInstanceRecord(
            id: id, cluster: demo, launchType: .ec2,
            resources: Resources(cpu: CPUUnits(2048), memory: MemoryMiB(4096)),
            registeredAt: Timestamp(milliseconds: 0))
        host.addressBlock = block
        host.nodeAddress = via
        return host
    }
}

extension TaskRecord {
    static func placed(_ name: String, on host: ContainerInstanceID = here) -> TaskRecord {
        var task = TaskRecord(
            id: taskID(name), definition: web, containers: [TaskContainer(name: "web", id: "c-\(name)")],
            createdAt: Timestamp(milliseconds: 0), launchType: .ec2,
            reservation: Resources(cpu: CPUUnits(256), memory: MemoryMiB(512)), networkMode: .bridge,
            group: "service:web")
        task.placement = TaskPlacement(instance: host, placedAt: Timestamp(milliseconds: 0))
        return task
    }

    func observed(_ status: TaskStatus) -> TaskRecord {
        var task = self
        var observed = ObservedTask()
        observed.status = status
        observed.containers = [ObservedContainer(name: "web")]
        task.observed = observed
        return task
    }

    func asked(toStop code: StopCode = .userInitiated) -> TaskRecord {
        var task = self
        task.verdict.stop = StopRequest(code: code, reason: "asked", at: Timestamp(milliseconds: 0))
        return task
    }

    var lost: TaskRecord {
        var task = asked(toStop: .terminationNotice)
        task.verdict.lostAt = Timestamp(milliseconds: 0)
        return task
    }
}

let webDefinition: TaskDefinitionRecord = {
    var container = ContainerDefinition(name: "web", image: "web:1")
    container.environment = [KeyValue(key: "COLOUR", value: "red"), KeyValue(key: "SIZE", value: "s")]
    return TaskDefinitionRecord(
        id: web, definition: TaskDefinition(containers: [container]), registeredAt: Timestamp(milliseconds: 0),
        registeredBy: "root")
}()

/// A state with the host `here`, the definition, and the tasks.
func state(_ tasks: [TaskRecord], hosts: [ContainerInstanceRecord] = [.host(here)]) -> StateSnapshot {
    var state = StateSnapshot()
    state.apply(key: .taskDefinition(web), after: .taskDefinition(webDefinition))
    for host in hosts { state.apply(key: .instance(host.id), after: .instance(host)) }
    for task in tasks { state.apply(key: .task(task.id), after: .task(task)) }
    return state
}

/// One session with the time and the state it looks at, and the frames it sent so far.
struct SessionBench {
    var session: ACSSession
    var view: HostView
    var now = 0.0
    var outputs: [ACSOutput] = []

    init(
        _ tasks: [TaskRecord], hosts: [ContainerInstanceRecord] = [.host(here)], first: Int64 = 1,
        version: AgentVersion? = nil, configuration: GatewayConfiguration = GatewayConfiguration()
    ) {
        let state = state(tasks, hosts: hosts)
        session = ACSSession(
            instance: here, name: "n", version: version, sequence: SequenceLease(epoch: 1, first: first),
            configuration: configuration)
        view = HostView(state: state, routes: PeerRoutes(state))
    }

    /// Steps and keeps only what this step put out.
    @discardableResult
    mutating func step(_ input: ACSInput, at seconds: Double? = nil) -> [ACSOutput] {
        now = seconds ?? now
        outputs = session.step(input, view, now: moment(now))
        return outputs
    }

    mutating func set(_ tasks: TaskRecord...) {
        for task in tasks { view.state.apply(key: .task(task.id), after: .task(task)) }
    }

    /// Tells the session's view that hosts changed, as the gateway does.
    mutating func refreshRoutes() { _ = view.routes.update(view.state) }

    /// What a restore leaves behind.
    mutating func restore(epoch: Int) {
        let installation = InstallationRecord(scope: scope, taskCIDR: "10.99.0.0/16", epoch: epoch)
        view.state.apply(key: .installation, after: .installation(installation))
    }

    @discardableResult
    mutating func acknowledge(_ messageID: String) -> [ACSOutput] {
        step(.frame(AckRequest(cluster: nil, containerInstance: nil, messageId: messageID).frame()))
    }

    /// Answers everything the last step sent, as an agent that takes it all.
    mutating func acknowledgeAll() {
        let sent = messages
        var further: [ACSOutput] = []
        for message in sent {
            switch message {
            case .manifest(let manifest): further += acknowledge(manifest.messageId)
            case .payload(let payload): further += acknowledge(payload.messageId)
            case .heartbeat(let heartbeat):
                further += step(.frame(HeartbeatAckRequest(messageId: heartbeat.messageId).frame()))
            default: break
            }
        }
        outputs = further
    }

    var messages: [ACSServerMessage] {
        outputs.compactMap { output in
            guard case .send(let text) = output else { return nil }
            do { return try ACSServerMessage(frame: text) } catch { return nil }
        }
    }

    var manifests: [TaskManifestMessage] {
        messages.compactMap { if case .manifest(let message) = $0 { message } else { nil } }
    }

    var payloads: [PayloadMessage] {
        messages.compactMap { if case .payload(let message) = $0 { message } else { nil } }
    }

    var heartbeats: [HeartbeatMessage] {
        messages.compactMap { if case .heartbeat(let message) = $0 { message } else { nil } }
    }

    /// What the payloads of the last step say, such as `run 1` and `stop 2`, in order.
    var orders: [String] {
        payloads.flatMap(\.tasks).map { task in
            let id = task.arn.flatMap(TaskID.init(arn:))?.id.drop { $0 == "0" } ?? "?"
            return (task.desiredStatus == "STOPPED" ? "stop " : "run ") + id
        }
    }
}
