public import Balancer
import Foundation
public import Logging

/// Balances with one HAProxy, which it starts, changes and watches, and which goes on without it.
public actor HAProxyBalancer: Balancer, AccessLogSource {
    /// What must be on the machine.
    public static let program = HAProxyProcess.program

    /// How often `run` looks. Longer fills the pipe of requests; shorter costs wake-ups.
    private static let interval = Duration.milliseconds(100)
    /// The same while a target's first check is due, which longer would delay its first traffic, and while there are many
    /// requests. Shorter costs questions to HAProxy.
    private static let soon = Duration.milliseconds(15)
    /// The longest between two looks at the statistics, when nobody observes.
    private static let pollInterval = Duration.seconds(1)
    /// Lines that wait for `takeAccessLog`.
    private static let mostLines = 10_000

    private nonisolated let executor = QueueExecutor(label: "haproxy")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let files: BalancerFiles
    nonisolated let master: MasterSocket
    nonisolated let logger: Logger
    var process: HAProxyProcess?
    /// nil before the first plan.
    var running: RunningPlan?
    /// Whose servers `running` tells of.
    var lastWorker: Int32 = 0
    /// A HAProxy that ends at once is not started without rest.
    private var nextStart = ContinuousClock.now
    private var nextPoll = ContinuousClock.now
    private var pipe: RequestPipe?
    private var tally = Tally()
    private var batch = LogBatch()
    /// Whether there were so many lines that the next look must come soon.
    private var isBusy = false
    private var accessLog: [AccessLogEntry] = []

    /// - Parameter directory: for configuration, sockets and statistics; made when it is absent. The next process that gets
    ///   the same one finds HAProxy again.
    /// - Throws: `.failed` for a path that sockets cannot have.
    public init(directory: String, logger: Logger) throws(BalancerError) {
        do {
            files = try BalancerFiles(directory: directory)
        } catch {
            throw .failed(error.reason)
        }
        master = MasterSocket(path: files.master)
        self.logger = logger
    }

    public func apply(_ plan: BalancerPlan) async throws(BalancerError) -> [BalancerRefusal] {
        try prepare()
        if living() == nil { return try bring(plan, to: nil) }
        if running == nil { try adopt() }
        return try bring(plan, to: try master.workers())
    }

    public func observe() async throws(BalancerError) -> BalancerObservation {
        try prepare()
        guard living() != nil else { throw .failed("HAProxy does not run; see \(files.log)") }
        if running == nil { try adopt() }
        let table = try poll()
        return BalancerObservation(
            targets: running?.health(in: table) ?? [], loadBalancers: tally.loadBalancers,
            targetGroups: tally.targetGroups)
    }

    public func takeAccessLog() async throws(BalancerError) -> [AccessLogEntry] {
        try prepare()
        drain()
        defer { accessLog = [] }
        return accessLog
    }

    public func tearDown() async throws(BalancerError) {
        if let process = living() { try process.end() }
        process = nil
        running = nil
        pipe = nil
        tally = Tally()
        do {
            if FileManager.default.fileExists(atPath: files.directory) {
                try FileManager.default.removeItem(atPath: files.directory)
            }
        } catch {
            throw .failed("\(files.directory): \(error)")
        }
    }

    /// Restarts HAProxy when it ends, lets targets in that passed their first checks, and reads its log, until cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            drain()
            // Looking at the statistics drains again.
            let isFull = isBusy
            let began = ContinuousClock.now
            do throws(BalancerError) {
                try tick()
            } catch {
                logger.error("the load balancers' HAProxy has trouble", metadata: ["error": "\(error)"])
            }
            let now = ContinuousClock.now
            let rest = isFull || running?.expectsFirstChecks(now) == true ? Self.soon : Self.interval
            // Many groups make a look long; it must not be all that is done, nor keep new targets waiting.
            try await Task.sleep(for: max(rest, min((now - began) * 4, Self.interval)))
        }
    }

    private func tick() throws(BalancerError) {
        guard let running else { return }
        if living() == nil {
            guard .now >= nextStart else { return }
            nextStart = .now + .seconds(1)
            _ = try bring(running.plan, to: nil)
            logger.warning("HAProxy had ended and was started again", metadata: ["log": "\(files.log)"])
        }
        try admit(now: .now)
        if .now >= nextPoll { _ = try poll() }
    }

    // MARK: What is there

    private func prepare() throws(BalancerError) {
        guard pipe == nil else { return }
        do {
            try files.prepare()
            pipe = try RequestPipe(path: files.pipe)
        } catch {
            throw .failed("\(files.directory): \((error as? Unwritable)?.reason ?? "\(error)")")
        }
        if let text = files.read(files.statistics) {
            tally = (try? JSONDecoder().decode(Tally.self, from: Data(text.utf8))) ?? Tally()
        }
    }

    func living() -> HAProxyProcess? {
        if process == nil { process = HAProxyProcess.recorded(files) ?? HAProxyProcess.answering(files) }
        if let process, !process.isAlive { self.process = nil }
        return process
    }

    /// Learns what the HAProxy that runs already was told, from itself.
    private func adopt() throws(BalancerError) {
        let workers = try master.workers()
        running = RunningPlan(
            skeleton: files.read(files.skeleton) ?? "", weights: try weights(of: workers.current),
            states: ServerStates(try master.ask("@!\(workers.current) show servers state")))
        drain()
        _ = try poll()
        tally.resume()
        logger.info("found the load balancers' HAProxy running", metadata: ["pid": "\(process?.pid ?? 0)"])
    }

    private func weights(of worker: Int32) throws(BalancerError) -> [String: Int] {
        var weights: [String: Int] = [:]
        for line in try master.ask("@!\(worker) show map \(files.weights)").split(separator: "\n") {
            // Its place in memory, key, value.
            let words = line.split(separator: " ")
            if words.count == 3, let bound = Int(words[2]) { weights[String(words[1])] = bound }
        }
        return weights
    }

    // MARK: Counting

    private func drain() {
        isBusy =
            pipe?.drain { line in
                // Only lines with details have more.
                guard batch.add(line), let read = LogLine(String(decoding: line, as: UTF8.self)[...]) else { return }
                if let entry = AccessLogEntry(read) { accessLog.append(entry) }
            } ?? false
        batch.take { tally.count($0) }
        if accessLog.count > Self.mostLines { accessLog.removeFirst(accessLog.count - Self.mostLines) }
    }

    /// The current worker's statistics, once all workers' are counted.
    private func poll() throws(BalancerError) -> StatTable {
        nextPoll = .now + Self.pollInterval
        let workers = try master.workers()
        var tables: [Int32: StatTable] = [:]
        for pid in workers.all { tables[pid] = StatTable(try master.ask("@!\(pid) show stat")) }
        drain()
        tally.poll(tables)
        if let running, running.isApplied { tally.forget(besides: running.plan) }
        running?.states = ServerStates(try master.ask("@!\(workers.current) show servers state"))
        do {
            try files.write(String(decoding: try JSONEncoder().encode(tally), as: UTF8.self), to: files.statistics)
        } catch {
            throw .failed("\(files.statistics): \(error)")
        }
        return tables[workers.current] ?? StatTable("")
    }

    /// Counts all workers once more before some of them go.
    func pollBeforeReload() throws(BalancerError) { _ = try poll() }
}
