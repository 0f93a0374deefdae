import AgentWire
import Domain
import Identifiers
import Testing

@testable import NodeAgent

@Suite("Messages of the control plane")
struct SessionStepTests {
    static let assignment = TaskAssignment.of([.named("web")], id: "new")
    static let old = TaskID(cluster: testCluster, id: "old")

    static func payload(_ tasks: [PayloadTask]) -> ACSServerMessage {
        var message = PayloadMessage()
        message.clusterArn = testCluster.arn
        message.containerInstanceArn = "i"
        message.messageId = "m"
        message.tasks = tasks
        return .payload(message)
    }

    static func running(_ assignment: TaskAssignment) throws -> PayloadTask {
        var task = PayloadTask()
        task.arn = assignment.task.arn
        task.desiredStatus = "RUNNING"
        task.berth = try TaskExtension(assignment: assignment)
        return task
    }

    @Test("a payload's stops come before its starts, and its ack last")
    func payloadOrder() throws {
        var step = SessionStep()
        let stop = PayloadTask(stopping: Self.old.arn, cluster: testCluster.arn)
        let actions = step.receive(Self.payload([try Self.running(Self.assignment), stop]), wanted: [])
        let ack = AckRequest(cluster: testCluster.arn, containerInstance: "i", messageId: "m")
        #expect(actions == [.stop(Self.old), .start(Self.assignment), .send(.ack(ack))])
    }

    @Test("a task that shall stop before it ever came is declined, so that its end is reported")
    func stoppedBeforeDelivery() throws {
        var step = SessionStep()
        var task = try Self.running(Self.assignment)
        task.desiredStatus = "STOPPED"
        let actions = step.receive(Self.payload([task]), wanted: [])
        #expect(actions.prefix(2) == [.stop(Self.assignment.task), .decline(Self.assignment)])
    }

    @Test("a task that cannot be read is refused and the message not acknowledged")
    func unreadable() throws {
        var step = SessionStep()
        var bad = try Self.running(Self.assignment)
        bad.berth = nil
        let actions = step.receive(Self.payload([bad]), wanted: [])
        guard case .refuse(let stub, let reason)? = actions.first else {
            Issue.record("no refusal in \(actions)")
            return
        }
        #expect(actions.count == 1)
        #expect(stub.task == Self.assignment.task)
        #expect(reason.hasPrefix("UnrecogniedTaskError: Error loading task - "))
    }

