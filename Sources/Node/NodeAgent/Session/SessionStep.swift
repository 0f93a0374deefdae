package import AgentWire
package import Domain
package import Identifiers

/// One thing to do after a message of the control plane, in order.
package enum SessionAction: Hashable, Sendable {
    case send(ACSAgentMessage)
    case stop(TaskID)
    case start(TaskAssignment)
    /// A task that shall stop before this host ever had it: it is reported stopped, or nobody would ever hear of its end.
    case decline(TaskAssignment)
    /// A task that cannot be read: it is reported stopped.
    case refuse(TaskAssignment, reason: String)
    case route(AgentWire.PeerNetwork)
    /// Hold new tasks back until the control plane says which must go.
    case beginVerification
    case endVerification(stopping: [TaskID])
    /// Every task says again what it said last: the control plane may know less than it was told.
    case repeatReports
}

/// Decides what an ACS message asks of this host.
package struct SessionStep: Sendable {
    private var highestSequence: Int64 = 0
    /// Of the newest manifest. A restore raises it; nil before this agent's first one, when there may have been a restore.
    private var epoch: Int64?
    private struct Verification {
        /// The manifest that lacks them.
        var manifest: String
        var candidates: Set<TaskID>
    }

    /// What the control plane is asked about: whether these tasks shall stop.
    private var verifying: Verification?
    /// Whether new tasks wait for the answer no more.
    private var isOverdue = false

    package init() {}

    /// - Parameter wanted: tasks this host wants running.
    package mutating func receive(_ message: ACSServerMessage, wanted: [TaskID]) -> [SessionAction] {
        switch message {
        case .heartbeat(let heartbeat): return self.heartbeat(heartbeat)
        case .payload(let payload): return self.payload(payload)
        case .manifest(let manifest): return self.manifest(manifest, wanted)
        case .stopVerificationAck(let ack): return verified(ack)
        case .stageUpdate(let update): return [nack(update.clusterArn, update.containerInstanceArn, update.messageId)]
        case .performUpdate(let update): return [nack(update.clusterArn, update.containerInstanceArn, update.messageId)]
        case .credentials, .attachTaskInterfaces, .attachInstanceInterfaces, .confirmAttachment, .close, .error,
            .unknown:
            return []
        }
    }

    /// A new connection: what was being verified on the old one is verified anew.
    package mutating func reconnect() -> [SessionAction] {
        defer { verifying = nil }
        guard verifying != nil else { return [] }
        return (isOverdue ? [] : [.endVerification(stopping: [])]) + [.repeatReports]
    }

    /// The control plane took too long to confirm stop candidates: new tasks wait no longer. What it still confirms stops.
    ///
    /// Without an answer each may be one that shall stay, and what it said before may not have been for it yet.
    package mutating func verificationTimedOut() -> [SessionAction] {
        guard verifying != nil, !isOverdue else { return [] }
        isOverdue = true
        return [.endVerification(stopping: []), .repeatReports]
    }

    private func heartbeat(_ message: HeartbeatMessage) -> [SessionAction] {
        let ack = SessionAction.send(.heartbeatAck(HeartbeatAckRequest(messageId: message.messageId)))
        guard let network = message.berth?.network else { return [ack] }
        return [ack, .route(network)]
    }

    /// Stops before starts, the acknowledgement last: by then everything is on disk.
    private mutating func payload(_ message: PayloadMessage) -> [SessionAction] {
        highestSequence = max(highestSequence, message.seqNum ?? 0)
        var stops: [SessionAction] = []
        var starts: [SessionAction] = []
        var isReadable = true
        for task in message.tasks {
            guard let id = task.arn.flatMap(TaskID.init(arn:)) else {
                isReadable = false
                continue
            }
            if task.desiredStatus == "STOPPED" {
                stops.append(.stop(id))
                switch assignment(task, id) {
                case .success(let assignment): stops.append(.decline(assignment))
                // A task without an assignment is named only to be stopped.
                case .failure(let reason): if task.berth != nil { stops.append(reason.refusal) }
                }
                continue
            }
            switch assignment(task, id) {
            case .success(let assignment): starts.append(.start(assignment))
            case .failure(let reason):
                isReadable = false
                starts.append(reason.refusal)
            }
        }
        let ack = AckRequest(
            cluster: message.clusterArn, containerInstance: message.containerInstanceArn, messageId: message.messageId)
        return stops + starts + (isReadable ? [.send(.ack(ack))] : [])
    }

    private struct Unreadable: Error {
        var refusal: SessionAction
    }

    private func assignment(_ task: PayloadTask, _ id: TaskID) -> Result<TaskAssignment, Unreadable> {
        do {
            guard let known = task.berth else { throw ReadError.noAssignment }
            let assignment = try known.decodedAssignment()
            guard assignment.task == id else { throw ReadError.otherTask }
            guard !assignment.containers.isEmpty else { throw ReadError.noContainer }
            let names = assignment.containers.map(\.definition.name)
            guard Set(names).count == names.count, names.allSatisfy(Self.isName), Self.isName(id.id) else {
                throw ReadError.badName
            }
            return .success(assignment)
        } catch {
            // The name is spelled as the ECS agent spells it: people search for it.
            let reason = "UnrecogniedTaskError: Error loading task - \(error)"
            let containers = task.containers.compactMap(\.name).filter(Self.isName)
            let stub = TaskAssignment(
                task: id, family: task.family ?? "", revision: Int(task.version ?? "") ?? 0, launchType: .ec2,
                networkMode: .host,
                containers: containers.map {
                    AssignedContainer(id: "", definition: ContainerDefinition(name: $0, image: ""))
                }, group: "")
            return .failure(Unreadable(refusal: .refuse(stub, reason: reason)))
        }
    }

    private enum ReadError: Error, CustomStringConvertible {
        case noAssignment, otherTask, noContainer, badName
        var description: String {
            switch self {
            case .noAssignment: "it carries no assignment for this agent"
            case .otherTask: "its assignment names another task"
            case .noContainer: "it has no container"
            case .badName: "a name in it cannot be a file name, or occurs twice"
            }
        }
    }

    /// Names become parts of paths.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Everything that runs here and is not wanted by the manifest is a candidate to stop.
    private mutating func manifest(_ message: TaskManifestMessage, _ wanted: [TaskID]) -> [SessionAction] {
        let timeline = message.timeline ?? 0
        guard timeline > highestSequence else { return [] }
        highestSequence = timeline
        let isOther = epoch != timeline >> Self.epochShift
        epoch = timeline >> Self.epochShift
        return compared(message, wanted) + (isOther ? [.repeatReports] : [])
    }

    /// The counter takes the lower bits.
    private static let epochShift: Int64 = 40

    private mutating func compared(_ message: TaskManifestMessage, _ wanted: [TaskID]) -> [SessionAction] {
        let ack = AckRequest(
            cluster: message.clusterArn, containerInstance: message.containerInstanceArn, messageId: message.messageId)
        let known = Set(message.tasks.filter { $0.desiredStatus == "RUNNING" }.compactMap(\.taskArn))
        let candidates = wanted.filter { !known.contains($0.arn) }
        guard !candidates.isEmpty else { return [.send(.ack(ack))] }
        verifying = Verification(manifest: message.messageId, candidates: Set(candidates))
        isOverdue = false
        let identifiers = candidates.map {
            TaskIdentifier(taskArn: $0.arn, taskClusterArn: $0.cluster.arn, desiredStatus: "STOPPED")
        }
        let verification = TaskStopVerificationMessage(messageId: message.messageId, stopCandidates: identifiers)
        return [.beginVerification, .send(.ack(ack)), .send(.stopVerification(verification))]
    }

    private mutating func verified(_ message: TaskStopVerificationAck) -> [SessionAction] {
        guard let asked = verifying, asked.manifest == message.messageId else { return [] }
        verifying = nil
        let stopping = message.stopTasks.compactMap { $0.taskArn.flatMap(TaskID.init(arn:)) }
        // One that may stay became this host's after the manifest was made: what it said before that was not for it yet.
        let isAnyLeft = !asked.candidates.subtracting(stopping).isEmpty
        return [.endVerification(stopping: stopping)] + (isAnyLeft ? [.repeatReports] : [])
    }

    private func nack(_ cluster: String?, _ instance: String?, _ message: String) -> SessionAction {
        var nack = NackRequest()
        nack.cluster = cluster
        nack.containerInstance = instance
        nack.messageId = message
        nack.reason = "Updates are disabled"
        return .send(.nack(nack))
    }
}
