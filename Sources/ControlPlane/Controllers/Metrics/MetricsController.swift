public import Identifiers
public import Logging
public import MetricStore
public import ServiceLifecycle
public import StateStore
import Domain
import Synchronization

/// Collects metrics once a second: from records, from what agents tell, and from what is seen of traffic.
public struct MetricsController: Service {
    let store: any StateStore
    let metrics: any MarkedMetricStore
    let uses: TaskUseBoard
    let traffic: TrafficBoard
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger
    private let step: SharedStep

    public init(
        store: any StateStore, metrics: any MarkedMetricStore, uses: TaskUseBoard, traffic: TrafficBoard,
        clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.metrics = metrics
        self.uses = uses
        self.traffic = traffic
        self.clock = clock
        self.now = now
        self.logger = logger
        step = SharedStep(MetricsStep(mark: metrics.mark.flatMap { TrafficMark($0) }))
    }

    public func run() async throws {
        try await untilShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follow() }
                group.addTask { try await collect() }
                try await group.waitForAll()
            }
        }
    }

    /// Keeps the counts of records.
    private func follow() async throws {
        while !Task.isCancelled {
            let state = store.committed()
            step.use { $0.begin(with: state) }
            events: for await event in store.watch([.clusters, .services, .tasks, .instances], after: state.revision) {
                switch event {
                case .batch(_, let changes): step.use { $0.apply(changes) }
                case .resync: break events
                }
            }
            // A watch that ends at once must not turn into a busy loop.
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    private func collect() async throws {
        var unsent = UnsentSamples()
        while !Task.isCancelled {
            let time = now()
            // Each second is told at its middle: what belongs to it has come, and no second is missed.
            try await clock.sleep(for: .milliseconds(1500 - (time.milliseconds % 1000 + 1000) % 1000))
            let (told, seen, state) = (uses.take(), traffic.take(), store.committed())
            let tick = now()
            let (samples, mark) = step.use { step in
                (step.tick(now: tick, uses: told, seen: seen, state: state), seen == nil ? nil : step.mark)
            }
            unsent.add(samples, mark)
            await record(&unsent, tick)
        }
    }

    /// What cannot be written is kept for a while, and tried again.
    private func record(_ unsent: inout UnsentSamples, _ time: Timestamp) async {
        do throws(MetricStoreError) {
            try await metrics.record(unsent.samples, mark: unsent.mark?.bytes, now: time)
            unsent.clear()
        } catch {
            switch error {
            case .full(let dropped):
                unsent.clear()
                if unsent.mayComplain(at: time) {
                    logger.warning("there are too many metrics", metadata: ["dropped": "\(dropped)"])
                }
            case .unavailable(let reason):
                if unsent.mayComplain(at: time) {
                    logger.error("metrics cannot be written", metadata: ["reason": "\(reason)"])
                }
            }
        }
    }
}

/// Samples on their way to the store; while that takes none, a bounded number of the newest.
struct UnsentSamples {
    private static let limit = 100_000
    private(set) var samples: [MetricSample] = []
    private(set) var mark: TrafficMark?
    private var complainedAt: Timestamp?

    mutating func add(_ new: [MetricSample], _ mark: TrafficMark?) {
        samples += new
        if samples.count > Self.limit { samples.removeFirst(samples.count - Self.limit) }
        self.mark = mark ?? self.mark
    }

    mutating func clear() {
        samples = []
        mark = nil
    }

    /// Once a minute.
    mutating func mayComplain(at now: Timestamp) -> Bool {
        if let complainedAt, now < complainedAt.adding(.seconds(60)), now >= complainedAt { return false }
        complainedAt = now
        return true
    }
}

/// The step, which two loops share.
private final class SharedStep: Sendable {
    private let step: Mutex<MetricsStep>

    init(_ step: MetricsStep) { self.step = Mutex(step) }

    func use<Result: Sendable>(_ body: (inout MetricsStep) -> Result) -> Result { step.withLock { body(&$0) } }
}
