import Domain
import Identifiers
import Logging
import Synchronization
import TaskNetwork
import TaskRuntime

/// Does what a task's step asks for, and says how it went. No decision lives here.
struct TaskExecutor: Sendable {
    let assignment: TaskAssignment
    let tools: NodeTools

    private var task: String { assignment.task.id }

    /// - Returns: the input for the step; nil when there is nothing to tell.
    func perform(_ action: TaskAction) async throws -> TaskInput? {
        switch action {
        case .reservePorts: return reservePorts()
        case .prepare(let limits): return try await prepare(limits)
        case .attach(let request): return try await attach(request)
        case .resolveImage(let container, let reference): return try await resolve(container, reference)
        case .create(let plan): return try await create(plan)
        case .start(let id): return try await start(id)
        case .signal(let id, let number): return try await signal(id, number)
        case .probe(let id, let command, let timeout): return try await probe(id, command, timeout)
        case .remove(let id): return try await remove(id)
        case .detach(let id): return await detach(id)
        case .releasePorts:
            tools.ports.withLock { $0.release(task) }
            return nil
        case .submit(let report):
            try await tools.reporter.submit(report, of: assignment)
            return .submitted
        case .discard: return try await discard()
        case .finish: return nil
        }
    }

    // MARK: Before containers

    private func reservePorts() -> TaskInput {
        let listening = tools.listening()
        let seed = Int.random(in: 0..<HostPorts.dynamicRange.count)
        do {
            return .portsReserved(
                try tools.ports.withLock { (ports) throws(HostPorts.Conflict) in
                    try ports.reserve(for: assignment, listening: listening, seed: seed)
                })
        } catch {
            return .portsRefused(error.reason)
        }
    }

    private func prepare(_ limits: TaskLimits) async throws -> TaskInput {
        do {
            try tools.files.prepare(assignment)
        } catch {
            return .prepareFailed("unable to make the task's directories: \(error)")
        }
        return try await asking { () throws(RuntimeError) in
            try await tools.runtime.prepareTask(task, limits: limits)
            return .prepared
        } refused: {
            .prepareFailed("unable to set the task's limits: \($0)")
        }
    }

    private func attach(_ request: NetworkRequest) async throws -> TaskInput {
        do {
            return .attached(try await tools.network.attach(request))
        } catch {
            return .attachFailed("unable to set up the task's network: \(error.text)")
        }
    }

    private func resolve(_ container: String, _ reference: String) async throws -> TaskInput {
        let local: TaskInput? = try await tools.imageStore.pass {
            try await asking { () throws(RuntimeError) in
                try await tools.runtime.image(reference).map { .imageReady(container: container, digest: $0.digest) }
            } refused: {
                .imageFailed(container: container, reason: "CannotPullContainerError: \($0)")
            }
        }
        if let local { return local }
        return try await tools.heavy.pass {
            try await asking { () throws(RuntimeError) in
                let image = try await tools.runtime.pull(reference, authorization: nil)
                return .imageReady(container: container, digest: image.digest)
            } refused: {
                .imageFailed(container: container, reason: "CannotPullContainerError: \($0)")
            }
        }
    }

    // MARK: Containers

    private func create(_ plan: ContainerPlan) async throws -> TaskInput {
        let mounts: [BindMount]
        do {
            mounts = try tools.files.mounts(for: plan, of: assignment, resolver: tools.resolver())
        } catch {
            let reason = (error as? TaskFiles.Failure)?.reason ?? "\(error)"
            return .createFailed(id: plan.id, reason: "CannotCreateContainerError: \(reason)")
        }
        var container = RuntimeContainer(
            id: plan.id, task: task, labels: TaskLabels.labels(for: plan.assigned, of: assignment),
            definition: plan.assigned.definition, environment: environment() + plan.links.flatMap(\.environment),
            networkNamespace: plan.attachment?.namespacePath, hostname: TaskFiles.hostname(plan, assignment),
            mounts: mounts, logDirectory: tools.directory.logs(task, plan.assigned.definition.name),
            isManaged: assignment.launchType.isManaged)
        container.pidMode = assignment.pidMode
        container.ipcMode = assignment.ipcMode
        let made = container
        return try await tools.heavy.pass {
            try await asking { () throws(RuntimeError) in
                try await tools.runtime.create(made)
                return .created(id: plan.id)
            } refused: {
                .createFailed(id: plan.id, reason: "CannotCreateContainerError: \($0)")
            }
        }
    }

