import AWSWire
import AgentGateway
import Domain
import Front
import Identifiers
import JSONBytes
import StateStore
import TaskLifecycle

/// Who sends a request to the API.
enum Caller {
    case root
    case host(SimulatedHost)

    var key: SigV4Credential {
        switch self {
        case .root: SigV4Credential(accessKeyID: "AKIAROOTROOTROOTROOT", secretKey: "root-secret")
        case .host(let host): SigV4Credential(accessKeyID: host.accessKeyID, secretKey: "host-secret")
        }
    }
}

/// What a request was answered with.
struct Answer {
    var json: JSONValue
    /// The name of the fault; nil for success.
    var fault: String?

    var isSuccess: Bool { fault == nil }

    init(_ answer: HTTPAnswer) {
        do throws(JSONError) {
            json = try JSONValue(jsonBytes: answer.body)
        } catch {
            json = .null
        }
        fault = answer.status == 200 ? nil : json["__type"]?.string ?? "unreadable"
    }
}

/// Lets one of several things happen, the first.
private final class Once {
    var isDone = false

    func take() -> Bool {
        defer { isDone = true }
        return !isDone
    }
}

extension World {
    /// Sends a request through the API's front, and hands on the answer; nil when none came within 20 s.
    ///
    /// - Parameter host: whose network it takes; nil for one that never fails.
    func call(
        _ operation: String, _ body: JSONValue, as caller: Caller, through host: SimulatedHost? = nil,
        then: @escaping (World, Answer?) -> Void
    ) {
        let once = Once()
        after(.seconds(20)) { if once.take() { then($0, nil) } }
        after(milliseconds(1...10)) { [self] world in
            guard host?.isMute != true, let server = world.server else { return }
            let message = Self.message(operation, body.jsonBytes(), caller.key, at: world.clock.wall)
            let front = server.front
            start {
                await front.answer(message)
            } then: { answer in
                world.after(world.milliseconds(1...10)) { world in
                    if host?.isDeaf != true, once.take() { then(world, Answer(answer)) }
                }
            }
        }
    }

    private static func message(
        _ operation: String, _ body: [UInt8], _ key: SigV4Credential, at time: Timestamp
    ) -> HTTPMessage {
        // Operations of other services say of which.
        let isOfEvents = operation.hasPrefix("AWSEvents.")
        let target = isOfEvents ? operation : "AmazonEC2ContainerServiceV20141113." + operation
        var headers = [
            HTTPMessage.Header("Host", "127.0.0.1:4566"), HTTPMessage.Header("Content-Type", JSON11.contentType),
            HTTPMessage.Header("X-Amz-Target", target),
        ]
        let request = SigV4Request(
            method: "POST", path: "/", headers: headers.map { (name: $0.name, value: $0.value) }, body: body)
        let signer = SigV4Signer(credential: key, region: "us-east-1", service: isOfEvents ? "events" : "ecs")
        headers += signer.headers(for: request, now: time.milliseconds).map { HTTPMessage.Header($0.name, $0.value) }
        return HTTPMessage(method: "POST", target: "/", headers: headers, body: body)
    }

    /// Sends a report of a task, and says whether the control plane took it or refused it for good.
    func report(_ report: TaskReport, from host: SimulatedHost, then: @escaping (World, Bool) -> Void) {
        let once = Once()
        after(seconds(5...20)) { if once.take() { then($0, false) } }
        if strikes(.reportLost, oneIn: 12) { return }
        var delay = milliseconds(1...20)
        if strikes(.reportLate, oneIn: 12) { delay += milliseconds(500...15_000) }
        let isAnswerLost = strikes(.answerLost, oneIn: 12)
        let arrive = { (world: World) in
            guard !host.isMute else { return }
            guard let server = world.server else {
                // Nobody listens: the sender knows at once.
                if once.take() { then(world, false) }
                return
            }
            let (reports, id, now) = (server.reports, host.id, world.clock.wall)
            let mutation = world.options.mutation
            let (store, isLost) = (server.store, mutation == .losesReports && world.random.oneIn(8))
            world.start { () async -> Bool in
                do throws(ReportError) {
                    if isLost { return true }
                    if mutation == .overwritesReports { await store.overwrite(with: report) }
                    try await reports.submit([report], from: .node(id), now: now)
                    return true
                } catch {
                    if case .unavailable = error { return false }
                    // An agent drops what is refused for good.
                    return true
                }
            } then: { isTaken in
                world.after(world.milliseconds(1...20)) { world in
                    if !isAnswerLost, !host.isDeaf, once.take() { then(world, isTaken) }
                }
            }
        }
        after(delay, arrive)
        if strikes(.reportDoubled, oneIn: 12) { after(delay + milliseconds(1...40_000), arrive) }
    }

    /// Sends what health checks said.
    func submit(_ health: [ContainerHealthReport], of task: TaskID, from host: SimulatedHost) {
        after(milliseconds(1...20)) { world in
            guard !host.isMute, let server = world.server, world.options.mutation != .losesHealth else { return }
            let (reports, id) = (server.reports, host.id)
            world.start { () async -> Void in
                // What is not taken is published again.
                try? await reports.submit(health: health, of: task, from: .node(id))
            } then: { _ in
            }
        }
    }
}

extension SimulatedHost {
    var accessKeyID: String { "AKIAHOSTHOSTHOST000\(slot)" }

    /// The body of its `RegisterContainerInstance`.
    var registration: JSONValue {
        func integer(_ name: String, _ value: Int) -> JSONValue {
            ["name": .string(name), "type": "INTEGER", "integerValue": .integer(Int64(value))]
        }
        let cluster = launchType.isManaged ? ContainerInstanceRecord.managedClusterName : "default"
        return [
            "cluster": .string(cluster), "containerInstanceArn": .string(arn),
            "totalResources": [
                integer("CPU", capacity.cpu.value), integer("MEMORY", capacity.memory.value),
            ],
            "attributes": [["name": "ecs.availability-zone", "value": .string(zone)]],
            "berth": ["version": 1, "nodeAddress": .string("192.0.2.\(slot + 1)")],
        ]
    }
}
