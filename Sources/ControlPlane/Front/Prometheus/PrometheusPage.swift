import Domain
import Identifiers
public import MetricStore
import StateStore

/// What `GET /metrics` tells: the newest of every metric, and the server's own figures.
public struct PrometheusPage: Sendable {
    /// Of this process.
    public struct ProcessFigures: Hashable, Sendable {
        /// Seconds of processor time since it began.
        public var cpuSeconds: Double
        public var residentBytes: Int
        public var openFiles: Int
        /// Seconds since 1970.
        public var startedAt: Double

        public init(cpuSeconds: Double, residentBytes: Int, openFiles: Int, startedAt: Double) {
            self.cpuSeconds = cpuSeconds
            self.residentBytes = residentBytes
            self.openFiles = openFiles
            self.startedAt = startedAt
        }
    }

    /// How long a metric without new values is told, in seconds: what is gone must go here as well.
    private static let freshness: Int64 = 180

    let metrics: any MarkedMetricStore
    let uses: TaskUseBoard
    /// What a caller must show where others than this machine's programs reach the front.
    let token: String
    let process: @Sendable () -> ProcessFigures

    public init(
        metrics: any MarkedMetricStore, uses: TaskUseBoard, token: String,
        process: @escaping @Sendable () -> ProcessFigures
    ) {
        self.metrics = metrics
        self.uses = uses
        self.token = token
        self.process = process
    }

    /// Whether the header `Authorization` shows the token. Takes the same time whatever is in it.
    func admits(_ authorization: String?) -> Bool {
        let wanted = Array("Bearer \(token)".utf8)
        let given = Array((authorization ?? "").utf8)
        var difference = wanted.count ^ given.count
        for index in wanted.indices { difference |= Int(wanted[index] ^ (index < given.count ? given[index] : 0)) }
        return difference == 0 && !token.isEmpty
    }

    func text(
        state: StateSnapshot, presence: HostPresence, requests: [RequestCounts.Key: Int], now: Timestamp
    ) -> [UInt8] {
        var text = PrometheusText()
        own(&text, state, presence, requests)
        newest(&text, now)
        return text.bytes
    }

    // MARK: The server's own

    private func own(
        _ text: inout PrometheusText, _ state: StateSnapshot, _ presence: HostPresence,
        _ requests: [RequestCounts.Key: Int]
    ) {
        let figures = process()
        text.value("process_cpu_seconds_total", .counter, "Processor time of the control plane.", figures.cpuSeconds)
        text.value(
            "process_resident_memory_bytes", .gauge, "Memory of the control plane.", Double(figures.residentBytes))
        text.value("process_open_fds", .gauge, "Open files of the control plane.", Double(figures.openFiles))
        text.value("process_start_time_seconds", .gauge, "When the control plane began.", figures.startedAt)
        text.value("berth_commits_total", .counter, "Commits of the state.", Double(state.revision.value))
        text.value(
            "berth_agents_connected", .gauge, "Hosts whose agent is connected.", Double(presence.connected().count))
        text.family(
            "berth_records", .gauge, "Records by kind.",
            [
                (labels: [("kind", "cluster")], value: Double(state.clusters.count)),
                (labels: [("kind", "instance")], value: Double(state.instances.count)),
                (labels: [("kind", "service")], value: Double(state.services.count)),
                (labels: [("kind", "task")], value: Double(state.tasks.count)),
            ])
        text.family(
            "berth_requests_total", .counter, "API requests by operation and result.",
            requests.sorted { $0.key < $1.key }.map {
                (labels: [("operation", $0.key.operation), ("result", $0.key.result)], value: Double($0.value))
            })
        let (taken, lost) = uses.counts
        text.value("berth_task_uses_total", .counter, "Tellings of agents about a task's use.", Double(taken))
        text.value("berth_task_uses_lost_total", .counter, "Those that came faster than they were taken.", Double(lost))
        let statistics = metrics.statistics
        text.value("berth_metrics", .gauge, "Metrics that are kept.", Double(statistics.metrics))
        text.value(
            "berth_metric_values_refused_total", .counter, "Values of metrics beyond the most that are kept.",
            Double(statistics.refused))
        text.value("berth_metrics_file_bytes", .gauge, "Size of the metrics file.", Double(statistics.fileBytes))
    }

    // MARK: Metrics

    /// The newest values by what CloudWatch calls them, as their average, largest and sum.
    private func newest(_ text: inout PrometheusText, _ now: Timestamp) {
        var families: [String: [MetricSample]] = [:]
        let since = Timestamp(milliseconds: now.milliseconds &- Self.freshness * 1000)
        for sample in metrics.newest(since: since) {
            let name = PrometheusText.name(sample.metric.namespace) + "_" + PrometheusText.name(sample.metric.name)
            families[name, default: []].append(sample)
        }
        for (name, samples) in families.sorted(by: { $0.key < $1.key }) {
            let sorted = samples.sorted { ($0.metric, $0.unit.rawValue) < ($1.metric, $1.unit.rawValue) }
            let metric = sorted.first?.metric
            let help = "\(metric?.namespace ?? "") \(metric?.name ?? "") of the newest moment"
            let told = Self.told(sorted)
            for (statistic, value) in Self.statistics {
                text.family(
                    "\(name)_\(statistic)", .gauge, "\(help), \(statistic).",
                    told.map { (labels: $0.labels, value: value($0.sample.statistics)) })
            }
        }
    }

    /// Of metrics that Prometheus could not tell apart, such as `My Metric` and `My_Metric`, the first.
    private static func told(_ samples: [MetricSample]) -> [(labels: [(String, String)], sample: MetricSample)] {
        var seen: Set<[KeyValue]> = []
        return samples.compactMap { sample in
            let labels = labels(of: sample)
            let key = labels.map { KeyValue(key: $0.0, value: $0.1) }.sorted { ($0.key, $0.value) < ($1.key, $1.value) }
            return seen.insert(key).inserted ? (labels, sample) : nil
        }
    }

    private static let statistics: [(String, @Sendable (StatisticSet) -> Double)] = [
        ("average", { $0.average ?? 0 }), ("maximum", { $0.maximum }), ("sum", { $0.sum }),
    ]

    private static func labels(of sample: MetricSample) -> [(String, String)] {
        var labels = sample.metric.dimensions.map { (PrometheusText.name($0.key), $0.value) }
        if sample.unit != .none { labels.append(("unit", sample.unit.rawValue)) }
        // Prometheus takes no name twice; names of dimensions that differ may give one.
        var seen: Set<String> = []
        return labels.filter { seen.insert($0.0).inserted }
    }
}
