import Domain
import TaskRuntime

extension TaskRuntimeSuite {
    func createdThenRuns(_ task: String) async throws {
        let container = plan(task, "one", .runs)
        try await runtime.create(container)
        try require(try await state(container.id)?.status == .created, "a new container is created, not running")
        try await runtime.start(container.id)
        guard let seen = try await state(container.id), case .running(let pid) = seen.status else {
            throw Violation(description: "a started container runs")
        }
        try require(pid > 0, "a running container has a process")
        try require(seen.labels == container.labels, "labels come back as they were given: \(seen.labels)")
        try require(seen.task == task, "a container knows its task")
    }

    func repeated(_ task: String) async throws {
        let container = plan(task, "one", .runs)
        try await runtime.prepareTask(task, limits: TaskLimits(cpu: CPUUnits(256), memory: MemoryMiB(128)))
        try await runtime.create(container)
        try await runtime.create(container)
        try await runtime.start(container.id)
        let first = try await state(container.id)
        try await runtime.start(container.id)
        try await runtime.create(container)
        try require(try await state(container.id) == first, "repeating create and start keeps the process")
        try await runtime.remove(container.id)
        try await runtime.remove(container.id)
        try require(try await runtime.tasks().contains(task), "a prepared task is known without a container")
        try await runtime.removeTask(task)
        try await runtime.removeTask(task)
        try require(!(try await runtime.tasks().contains(task)), "a removed task is known no more")
        try require(try await state(container.id) == nil, "a removed container is gone")
    }

    func exitCode(_ task: String) async throws {
        let id = try await running(task, "one", .exits(7))
        try await eventually("the exit shows with code 7") {
            if case .exited(code: 7, at: .some)? = try await state(id)?.status { true } else { false }
        }
    }

    func exitEvent(_ task: String) async throws {
        let events = try await runtime.events()
        let id = try await running(task, "one", .exits(3))
        let limit = patience
        let code = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                for await event in events {
                    if case .exited(id: id, let code, _, _) = event { return code }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try require(code == 3, "the exit is an event with code 3, not \(String(describing: code))")
    }

    func term(_ task: String) async throws {
        let id = try await running(task, "one", .runs)
        try await eventually("SIGTERM ends it with 143") {
            try await runtime.signal(id, 15, all: false)
            return try await exit(id) == 143
        }
        try await runtime.signal(id, 15, all: false)
    }

    func stop(_ task: String) async throws {
        let id = try await running(task, "one", .runs)
        let deaf = try await running(task, "two", .ignoresTerm)
        try await runtime.stop(deaf)
        try await eventually("stopping is SIGTERM: it ends with 143") {
            try await runtime.stop(id)
            return try await exit(id) == 143
        }
        try await runtime.stop(id)
        try require(try await exit(deaf) == nil, "stopping kills nothing")
        do {
            try await runtime.stop("no-such-container")
        } catch .notFound {
            return
        }
        throw Violation(description: "a missing container cannot be stopped")
    }

    func kill(_ task: String) async throws {
        let id = try await running(task, "one", .ignoresTerm)
        try await runtime.signal(id, 15, all: false)
        try require(try await exit(id) == nil, "a process that ignores SIGTERM runs on")
        try await runtime.signal(id, 9, all: true)
        try await eventually("SIGKILL ends it with 137") { try await exit(id) == 137 }
    }

    func removal(_ task: String) async throws {
        let id = try await running(task, "one", .ignoresTerm)
        try await runtime.remove(id)
        try require(try await state(id) == nil, "a removed container is gone")
    }

    func shared(_ task: String) async throws {
        let first = try await running(task, "one", .runs)
        let second = try await running(task, "two", .runs)
        try await runtime.remove(first)
        try require(try await exit(second) == nil, "removing one container leaves the task's other one alone")
        guard case .running? = try await state(second)?.status else {
            throw Violation(description: "the other container runs on")
        }
    }

    func missingImage(_ task: String) async throws {
        var container = plan(task, "one", .runs)
        container.definition.image = "no-such-image:never"
        do {
            try await runtime.create(container)
        } catch .notFound(let text) {
            return try require(text.contains("no-such-image"), "the error names the image: \(text)")
        } catch {
            throw Violation(description: "a missing image is not found, not \(error)")
        }
        throw Violation(description: "a container without its image cannot be made")
    }

    func missingContainer() async throws {
        do {
            try await runtime.start("no-such-container")
        } catch .notFound {
            return
        } catch {
            throw Violation(description: "a missing container is not found, not \(error)")
        }
        throw Violation(description: "a container that is not there cannot be started")
    }

    func commands(_ task: String) async throws {
        let id = try await running(task, "one", .runs)
        let result = try await runtime.execute(id, command: ["true"], timeout: patience)
        try require(result.exitCode == 0 && !result.timedOut, "a command runs inside: \(result)")
        guard case .running? = try await state(id)?.status else {
            throw Violation(description: "a command that ends leaves the container running")
        }
    }

    func statistics(_ task: String) async throws {
        let id = try await running(task, "one", .runs)
        try await eventually("a running container has used some processor and memory") {
            let seen = try await runtime.statistics(id)
            return seen.cpuNanoseconds > 0 && seen.memoryBytes > 0
        }
    }
}

extension TaskRuntimeSuite {
    func plan(_ task: String, _ name: String, _ process: Process) -> RuntimeContainer {
        RuntimeContainer(
            id: task + "-" + name, task: task, labels: ["purpose": "suite"],
            definition: definition("\(task)-\(name)", process), logDirectory: logDirectory + "/" + task + "-" + name)
    }

    /// Makes and starts a container; its id.
    func running(_ task: String, _ name: String, _ process: Process) async throws -> String {
        let container = plan(task, name, process)
        try await runtime.create(container)
        try await runtime.start(container.id)
        return container.id
    }

    func state(_ id: String) async throws -> RuntimeContainerState? {
        try await runtime.containers().first { $0.id == id }
    }

    /// The exit code, or nil while it has none.
    func exit(_ id: String) async throws -> Int? {
        if case .exited(let code, _)? = try await state(id)?.status { code } else { nil }
    }

    func require(_ kept: Bool, _ promise: String) throws {
        if !kept { throw Violation(description: promise) }
    }

    func eventually(_ promise: String, _ holds: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: patience)
        while try await !holds() {
            if clock.now >= deadline { throw Violation(description: promise) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
