import AWSWire
import AgentGateway
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import ShapeRules
import StateStore
import TaskLifecycle

/// A task's state as its agent sees it, with the member that Berth's own agent adds.
struct TaskStateRequest: JSONReadable, ConstrainedShape, Sendable {
    var shape: ECSShapes.SubmitTaskStateChangeRequest
    /// The network interface of an awsvpc task, once it has one.
    var interface: TaskInterface?

    init(json reader: inout JSONReader) throws(JSONError) {
        var again = reader
        shape = try ECSShapes.SubmitTaskStateChangeRequest(json: &reader)
        let member = try JSONValue(json: &again)["berth"]?["interface"]
        if let address = member?["address"]?.string {
            interface = TaskInterface(address: address, macAddress: member?["macAddress"]?.string ?? "")
        }
    }

    func check(_ checker: inout ShapeChecker) { shape.check(&checker) }
}

/// Takes in what an agent reports of a task.
struct SubmitTaskStateChange: OperationHandler {
    let store: any StateStore
    let reports: AgentReports

    func answer(
        _ request: TaskStateRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.SubmitTaskStateChangeResponse {
        let shape = request.shape
        let task = try taskID(shape.task, shape.cluster, call, .submitTaskStateChange)
        guard let principal = call.principal else { throw .accessDenied("Not signed.") }
        var report = TaskReport(task: task)
        report.status = try Self.status(shape.status)
        report.reason = shape.reason.flatMap { $0.isEmpty ? nil : $0 }
        report.interface = request.interface
        report.pullStartedAt = shape.pullStartedAt?.stored
        report.pullStoppedAt = shape.pullStoppedAt?.stored
        report.executionStoppedAt = shape.executionStoppedAt?.stored
        for container in shape.containers ?? [] { report.containers.append(try ContainerReport(container)) }
        for attachment in shape.attachments ?? [] { report.attachment = try AttachmentStatus(attachment) }
        do throws(ReportError) {
            for attachment in shape.attachments ?? [] {
                try reports.check(attachment: attachment.attachmentArn ?? "", of: task, from: principal)
            }
            try await reports.submit([report], from: principal, now: call.now)
        } catch {
            throw APIFault(error, call, .submitTaskStateChange)
        }
        return ECSShapes.SubmitTaskStateChangeResponse(acknowledgment: call.requestID)
    }

    /// Agents may send states of their own before PENDING; those say nothing more than PENDING does.
    private static func status(_ name: String?) throws(APIFault) -> TaskStatus? {
        guard let name, !name.isEmpty else { return nil }
        if let status = TaskStatus.allCases.first(where: { $0.wire == name }) { return status }
        if ["NONE", "MANIFEST_PULLED", "CREATED"].contains(name) { return .pending }
        throw .invalidParameter("'\(name.prefix(50))' is no task status.")
    }
}

struct SubmitContainerStateChange: OperationHandler {
    let store: any StateStore
    let reports: AgentReports

    func answer(
        _ request: ECSShapes.SubmitContainerStateChangeRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.SubmitContainerStateChangeResponse {
        let task = try taskID(request.task, request.cluster, call, .submitContainerStateChange)
        guard let principal = call.principal else { throw .accessDenied("Not signed.") }
        let container = try ContainerReport(
            ECSShapes.ContainerStateChange(
                containerName: request.containerName, runtimeId: request.runtimeId, exitCode: request.exitCode,
                networkBindings: request.networkBindings, reason: request.reason, status: request.status))
        do throws(ReportError) {
            try await reports.submit(
                [TaskReport(task: task, containers: [container])], from: principal, now: call.now)
        } catch {
            throw APIFault(error, call, .submitContainerStateChange)
        }
        return ECSShapes.SubmitContainerStateChangeResponse(acknowledgment: call.requestID)
    }
}

/// Takes in what a host reports of its attachments. Berth attaches none to the host itself: they are its tasks' interfaces.
struct SubmitAttachmentStateChanges: OperationHandler {
    let store: any StateStore
    let reports: AgentReports

    /// What one transaction may change.
    private static let limit = 90