    private func environment() -> [KeyValue] {
        let region = assignment.task.cluster.scope.region
        return [
            KeyValue(key: "AWS_DEFAULT_REGION", value: region),
            KeyValue(
                key: "AWS_EXECUTION_ENV", value: assignment.launchType.isManaged ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2"),
            KeyValue(key: "AWS_REGION", value: region),
        ]
    }

    private func start(_ id: String) async throws -> TaskInput {
        try await asking { () throws(RuntimeError) in
            try await tools.runtime.start(id)
            return .started(id: id)
        } refused: {
            .startFailed(id: id, reason: "CannotStartContainerError: \($0)")
        }
    }

    /// A process that is gone already needs no signal, but its exit may have been missed: the listing tells.
    private func signal(_ id: String, _ number: SignalNumber) async throws -> TaskInput? {
        let isDelivered = try await asking { () throws(RuntimeError) in
            switch number {
            case .terminate: try await tools.runtime.stop(id)
            case .kill: try await tools.runtime.signal(id, number.rawValue, all: true)
            }
            return true
        } refused: { reason in
            tools.logger.debug("signal not delivered", metadata: ["container": "\(id)", "reason": "\(reason)"])
            return false
        }
        return isDelivered ? nil : try await listing()
    }

    private func listing() async throws -> TaskInput? {
        let asked = tools.clock.now
        return try await asking { () throws(RuntimeError) in
            .listed(try await tools.runtime.containers().filter { $0.task == task }, asked: asked)
        } refused: { _ in
            nil
        }
    }

    private func probe(_ id: String, _ command: [String], _ timeout: Duration) async throws -> TaskInput {
        do {
            let result = try await tools.runtime.execute(id, command: command, timeout: timeout)
            return .probed(id: id, passed: result.exitCode == 0 && !result.timedOut)
        } catch {
            return .probed(id: id, passed: false)
        }
    }

    // MARK: After containers

    private func remove(_ id: String) async throws -> TaskInput {
        try await insisting { () throws(RuntimeError) in try await tools.runtime.remove(id) }
        return .removed(id: id)
    }

    private func detach(_ id: String) async -> TaskInput {
        do {
            try await tools.network.detach(id)
            return .detached(id: id)
        } catch {
            tools.logger.warning("network not removed", metadata: ["attachment": "\(id)", "reason": "\(error.text)"])
            return .detachFailed(id: id)
        }
    }

    private func discard() async throws -> TaskInput {
        try await insisting { () throws(RuntimeError) in try await tools.runtime.removeTask(task) }
        do {
            try tools.files.discard(task)
        } catch {
            tools.logger.warning("task directory not removed", metadata: ["task": "\(task)", "reason": "\(error)"])
        }
        return .discarded
    }

    // MARK: A runtime that does not answer

    /// Asks again while the runtime does not answer: nothing is known then, and every call may be repeated.
    private func asking<Answer: Sendable>(
        _ call: () async throws(RuntimeError) -> Answer, refused: (String) -> Answer
    ) async throws -> Answer {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(5))
        var random = SystemRandomNumberGenerator()
        while true {
            try Task.checkCancellation()
            do {
                return try await call()
            } catch .unavailable {
                try await tools.clock.sleep(for: backoff.next(using: &random))
            } catch {
                return refused(error.text)
            }
        }
    }

    /// Asks again until it is done, less and less often: what stays behind would be seen by nobody else.
    private func insisting(_ call: () async throws(RuntimeError) -> Void) async throws {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(30))
        var random = SystemRandomNumberGenerator()
        while true {
            try Task.checkCancellation()
            do {
                return try await call()
            } catch .notFound {
                return
            } catch {
                tools.logger.debug("not removed yet", metadata: ["task": "\(task)", "reason": "\(error.text)"])
                try await tools.clock.sleep(for: backoff.next(using: &random))
            }
        }
    }
}

extension RuntimeError {
    /// The runtime's own words.
    var text: String { description }
}

extension NetworkError {
    var text: String {
        switch self {
        case .overlap(let text), .exhausted(let text), .failed(let text): text
        case .portTaken(let port, let owner): "host port \(port.number)/\(port.transport.rawValue) is used by \(owner)"
        }
    }
}
