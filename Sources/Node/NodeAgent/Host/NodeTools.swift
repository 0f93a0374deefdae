import Domain
import Identifiers
import Logging
import Synchronization
import TaskNetwork
import TaskRuntime

/// What the runners of a host share.
final class NodeTools: Sendable {
    let runtime: any TaskRuntime
    let network: any TaskNetwork
    let reporter: any TaskReporter
    let directory: NodeDirectory
    let clock: any NodeClock
    let logger: Logger
    let ports: Mutex<HostPorts>
    /// Bounds pulls and creations, which are heavy on disk and processor.
    let heavy: Turnstile
    /// One at a time looks whether an image is here or removes one: what a task was told is here stays for it.
    let imageStore = Turnstile(1)
    let listening: @Sendable () -> Set<Port>
    let resolver: @Sendable () -> String

    var files: TaskFiles { TaskFiles(directory: directory) }
    var store: RunnerStore { RunnerStore(directory: directory) }

    init(
        runtime: any TaskRuntime, network: any TaskNetwork, reporter: any TaskReporter, directory: NodeDirectory,
        clock: any NodeClock, logger: Logger, reservedPorts: [Port] = [], heavyWidth: Int = 8,
        listening: @escaping @Sendable () -> Set<Port> = ListeningPorts.current,
        resolver: @escaping @Sendable () -> String = ResolverFile.host
    ) {
        self.runtime = runtime
        self.network = network
        self.reporter = reporter
        self.directory = directory
        self.clock = clock
        self.logger = logger
        self.listening = listening
        self.resolver = resolver
        ports = Mutex(HostPorts(reserved: reservedPorts))
        heavy = Turnstile(heavyWidth)
    }
}

/// Tells the control plane what became of tasks.
protocol TaskReporter: Sendable {
    /// Returns when the report was taken, or will never be; tries until then.
    ///
    /// - Throws: `CancellationError` only.
    func submit(_ report: ObservedTask, of assignment: TaskAssignment) async throws
}