    func answer(
        _ request: ECSShapes.SubmitAttachmentStateChangesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.SubmitAttachmentStateChangesResponse {
        guard case .node(let own) = call.principal else {
            throw .invalidParameter("Attachments are reported by the host that has them.")
        }
        let attachments = request.attachments ?? []
        guard attachments.count <= Self.limit else {
            throw .invalidParameter("attachments can have at most \(Self.limit) elements, got \(attachments.count).")
        }
        let tasks = Dictionary(
            store.committed().tasks(on: own).compactMap { task in task.attachmentID.map { ($0, task.id) } },
            uniquingKeysWith: { first, _ in first })
        var changes: [TaskReport] = []
        for attachment in attachments {
            let arn = attachment.attachmentArn ?? ""
            guard let task = ARN(arn)?.path.last.flatMap({ tasks[$0] }) else {
                throw .invalidParameter("The attachment '\(arn.prefix(200))' is none of this host's.")
            }
            var change = TaskReport(task: task)
            change.attachment = try AttachmentStatus(attachment)
            changes.append(change)
        }
        do throws(ReportError) {
            try await reports.submit(changes, from: .node(own), now: call.now)
        } catch {
            throw APIFault(error, call, .submitAttachmentStateChanges)
        }
        return ECSShapes.SubmitAttachmentStateChangesResponse(acknowledgment: call.requestID)
    }
}

/// The task that an agent reports about: by ARN, or by id within the cluster.
private func taskID(
    _ reference: String?, _ cluster: String?, _ call: APICall, _ operation: ECSOperation
) throws(APIFault) -> TaskID {
    let reference = reference ?? ""
    if let id = TaskID(arn: reference) { return id }
    guard !reference.isEmpty, !reference.hasPrefix("arn:") else { throw .invalidParameter("Task cannot be empty.") }
    return TaskID(cluster: try clusterID(cluster, call.scope), id: reference)
}

extension AttachmentStatus {
    /// nil for `NONE`: nothing happened to it yet.
    fileprivate init?(_ shape: ECSShapes.AttachmentStateChange) throws(APIFault) {
        switch shape.status {
        case "ATTACHED": self = .attached
        case "DETACHED": self = .detached
        case "NONE": return nil
        default: throw .invalidParameter("'\((shape.status ?? "").prefix(50))' is no attachment status.")
        }
    }
}

extension ContainerReport {
    fileprivate init(_ shape: ECSShapes.ContainerStateChange) throws(APIFault) {
        guard let name = shape.containerName, !name.isEmpty else { throw .invalidParameter("Container name is empty.") }
        self.init(name: name)
        switch shape.status {
        case "RUNNING": status = .running
        case "STOPPED": status = .stopped
        case nil, "": status = nil
        default: status = .pending
        }
        exitCode = shape.exitCode
        reason = shape.reason.flatMap { $0.isEmpty ? nil : $0 }
        imageDigest = shape.imageDigest
        runtimeID = shape.runtimeId
        networkBindings = shape.networkBindings.map { $0.compactMap(NetworkBinding.init) }
    }
}

extension NetworkBinding {
    /// nil for what names neither a port nor ranges of one size.
    fileprivate init?(_ shape: ECSShapes.NetworkBinding) {
        let address = shape.bindIP ?? "0.0.0.0"
        let transport: Port.Transport = shape.protocol == "udp" ? .udp : .tcp
        let containers = shape.containerPortRange.flatMap(PortRange.init(text:))
        let hosts = shape.hostPortRange.flatMap(PortRange.init(text:))
        if let containers, let hosts, containers.count == hosts.count {
            self.init(
                bindIP: address, containerPort: containers.first, hostPort: hosts.first, transport: transport,
                portCount: containers.count)
            return
        }
        guard let container = shape.containerPort, let host = shape.hostPort else { return nil }
        self.init(bindIP: address, containerPort: container, hostPort: host, transport: transport)
    }
}

extension APIFault {
    init(_ error: ReportError, _ call: APICall, _ operation: ECSOperation) {
        switch error {
        case .unknownTask: self = .invalidParameter("The referenced task was not found.")
        case .notOwner(let task): self = call.denied(Operation.ecsPrefix + operation.rawValue, on: task.arn)
        case .unknownAttachment: self = .invalidParameter("The referenced attachment was not found.")
        case .unavailable(let reason): self = APIFault(CommitError<APIFault>.unavailable(reason))
        }
    }
}