    @Test(
        "a task of a newer form is refused and says what to do, also one that shall stop",
        arguments: ["RUNNING", "STOPPED"])
    func newerForm(desired: String) throws {
        var step = SessionStep()
        var task = try Self.running(Self.assignment)
        task.desiredStatus = desired
        task.berth?.version = berthExtensionVersion + 1
        let actions = step.receive(Self.payload([task]), wanted: [])
        let refusals = actions.compactMap {
            if case .refuse(let stub, let reason) = $0 { (stub.task, reason) } else { nil }
        }
        #expect(refusals.map(\.0) == [Self.assignment.task])
        #expect(
            refusals.first?.1
                == "UnrecogniedTaskError: Error loading task - it is in form \(berthExtensionVersion + 1) and this agent "
                + "reads forms up to \(berthExtensionVersion): upgrade berth on this host")
        #expect(!actions.contains { if case .start = $0 { true } else { false } })
    }

    @Test("a task of the first form is started")
    func olderForm() throws {
        var step = SessionStep()
        var task = try Self.running(Self.assignment)
        task.berth?.version = 1
        #expect(step.receive(Self.payload([task]), wanted: []).first == .start(Self.assignment))
    }

    @Test("a name that would leave its directory is refused", arguments: ["../x", "a/b", "", "."])
    func badNames(name: String) throws {
        var step = SessionStep()
        let task = try Self.running(.of([ContainerDefinition.named(name)], id: "new"))
        let actions = step.receive(Self.payload([task]), wanted: [])
        #expect(!actions.contains { if case .start = $0 { true } else { false } })
    }

    static func manifest(_ tasks: [TaskID], timeline: Int64) -> ACSServerMessage {
        var message = TaskManifestMessage()
        message.messageId = "man"
        message.timeline = timeline
        message.tasks = tasks.map { TaskIdentifier(taskArn: $0.arn, taskClusterArn: nil, desiredStatus: "RUNNING") }
        return .manifest(message)
    }

    @Test("what runs and is not in the manifest is verified, then stopped")
    func manifest() {
        var step = SessionStep()
        let actions = step.receive(Self.manifest([], timeline: 5), wanted: [Self.old])
        #expect(actions.first == .beginVerification)
        #expect(actions.count == 4)
        let stop = TaskIdentifier(taskArn: Self.old.arn, taskClusterArn: nil, desiredStatus: "STOPPED")
        let other = TaskStopVerificationAck(messageId: "other", generatedAt: 1, stopTasks: [stop])
        #expect(step.receive(.stopVerificationAck(other), wanted: []).isEmpty)
        let ack = TaskStopVerificationAck(messageId: "man", generatedAt: 1, stopTasks: [stop])
        #expect(step.receive(.stopVerificationAck(ack), wanted: []) == [.endVerification(stopping: [Self.old])])
        #expect(step.receive(.stopVerificationAck(ack), wanted: []).isEmpty)
    }

    @Test("a candidate that may stay says again what it said before it was this host's")
    func spared() {
        var step = SessionStep()
        let other = TaskID(cluster: Self.old.cluster, id: "other")
        _ = step.receive(Self.manifest([], timeline: 5), wanted: [Self.old, other])
        let stop = TaskIdentifier(taskArn: Self.old.arn, taskClusterArn: nil, desiredStatus: "STOPPED")
        let ack = TaskStopVerificationAck(messageId: "man", generatedAt: 1, stopTasks: [stop])
        #expect(
            step.receive(.stopVerificationAck(ack), wanted: [])
                == [.endVerification(stopping: [Self.old]), .repeatReports])
    }

    @Test("what is confirmed late stops too, though new tasks did not wait for it")
    func lateConfirmation() {
        var step = SessionStep()
        _ = step.receive(Self.manifest([], timeline: 5), wanted: [Self.old])
        #expect(step.verificationTimedOut() == [.endVerification(stopping: []), .repeatReports])
        #expect(step.verificationTimedOut().isEmpty)
        let stop = TaskIdentifier(taskArn: Self.old.arn, taskClusterArn: nil, desiredStatus: "STOPPED")
        let ack = TaskStopVerificationAck(messageId: "man", generatedAt: 1, stopTasks: [stop])
        #expect(step.receive(.stopVerificationAck(ack), wanted: []) == [.endVerification(stopping: [Self.old])])
        _ = step.receive(Self.manifest([], timeline: 6), wanted: [Self.old])
        #expect(step.verificationTimedOut() == [.endVerification(stopping: []), .repeatReports])
        // It may have become this host's since: the next manifest knows it then and asks nothing.
        #expect(step.reconnect() == [.repeatReports])
        #expect(step.reconnect().isEmpty)
        #expect(step.receive(.stopVerificationAck(ack), wanted: []).isEmpty)
    }

    @Test("with the first manifest, and with each one after a restore, tasks say again what they said last")
    func repeatsReports() {
        var step = SessionStep()
        #expect(step.receive(Self.manifest([], timeline: 1 << 40 | 5), wanted: []).last == .repeatReports)
        #expect(step.receive(Self.manifest([], timeline: 1 << 40 | 6), wanted: []).count == 1)
        #expect(step.receive(Self.manifest([], timeline: 2 << 40 | 7), wanted: []).last == .repeatReports)
    }

    @Test("a manifest that is not newer is discarded silently")
    func oldManifest() {
        var step = SessionStep()
        _ = step.receive(Self.manifest([Self.old], timeline: 5), wanted: [Self.old])
        #expect(step.receive(Self.manifest([], timeline: 5), wanted: [Self.old]).isEmpty)
    }

    @Test("a heartbeat is answered and its routes are set")
    func heartbeat() {
        var step = SessionStep()
        let network = PeerNetwork(
            peers: [PeerRoute(block: "10.99.2.0/24", via: "192.0.2.2")],
            balancers: BalancerNetwork(range: "10.98.0.0/24", names: [BalancerName(address: "10.98.0.1", names: ["a"])])
        )
        let message = HeartbeatMessage(messageId: "h", berth: HeartbeatExtension(network))
        let ack = SessionAction.send(.heartbeatAck(HeartbeatAckRequest(messageId: "h")))
        #expect(step.receive(.heartbeat(message), wanted: []) == [ack, .route(network)])
    }
}
