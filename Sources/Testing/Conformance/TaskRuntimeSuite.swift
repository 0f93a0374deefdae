public import Domain
public import TaskRuntime

/// What every `TaskRuntime` promises, as checks that a real runtime and a fake both pass.
///
/// The image that `definition` names must be in the local store.
public struct TaskRuntimeSuite: Sendable {
    /// What a container's first process does.
    public enum Process: Hashable, Sendable {
        /// Runs until SIGTERM, then ends with code 143.
        case runs
        case exits(Int)
        case ignoresTerm
    }

    /// A promise that was not kept.
    public struct Violation: Error, CustomStringConvertible {
        public var description: String
    }

    public var runtime: any TaskRuntime
    /// Directory for output; each container gets its own below it.
    public var logDirectory: String
    /// Longest time a runtime may take to show an effect.
    public var patience: Duration
    /// A container of this name whose process behaves so.
    public var definition: @Sendable (String, Process) -> ContainerDefinition

    public init(
        runtime: any TaskRuntime, logDirectory: String, patience: Duration = .seconds(20),
        definition: @escaping @Sendable (String, Process) -> ContainerDefinition
    ) {
        self.runtime = runtime
        self.logDirectory = logDirectory
        self.patience = patience
        self.definition = definition
    }

    /// The promises, one by one.
    public enum Check: String, CaseIterable, Sendable {
        case aContainerIsCreatedThenRuns
        case everyCallMayBeRepeated
        case anExitShowsWithItsCode
        case anExitIsAnEvent
        case termEndsAProcessThatListens
        case stoppingAsksByTermUnlessTheImageSaysOtherwise
        case killEndsAProcessThatDoesNot
        case removalKillsWhatRuns
        case containersOfOneTaskShareIt
        case aMissingImageIsNamed
        case aMissingContainerIsNotFound
        case commandsRunInside
        case statisticsGrow
    }

    /// Runs one check and removes what it made, whatever came of it.
    public func verify(_ check: Check) async throws {
        let task = "suite-" + check.rawValue.lowercased()
        try await runtime.prepareTask(task, limits: TaskLimits(cpu: CPUUnits(512), memory: MemoryMiB(256)))
        let outcome: Result<Void, any Error>
        do {
            try await run(check, task)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for state in try await runtime.containers() where state.task == task { try await runtime.remove(state.id) }
        try await runtime.removeTask(task)
        try outcome.get()
    }

    private func run(_ check: Check, _ task: String) async throws {
        switch check {
        case .aContainerIsCreatedThenRuns: try await createdThenRuns(task)
        case .everyCallMayBeRepeated: try await repeated(task)
        case .anExitShowsWithItsCode: try await exitCode(task)
        case .anExitIsAnEvent: try await exitEvent(task)
        case .termEndsAProcessThatListens: try await term(task)
        case .stoppingAsksByTermUnlessTheImageSaysOtherwise: try await stop(task)
        case .killEndsAProcessThatDoesNot: try await kill(task)
        case .removalKillsWhatRuns: try await removal(task)
        case .containersOfOneTaskShareIt: try await shared(task)
        case .aMissingImageIsNamed: try await missingImage(task)
        case .aMissingContainerIsNotFound: try await missingContainer()
        case .commandsRunInside: try await commands(task)
        case .statisticsGrow: try await statistics(task)
        }
    }
}
